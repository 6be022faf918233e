from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from django.db import DatabaseError, connection, transaction
from hypothesis import given
from hypothesis import strategies as st

from resmi.agency import segments
from resmi.conversations import blocks, storing
from resmi.conversations.models import Conversation, Event
from resmi.operations import measuring
from tests.conversations import factories
from tests.conversations.factories import citizen_says


def jump_to(number: int) -> None:
    """The next conversation gets this id."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT setval(pg_get_serial_sequence('conversations_conversation', 'id'), %s, false)",
            [number],
        )


def segments_of(conversation: int) -> set[str]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT DISTINCT tableoid::regclass::text FROM conversations_event "
            "WHERE conversation_id = %s",
            [conversation],
        )
        return {name for (name,) in cursor.fetchall()}


@given(
    last=st.integers(1, 10**7).map(lambda n: n * 100_000),
    newest=st.integers(0, 10**12),
    wide=st.sampled_from([10**5, 10**6, 10**7]),
)
def test_blocks_follow_each_other_and_lie_beyond_the_newest_conversation(
    last: int, newest: int, wide: int
) -> None:
    added = blocks.to_add(last, newest, wide)
    ends = [last, *(block.upper for block in added)]
    assert [block.lower for block in added] == ends[:-1]
    assert all(block.lower < block.upper for block in added)
    assert ends[-1] - newest > wide * blocks.AHEAD - 1
    assert blocks.to_add(ends[-1], newest, wide) == []


def test_a_block_is_as_wide_as_a_month_needs() -> None:
    month = timedelta(days=31)
    assert blocks.width(0, month) == 100_000
    assert blocks.width(100_001, month) == 1_000_000
    assert blocks.width(100_000, timedelta(days=1)) == 10_000_000


@pytest.fixture
def _staffed(db: None) -> Iterator[None]:
    factories.channel()
    factories.queues()
    return


@pytest.mark.usefixtures("_staffed")
def test_a_log_that_had_no_block_is_in_one_afterwards_and_nothing_is_lost() -> None:
    jump_to(7_000_001)
    talk = citizen_says("halo")
    assert segments_of(talk.pk) == {"conversations_event_other"}
    before = Event.objects.filter(conversation=talk).count()
    added = blocks.tend(datetime.now(UTC))
    assert len(added) == 1 + blocks.AHEAD
    assert segments_of(talk.pk) == {blocks.name_of("conversations_event", added[0])}
    assert Event.objects.filter(conversation=talk).count() == before
    for table in blocks.TABLES:
        assert blocks.of_table(table)[-3:] == added
        assert not segments.lacking(table)
    assert blocks.tend(datetime.now(UTC)) == []
    assert citizen_says("menu").pk == talk.pk


@pytest.mark.usefixtures("_staffed")
@pytest.mark.parametrize("number", [0, 8_000_001])
def test_no_segment_lets_an_event_be_changed_or_deleted(number: int) -> None:
    if number:
        jump_to(number)
        talk = citizen_says("halo")
        blocks.tend(datetime.now(UTC))
    else:
        talk = citizen_says("halo")
    (segment,) = segments_of(talk.pk)
    for statement in (
        f"UPDATE {segment} SET type = 'x' WHERE conversation_id = %s",
        f"DELETE FROM {segment} WHERE conversation_id = %s",
        "DELETE FROM conversations_event WHERE conversation_id = %s",
    ):
        with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
            connection.cursor().execute(statement, [talk.pk])


@pytest.mark.usefixtures("_staffed")
def test_ids_move_on_to_the_next_block_when_this_one_is_a_month_old() -> None:
    talk = citizen_says("halo")
    blocks.tend(datetime.now(UTC))
    here = next(b for b in blocks.of_table(blocks.TABLES[0]) if b.lower <= talk.pk < b.upper)
    assert storing.new_ids(1)[0] < here.upper
    Conversation.objects.filter(pk__gte=here.lower, pk__lt=here.upper).update(
        opened_at=datetime.now(UTC) - timedelta(days=32)
    )
    blocks.tend(datetime.now(UTC))
    assert here.upper < storing.new_ids(1)[0] < here.upper + 10


@pytest.mark.usefixtures("_staffed")
def test_a_log_without_a_block_is_alarming_until_it_has_one() -> None:
    blocks.tend(datetime.now(UTC))
    assert measuring.measure().lacking == ()
    jump_to(blocks.of_table(blocks.TABLES[0])[-1].upper + 1)
    citizen_says("halo")
    assert measuring.measure().lacking == ("conversations_event",)
    blocks.tend(datetime.now(UTC))
    assert measuring.measure().lacking == ()


@pytest.mark.usefixtures("_staffed")
def test_a_thread_reads_one_segment_only() -> None:
    talk = citizen_says("halo")
    with connection.cursor() as cursor:
        cursor.execute(
            "EXPLAIN SELECT * FROM conversations_event WHERE conversation_id = %s ORDER BY seq",
            [talk.pk],
        )
        plan = "\n".join(row[0] for row in cursor.fetchall())
    (segment,) = segments_of(talk.pk)
    assert segment in plan
    assert plan.count("conversations_event_") == plan.count(segment)
