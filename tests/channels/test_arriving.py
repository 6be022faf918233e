"""Reports that need no worker: written where they are stored, as a worker would write them."""

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg
import pytest
from django.db import connection
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TransactionTestCase

from resmi.channels import intake, reports, rules, services
from resmi.channels.items import DeliveryReported
from resmi.channels.models import Channel, Delivery, Inbound
from tests.channels import factories as make
from tests.channels.test_intake import pool

PLAIN = ("sent", "delivered", "read")


def row(report: DeliveryReported, channel: int, *, number: int = 0) -> intake.NewInbound:
    return intake.NewInbound(
        channel=channel,
        kind="status",
        subkind=report.status,
        key=f"s:{report.provider_id}:{report.status}:{number}",
        contact_key="whatsapp::628",
        occurred_at=report.at,
        raw=b"{}",
        envelope=b"{}",
        report=report,
    )


def store(rows: Sequence[intake.NewInbound]) -> frozenset[str]:
    async def run() -> frozenset[str]:
        async with pool() as opened:
            return await intake.store(opened, rows)

    return asyncio.run(run())


def queued(number: Channel, **state: Any) -> str:
    """The ref of a delivery in a state."""
    asked = make.outgoing(number.pk)
    services.enqueue([asked])
    Delivery.objects.filter(ref=asked.ref).update(**state)
    return asked.ref


def kept(ref: str) -> tuple[str, int, str | None, list[str]]:
    one = Delivery.objects.get(ref=ref)
    return one.status, one.rank, one.provider_id, [told["status"] for told in one.statuses]


@pytest.mark.django_db(transaction=True)
def test_a_plain_report_is_done_when_it_is_stored() -> None:
    number = make.channel()
    ref = queued(number, status="accepted", rank=10, provider_id="wamid.1")
    store([row(make.report(ref, status), number.pk) for status in ("read", "sent", "delivered")])
    assert kept(ref) == ("read", 40, "wamid.1", ["read", "sent", "delivered"])
    assert set(Inbound.objects.values_list("status", "attempts")) == {("done", 1)}
    assert all(Inbound.objects.values_list("done_at", flat=True))


@pytest.mark.django_db(transaction=True)
def test_what_came_before_is_not_told_twice() -> None:
    number = make.channel()
    ref = queued(number, status="accepted", rank=10)
    told = row(make.report(ref, "sent"), number.pk)
    assert store([told, told]) == {told.key}
    assert store([told]) == frozenset()
    assert kept(ref)[3] == ["sent"]


@pytest.mark.django_db(transaction=True)
def test_a_report_may_come_before_the_answer_to_our_post() -> None:
    number = make.channel()
    ref = queued(number, status="sending", rank=5)
    store([row(make.report(ref, "delivered", "wamid.9"), number.pk)])
    assert kept(ref)[:3] == ("delivered", 30, "wamid.9")


@pytest.mark.django_db(transaction=True)
def test_a_report_about_a_try_given_up_moves_nothing() -> None:
    number = make.channel()
    ref = queued(number, superseded=["wamid.1"])
    store([row(make.report(ref, "read", "wamid.1"), number.pk)])
    assert kept(ref) == ("queued", 0, None, ["read"])


@pytest.mark.django_db(transaction=True)
def test_workers_get_what_no_delivery_of_ours_is_known_for() -> None:
    number = make.channel()
    with psycopg.connect(intake.connection_info(), autocommit=True) as listener:
        listener.execute("LISTEN resmi_inbound")
        store([row(make.report("404.1.1", "sent"), number.pk)])
        assert len(list(listener.notifies(timeout=60, stop_after=1))) == 1
    assert list(Inbound.objects.values_list("status", flat=True)) == ["new"]


