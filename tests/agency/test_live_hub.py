from __future__ import annotations

import asyncio
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
