from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress
from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from resmi.agency import live
from resmi.agency.live import hub, rules
from resmi.agency.models import LiveEvent


def test_a_stream_that_does_not_drain_its_queue_is_dropped() -> None:
    async def fill() -> bool:
        subscription = hub.Subscription(frozenset({"queues"}))
        for _ in range(hub.QUEUE):
            subscription.put(b"x")
        before = subscription.dropped.is_set()
        subscription.put(b"x")
        return not before and subscription.dropped.is_set()

    assert asyncio.run(fill())


@pytest.mark.django_db
def test_old_events_are_pruned_and_young_ones_kept() -> None:
    live.announce_all([("queues", {"n": 1}), ("queues", {"n": 2})])
    old = LiveEvent.objects.earliest("id")
    LiveEvent.objects.filter(pk=old.pk).update(
        at=timezone.now() - timedelta(seconds=rules.KEEP_S * 2 + 1)
    )
    with connection.cursor() as cursor:
        cursor.execute(hub.PRUNE, [rules.KEEP_S * 2])
    assert [event.data for event in LiveEvent.objects.all()] == [{"n": 2}]


@pytest.mark.django_db
def test_announcing_nothing_asks_the_database_nothing(
    django_assert_num_queries: object,
) -> None:
    with django_assert_num_queries(0):  # type: ignore[operator]
        live.announce_all([])


@pytest.mark.django_db
def test_many_announcements_take_one_query(django_assert_num_queries: object) -> None:
    with django_assert_num_queries(1):  # type: ignore[operator]
        live.announce_all((f"conversation:{number}", {"seq": number}) for number in range(50))
    (bundle,) = LiveEvent.objects.all()
    assert bundle.topic == "conversation:*"
    assert bundle.data == {str(number): {"seq": number} for number in range(50)}


class _Deaf:
    """A connection whose reader swallows the cancellation of its task, as wait_for in 3.11 may."""

    entered = 0

    async def __aenter__(self) -> _Deaf:
        _Deaf.entered += 1
        return self

    async def __aexit__(self, *_: object) -> None:
        await asyncio.sleep(0.02)

    async def execute(self, query: str, values: object = None) -> _Deaf:
        return self

    async def fetchone(self) -> tuple[int, int]:
        return (1, 2)

    async def fetchall(self) -> list[tuple[str, str]]:
        return []

    async def notifies(self, timeout: float) -> AsyncIterator[object]:
        with suppress(asyncio.CancelledError):
            await asyncio.sleep(timeout)
        return
        yield


def test_a_stream_opened_while_the_last_one_closes_is_served(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The task of the closed one ends late; it must not stop what the new one began."""

    async def connect() -> _Deaf:
        return _Deaf()

    async def reopen() -> bool:
        here = hub.Hub()
        here.unsubscribe(await here.subscribe(frozenset({"queues"})))
        second = await here.subscribe(frozenset({"queues"}))
        await asyncio.sleep(0.1)  # the first task has ended meanwhile
        try:
            return await served(here)
        finally:
            here.unsubscribe(second)
            await asyncio.sleep(0.1)

    async def served(here: hub.Hub) -> bool:
        with suppress(TimeoutError):
            here.unsubscribe(await here.subscribe(frozenset({"queues"})))
            return True
        return False

    monkeypatch.setattr(hub, "_connect", connect)
    monkeypatch.setattr(hub, "PATIENCE_S", 5.0)
    assert asyncio.run(reopen())