@pytest.mark.django_db(transaction=True)
def test_a_delivery_somebody_writes_is_not_waited_for() -> None:
    number = make.channel()
    ref, free = queued(number, status="accepted", rank=10), queued(number, status="sent", rank=20)
    with psycopg.connect(intake.connection_info()) as other:
        other.execute("SELECT 1 FROM channels_delivery WHERE ref = %s FOR UPDATE", [ref])
        store(
            [
                row(make.report(ref, "sent", "wamid.1"), number.pk),
                row(make.report(free, "read", "wamid.2"), number.pk),
            ]
        )
    assert dict(Inbound.objects.values_list("subkind", "status")) == {"sent": "new", "read": "done"}
    assert (kept(ref)[0], kept(free)[0]) == ("accepted", "read")


@pytest.mark.django_db(transaction=True)
def test_a_report_that_can_not_be_written_is_stored_for_a_worker() -> None:
    number = make.channel()
    queued(number, status="accepted", rank=10, provider_id="wamid.1")
    other = queued(number, status="accepted", rank=10)
    taken = row(make.report(other, "read", "wamid.1"), number.pk)
    assert store([taken]) == {taken.key}
    assert Inbound.objects.get().status == "new"
    assert kept(other) == ("accepted", 10, None, [])


@pytest.mark.django_db(transaction=True)
def test_open_screens_hear_what_changed_and_nothing_else() -> None:
    number = make.channel()
    changed = queued(number, status="accepted", rank=10, conversation=7)
    same = queued(number, status="read", rank=40, conversation=8)
    store(
        [
            row(make.report(changed, "delivered", "wamid.1"), number.pk),
            row(make.report(same, "sent", "wamid.2"), number.pk),
        ]
    )
    with connection.cursor() as cursor:
        cursor.execute("SELECT topic, data::text FROM agency_liveevent")
        assert cursor.fetchall() == [("conversation:*", '{"7": {"status": "delivered"}}')]


@pytest.mark.django_db(transaction=True)
def test_a_failure_and_a_parked_item_are_not_touched_here() -> None:
    number = make.channel()
    ref = queued(number, status="accepted", rank=10)
    parked = intake.NewInbound(
        channel=None,
        kind="status",
        subkind="sent",
        key="parked",
        contact_key="",
        occurred_at=make.OPEN,
        raw=b"{}",
        envelope=b"{}",
        status="parked",
        report=make.report(ref, "sent"),
    )
    store([parked, row(make.report(ref, "read", "wamid.3"), number.pk)])
    assert kept(ref)[3] == ["read"]
    assert Inbound.objects.get(key="parked").status == "parked"


class AsAWorkerWould(TransactionTestCase):
    @settings(max_examples=25, deadline=None)
    @given(
        st.sampled_from([name for name in rules.RANK if name != "queued"]),
        st.booleans(),
        st.lists(st.tuples(st.sampled_from(PLAIN), st.sampled_from(["w1", "w2"])), min_size=1),
        st.booleans(),
    )
    def test_the_end_is_the_same(
        self, status: str, is_named: bool, told: list[tuple[str, str]], gave_up: bool
    ) -> None:
        Delivery.objects.all().delete()
        number = make.channel()
        state = {
            "status": status,
            "rank": rules.RANK[status],
            "provider_id": "w1" if is_named else None,
            "superseded": ["w2"] if gave_up else [],
            "error": "before",
        }
        said = [
            make.report("", one, name, at=datetime(2026, 1, 6, tzinfo=UTC) + timedelta(seconds=n))
            for n, (one, name) in enumerate(told)
        ]
        first, second = queued(number, **state), queued(make.channel(), **state)
        store([row(_about(first, one), number.pk, number=n) for n, one in enumerate(said)])
        reports.record_reports([_about(second, one) for one in said])
        here, there = Delivery.objects.get(ref=first), Delivery.objects.get(ref=second)
        assert kept(first)[:2] == kept(second)[:2]
        assert kept(first)[3] == kept(second)[3]
        assert (here.provider_id is None) == (there.provider_id is None)
        assert here.status == status or here.error == there.error == ""


def _about(ref: str, report: DeliveryReported) -> DeliveryReported:
    return DeliveryReported(
        ref=ref, provider_id=report.provider_id, status=report.status, at=report.at
    )
