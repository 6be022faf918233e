"""A database clock that steps back does not leave sending stuck in the future."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import psycopg
import pytest
from django.utils import timezone

from resmi.channels import clocks, services
from resmi.channels.models import Delivery, Pace
from tests.channels import factories

pytestmark = pytest.mark.django_db(transaction=True)

LEASE = timedelta(seconds=60)


def looks(url: str, monkeypatch: pytest.MonkeyPatch, *monotonic: float) -> list[float]:
    """What looks at these moments of the process's own clock find; the database's goes on."""
    moments = iter(monotonic)
    monkeypatch.setattr(clocks, "time", type("T", (), {"monotonic": lambda: next(moments)}))

    async def look() -> list[float]:
        clock = clocks.Clock()
        async with await psycopg.AsyncConnection.connect(url) as connection:
            return [await clock.look(connection, LEASE) for _ in monotonic]

    return asyncio.run(look())


def test_a_step_back_frees_limits_waits_and_claims(
    database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    channel = factories.channel().pk
    services.enqueue([factories.outgoing(channel), factories.outgoing(channel)])
    far = timezone.now() + timedelta(hours=2)
    first, second = Delivery.objects.order_by("id").values_list("pk", flat=True)
    Delivery.objects.filter(pk=first).update(not_before=far)
    Delivery.objects.filter(pk=second).update(status="sending", claimed_until=far)
    Pace.objects.update_or_create(key="lane", defaults={"full_at": far})
    (none, stepped) = looks(database_url, monkeypatch, 1000.0, 1000.0 + 7200.0)
    assert none == 0
    assert stepped == pytest.approx(7200, abs=60)
    soon = timezone.now() + timedelta(seconds=65)
    assert Delivery.objects.get(pk=first).not_before < soon
    claimed_until = Delivery.objects.get(pk=second).claimed_until
    assert claimed_until is not None
    assert claimed_until < soon
    assert Pace.objects.get(key="lane").full_at < soon


@pytest.mark.parametrize("passed", [-7200.0, 0.0, 3.0])
def test_a_clock_that_goes_on_or_jumps_ahead_changes_nothing(
    database_url: str, monkeypatch: pytest.MonkeyPatch, passed: float
) -> None:
    far = timezone.now() + timedelta(hours=2)
    Pace.objects.update_or_create(key="lane", defaults={"full_at": far})
    assert looks(database_url, monkeypatch, 1000.0, 1000.0 + passed) == [0, 0]
    assert Pace.objects.get(key="lane").full_at == far
