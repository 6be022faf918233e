"""Search in what was written long ago, in many segments."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import given
from hypothesis import strategies as st

from resmi.conversations import blocks, filling
from resmi.conversations.queries import search
from resmi.engine.address import Address
from tests.conversations import factories
from tests.conversations.factories import citizen_says

BLOCKS = 13


@given(many=st.integers(1, 1_000), hits=st.integers(0, 10**7))
def test_more_blocks_are_asked_at_once_only_while_they_hold_little(many: int, hits: int) -> None:
    wider = search.at_once(many, hits)
    assert 1 <= wider <= many * search.MOST_WIDER
    assert wider == 1 or wider * hits / many <= search.FETCHED


def test_a_word_nobody_wrote_soon_asks_many_blocks_at_once() -> None:
    assert search.at_once(1, 0) == search.MOST_WIDER
    assert search.at_once(4, search.FETCHED) == 4
    assert search.at_once(4, search.FETCHED // 2) == 8
    assert search.at_once(4, search.FETCHED * 10) == 1


@pytest.fixture
def talks(db: None) -> list[int]:
    """Conversations, each in a segment of its own, oldest first."""
    factories.channel()
    factories.queues()
    made = []
    for number in range(BLOCKS):
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT setval(pg_get_serial_sequence('conversations_conversation', 'id'), %s)",
                [number * blocks.NARROWEST + 7],
            )
        someone = Address(kind="whatsapp", scope="p1", user_id=f"ID.{number}")
        made.append(citizen_says(f"gurita nomor{number}", sender=someone).pk)
        blocks.tend(datetime.now(UTC))
    filling.fill(now=datetime.now(UTC) + timedelta(seconds=1))
    return made


def test_what_was_written_in_many_segments_is_found_newest_first(talks: list[int]) -> None:
    assert len(blocks.begins()) >= BLOCKS
    found = [
        hit.conversation for hit in search.search("gurita", limit=50).hits if hit.speaker != "bot"
    ]
    assert found == talks[::-1]
    assert [hit.conversation for hit in search.search("nomor3").hits][-1:] == [talks[3]]


def test_where_blocks_begin_is_what_their_bounds_say(talks: list[int]) -> None:
    assert blocks.begins() == [block.lower for block in blocks.of_table(blocks.TABLES[0])]
    assert talks


def test_a_word_nobody_wrote_asks_fewer_times_than_there_are_segments(talks: list[int]) -> None:
    with CaptureQueriesContext(connection) as taken:
        assert search.search("paus").hits == ()
    asked = [one for one in taken.captured_queries if "conversations_searchline" in one["sql"]]
    assert len(asked) == 3  # the newest lines, then one block and all others
    assert talks
