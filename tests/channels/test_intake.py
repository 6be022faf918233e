import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg
import psycopg_pool
import pytest
from django.db import connection, transaction

from resmi.channels import intake, items
from resmi.channels.models import Inbound
from resmi.channels.partitions import partition_of

NOW = datetime(2026, 11, 1, 12, 0, tzinfo=UTC)


def row(*, key: str = "k", **more: Any) -> intake.NewInbound:
    return intake.NewInbound(
        **{
            "channel": None,
            "kind": "message",
            "subkind": "text",
            "key": key,
            "contact_key": "whatsapp::628",
            "occurred_at": NOW,
            "raw": b'{"a": 1}',
            "envelope": b"{}",
            **more,
        }
    )


def store(*batches: Sequence[intake.NewInbound]) -> list[frozenset[str]]:
    async def run() -> list[frozenset[str]]:
        async with pool() as opened:
            return list(await asyncio.gather(*(intake.store(opened, one) for one in batches)))

    return asyncio.run(run())


def pool() -> psycopg_pool.AsyncConnectionPool:
    return psycopg_pool.AsyncConnectionPool(
        intake.connection_info(), kwargs={"autocommit": True}, min_size=1, max_size=4, open=False
    )


def listening() -> psycopg.Connection:
    listener = psycopg.connect(intake.connection_info(), autocommit=True)
    listener.execute("LISTEN resmi_inbound")
    return listener


@pytest.mark.django_db(transaction=True)
def test_rows_are_stored_in_their_order_with_everything_they_hold() -> None:
    new = store([row(key="b", raw=b"\x00\xff"), row(key="a", occurred_at=None, error="why")])
    assert new == [{"b", "a"}]
    first, second = Inbound.objects.order_by("id")
    assert (first.key, bytes(first.raw), first.occurred_at) == ("b", b"\x00\xff", NOW)
    assert (second.key, second.occurred_at, second.error) == ("a", None, "why")
    assert first.partition == partition_of("whatsapp::628")
    assert first.received_at is not None


@pytest.mark.django_db(transaction=True)
def test_a_key_is_stored_once_however_often_it_comes() -> None:
    rows = [row(key=str(number)) for number in range(20)]
    answers = store(rows, rows, [*rows, *rows], rows[::-1])
    assert sum(len(new) for new in answers) == 20
    assert Inbound.objects.count() == 20


@pytest.mark.django_db(transaction=True)
def test_workers_are_woken_by_new_rows_only() -> None:
    with listening() as listener:
        store([row()])
        assert len(list(listener.notifies(timeout=60, stop_after=1))) == 1
        store([row()])
        assert list(listener.notifies(timeout=0.2, stop_after=1)) == []


@pytest.mark.django_db(transaction=True)
def test_storing_nothing_asks_nothing_of_the_database() -> None:
    assert store([]) == [frozenset()]


@pytest.mark.django_db(transaction=True)
def test_connections_a_restarted_server_left_dead_are_replaced() -> None:
    async def run() -> frozenset[str]:
        async with pool() as opened:
            await asyncio.gather(*(intake.store(opened, [row(key=key)]) for key in "abcd"))
            with psycopg.connect(intake.connection_info(), autocommit=True) as killer:
                killer.execute(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                    " WHERE datname = current_database() AND pid <> pg_backend_pid()"
                )
            return await intake.store(opened, [row(key="after")])

    connection.close()  # an earlier test may have left it open: it would be among the dead
    assert asyncio.run(run()) == {"after"}


OWN: list[tuple[intake.Own, str, str]] = [
    (
        items.TimerDue(conversation=7, kind="bot_idle", due_at=NOW),
        "timer",
        "timer:7:bot_idle:2026-11-01T12:00:00+00:00",
    ),
    (items.MediaFetched(conversation=7, provider_id="900", media="u"), "result", "media:3:900"),
    (
        items.DeliveryFailed(conversation=7, ref="7.1.0", code="1", reason="r"),
        "result",
        "failed:7.1.0",
    ),
]


@pytest.mark.django_db
@pytest.mark.parametrize(("item", "kind", "key"), OWN)
def test_our_own_items_are_stored_to_be_read_again(item: intake.Own, kind: str, key: str) -> None:
    intake.put([item], channel=None)
    stored = Inbound.objects.get()
    assert (stored.kind, stored.status) == (kind, "new")
    assert stored.key == key.replace("media:3", "media:")
    assert items.decode(bytes(stored.raw)) == item


@pytest.mark.django_db
def test_our_own_items_are_ordered_with_their_conversation() -> None:
    timer = items.TimerDue(conversation=7, kind="bot_idle", due_at=NOW)
    later = items.TimerDue(conversation=7, kind="bot_idle", due_at=NOW + timedelta(seconds=1))
    intake.put([timer])
    intake.put([later], contact_key="whatsapp::628")
    own, with_contact = Inbound.objects.order_by("id")
    assert own.partition == partition_of("conversation:7")
    assert with_contact.partition == partition_of("whatsapp::628")


@pytest.mark.django_db
def test_an_item_of_ours_is_put_once() -> None:
    timer = items.TimerDue(conversation=7, kind="bot_idle", due_at=NOW)
    intake.put([timer, timer])
    intake.put([timer])
    intake.put([])
    assert Inbound.objects.count() == 1


@pytest.mark.django_db
def test_a_file_given_up_may_still_come() -> None:
    intake.put([items.MediaFetched(conversation=7, provider_id="900", reason="gone")])
    intake.put([items.MediaFetched(conversation=7, provider_id="900", media="u")])
    assert Inbound.objects.count() == 2


@pytest.mark.django_db(transaction=True)
def test_our_own_items_wake_workers_at_commit_and_not_before() -> None:
    timer = items.TimerDue(conversation=7, kind="bot_idle", due_at=NOW)
    with listening() as listener:
        with transaction.atomic():
            intake.put([timer])
            assert list(listener.notifies(timeout=0.2, stop_after=1)) == []
        assert len(list(listener.notifies(timeout=60, stop_after=1))) == 1
