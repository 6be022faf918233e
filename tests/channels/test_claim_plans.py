"""A claim stays cheap however much waits, also one that was planned while nothing did."""

import asyncio
from datetime import timedelta

import psycopg
import pytest
from django.db import connection

from resmi.agency import plans
from resmi.channels import intake, pacing, sender, services
from resmi.channels.models import Channel, Delivery
from resmi.operations import measuring
from tests.channels import factories as make

WAITING = 1500
FEW = 50  # rows looked at for each that is taken, far below the number that wait


def rows_read() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_stat_force_next_flush()")
        cursor.execute(
            "SELECT seq_tup_read + idx_tup_fetch FROM pg_stat_user_tables"
            " WHERE relname = 'channels_delivery'"
        )
        return int(cursor.fetchone()[0])


def enqueue(number: Channel, first: int, count: int) -> None:
    services.enqueue(make.outgoing(number.pk, conversation=first + one) for one in range(count))


def counted_after(settled: int) -> Channel:
    """A number whose messages so far all arrived; then the database counted them."""
    number = make.channel(messages_per_second=30_000)
    enqueue(number, -settled, settled)
    Delivery.objects.update(status="read", rank=40)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE channels_delivery")
    return number


async def claimed(claiming: psycopg.AsyncConnection) -> int:
    length = timedelta(seconds=60)
    claims = await pacing.claim(claiming, ["whatsapp"], 400, lease=length, grace=length, begun=[])
    return len(claims.claimed)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("settled", [0, 1500])
def test_a_plan_made_while_hardly_anything_waited_does_not_compare_all_with_all(
    monkeypatch: pytest.MonkeyPatch, settled: int
) -> None:
    """Also not where the table was last counted while it held what was sent, and nothing else."""
    number = counted_after(settled)

    async def run() -> int:
        info = intake.connection_info()
        async with await psycopg.AsyncConnection.connect(info, autocommit=True) as claiming:
            await sender._hurry(claiming)
            await pacing.open_accounts(claiming)
            for conversation in range(8):
                await asyncio.to_thread(queue, conversation + 1, 1)
                await claimed(claiming)
            await asyncio.to_thread(queue, 100, WAITING)
            monkeypatch.setattr(plans, "FRESH_S", 0.0)
            await plans.keep_fresh(claiming)
            return await claimed(claiming)

    def queue(first: int, count: int) -> None:
        enqueue(number, first, count)
        connection.close()

    before = rows_read()
    taken = asyncio.run(run())
    assert taken == 400
    assert Delivery.objects.filter(status="queued").count() >= WAITING - 400
    assert rows_read() - before < FEW * WAITING


@pytest.mark.django_db(transaction=True)
def test_nor_does_the_look_for_what_is_late() -> None:
    enqueue(counted_after(WAITING), 1, WAITING)
    before = rows_read()
    assert measuring.measure().outbound.due_s is not None
    assert rows_read() - before < FEW * WAITING
