"""What a test commits is gone before the next one begins."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor

import psycopg
import pytest
from django.core.cache import cache
from django.core.management import call_command
from django.db import connection

from resmi.channels import tasks
from resmi.conversations import services
from tests.desk import scenes
from tests.emptying import KEPT
from tests.processes import PATIENCE_S

WAITING = """
    SELECT FROM pg_stat_activity
    WHERE datname = current_database() AND wait_event_type = 'Lock'
"""
TABLES = """
    SELECT relname FROM pg_class
    WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p') AND NOT relispartition
"""


@pytest.mark.django_db(transaction=True)
def test_every_table_is_emptied_after_a_test_that_commits() -> None:
    scenes.office()
    services.add_note(
        actor=scenes.supervisor(), conversation_id=scenes.with_bot().pk, body="Catatan"
    )
    cache.set("guesses", 5)
    tasks.upload_media.defer(media_id="1", channel_id=1)
    assert {"agency_cache", "conversations_event", "procrastinate_jobs"} <= filled()
    call_command("flush", interactive=False, verbosity=0)
    assert filled() == set(KEPT)


@pytest.mark.django_db(transaction=True)
def test_what_another_process_is_still_committing_goes_too(database_url: str) -> None:
    with psycopg.connect(database_url) as other, ThreadPoolExecutor(1) as beside:
        other.execute("INSERT INTO agency_cache VALUES ('guesses', '5', now())")
        committed = beside.submit(commit_once_waited_for, other, database_url)
        call_command("flush", interactive=False, verbosity=0)
        committed.result()
    assert filled() == set(KEPT)


def commit_once_waited_for(writer: psycopg.Connection, database_url: str) -> None:
    with psycopg.connect(database_url, autocommit=True) as watcher:
        deadline = time.monotonic() + PATIENCE_S
        while not watcher.execute(WAITING).fetchall() and time.monotonic() < deadline:
            time.sleep(0.01)
    writer.commit()


def filled() -> set[str]:
    """The tables that hold something."""
    with connection.cursor() as cursor:
        cursor.execute(TABLES)
        names = [name for (name,) in cursor.fetchall()]
        cursor.execute(
            " UNION ALL ".join(
                f"SELECT '{name}' WHERE EXISTS (SELECT FROM \"{name}\")" for name in names
            )
        )
        return {name for (name,) in cursor.fetchall()}
