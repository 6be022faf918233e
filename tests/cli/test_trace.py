"""What became of a message, by its name."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import msgspec
import pytest
from django.db.models import F
from typer.testing import CliRunner

from resmi.channels.models import Delivery, Inbound
from resmi.cli import trace
from tests.conversations import factories

pytestmark = pytest.mark.django_db

SAID = b'{"text":{"body":"rahasia"}}'


def traced(name: str) -> tuple[int, str]:
    done = CliRunner().invoke(trace.app, [name])
    return done.exit_code, done.output


def test_an_item_that_was_parked_is_found_with_its_reason_and_not_its_text() -> None:
    channel = factories.channel()
    row = Inbound.objects.create(
        channel=channel,
        kind="message",
        key=f"wa:{channel.address}:m:wamid.1",
        raw=SAID,
        status="parked",
        error="ValueError: a shape nobody knows",
    )
    code, said = traced("wamid.1")
    assert code == 0
    assert "parked" in said
    assert "a shape nobody knows" in said
    assert f"/floor/inbound/{row.pk}/" in said
    assert "rahasia" not in said


def test_an_item_for_a_number_nobody_configured_is_found() -> None:
    factories.channel()
    reason = "phone number id 77 is no channel of ours"
    key = "wa:77:m:wamid.7"
    Inbound.objects.create(kind="message", key=key, raw=SAID, status="parked", error=reason)
    code, said = traced("wamid.7")
    assert code == 0
    assert reason in said


@pytest.mark.parametrize("name", ["wamid.9", "48.12.0"])
def test_a_message_that_went_out_is_found_by_either_name(name: str) -> None:
    Delivery.objects.create(
        ref="48.12.0",
        provider_id="wamid.9",
        channel=factories.channel(),
        conversation=48,
        lane="l",
        recipient={},
        author="bot",
        content=SAID,
        status="failed",
        error="The number is not on WhatsApp.",
        error_code="131026",
    )
    code, said = traced(name)
    assert code == 0
    assert "/desk/48/" in said
    assert "The number is not on WhatsApp. (131026)" in said
    assert "rahasia" not in said


def test_what_never_came_is_said_so() -> None:
    code, said = traced("wamid.none")
    assert code == trace.NOT_FOUND
    assert "did not reach the webhook" in said


def test_a_citizens_number_finds_their_talk_and_last_messages_but_no_older_ones() -> None:
    ayu = msgspec.structs.replace(factories.BUDI, phone="62811223344")
    talk = factories.citizen_says("rahasia", sender=ayu)
    factories.wire("rahasia", sender=ayu, at=datetime.now(UTC) - timedelta(days=8))
    Inbound.objects.filter(kind="message").update(stamp=F("occurred_at"))
    code, said = traced("+62 811-223 344")
    assert code == 0
    assert f"/desk/{talk.pk}/" in said
    assert said.count("(message)") == 1
    assert said.count("out  ") == Delivery.objects.filter(conversation=talk.pk).count() > 0
    assert "rahasia" not in said


def test_a_number_nobody_wrote_from_is_said_to_be_so() -> None:
    code, said = traced("+62 811-000 000")
    assert code == trace.NOT_FOUND
    assert "No talk with" in said
