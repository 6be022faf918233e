from __future__ import annotations

from datetime import UTC, datetime, timedelta

import psycopg
import pytest
from django.db import OperationalError, connection
from hypothesis import given
from hypothesis import strategies as st

from resmi.agency import segments
from resmi.channels import weeks
from resmi.channels.models import Inbound

NOW = datetime(2026, 6, 10, 12, tzinfo=UTC)


def put(key: str, stamp: datetime) -> None:
    Inbound.objects.create(kind="message", key=key, stamp=stamp, raw=b"{}")


def segment_of(key: str) -> str:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT tableoid::regclass::text FROM channels_inbound WHERE key = %s", [key]
        )
        return cursor.fetchone()[0]


@given(st.integers(0, 3_000_000_000))
def test_a_moment_lies_in_the_week_that_begins_on_its_monday(seconds: int) -> None:
    moment = datetime.fromtimestamp(seconds, UTC)
    begin = weeks.begin_of(moment)
    assert begin.weekday() == 0
    assert timedelta(0) <= moment - begin < weeks.WEEK
    assert weeks.begin_named(weeks.name_of(begin)) == begin


def test_this_week_four_more_and_those_of_likely_strays_are_added() -> None:
    strays = [NOW - timedelta(days=30), datetime(1999, 1, 1, tzinfo=UTC)]
    added = weeks.missing({weeks.name_of(weeks.begin_of(NOW))}, strays, NOW)
    assert len(added) == weeks.AHEAD + 1
    assert weeks.begin_of(strays[0]) in added
    assert weeks.begin_of(strays[1]) not in added


@pytest.mark.django_db
def test_items_that_came_before_their_week_had_a_segment_are_moved_into_it() -> None:
    later = datetime.now(UTC) + timedelta(days=300)
    put("early", later)
    assert segment_of("early") == "channels_inbound_other"
    added = weeks.tend(later)
    assert segment_of("early") == weeks.name_of(weeks.begin_of(later))
    assert len(added) == weeks.AHEAD + 1
    assert weeks.tend(later) == []


@pytest.mark.django_db
def test_an_item_with_the_same_time_is_stored_once_in_a_week_that_was_added_late() -> None:
    later = datetime.now(UTC) + timedelta(days=300)
    put("once", later)
    weeks.tend(later)
    Inbound.objects.bulk_create(
        [Inbound(kind="message", key="once", stamp=later, raw=b"{}")], ignore_conflicts=True
    )
    assert Inbound.objects.filter(key="once").count() == 1


@pytest.mark.django_db
def test_an_absurd_time_is_kept_and_troubles_nobody() -> None:
    put("absurd", datetime(2250, 1, 1, tzinfo=UTC))
    weeks.tend(datetime.now(UTC))
    assert segment_of("absurd") == "channels_inbound_other"


@pytest.mark.django_db
def test_a_new_installation_has_segments_for_five_weeks() -> None:
    names = {segment.name for segment in segments.of_table(weeks.TABLE)}
    begin = weeks.begin_of(datetime.now(UTC))
    assert {weeks.name_of(begin + ahead * weeks.WEEK) for ahead in range(5)} <= names


@pytest.mark.django_db(transaction=True)
def test_tending_gives_up_when_somebody_holds_the_table(lasting_database_url: str) -> None:
    segments_before = segments.of_table(weeks.TABLE)
    later = datetime.now(UTC) + timedelta(days=200)
    with psycopg.connect(lasting_database_url) as other:
        other.execute("LOCK TABLE channels_inbound IN ACCESS EXCLUSIVE MODE")
        with pytest.raises(OperationalError, match="lock timeout"):
            weeks.tend(later)
        other.rollback()
    assert segments.of_table(weeks.TABLE) == segments_before
