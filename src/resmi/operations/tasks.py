"""Jobs of the room: segments ahead of what comes, search behind it, retention every night."""

from __future__ import annotations

from datetime import UTC, datetime

from django.db import connection
from procrastinate.contrib.django import app

from resmi.agency import sealing
from resmi.channels import weeks
from resmi.channels.tasks import own_connection
from resmi.contacts import findable
from resmi.conversations import blocks, filling
from resmi.operations import retention

SEARCHED_AT_ONCE = 50_000


@app.periodic(cron="*/5 * * * *")
@app.task(name="operations.tend_segments", queueing_lock="operations.tend_segments")
def tend_segments(timestamp: int) -> None:
    """Adds the segments that will be needed."""
    with own_connection():
        now = datetime.now(UTC)
        weeks.tend(now)
        blocks.tend(now)


@app.periodic(cron="* * * * *")
@app.task(name="operations.fill_search", queueing_lock="operations.fill_search")
def fill_search(timestamp: int) -> None:
    """Puts new messages into search, and citizens who are new or changed."""
    with own_connection():
        findable.fill(most=SEARCHED_AT_ONCE)
        filling.fill(now=datetime.now(UTC), most=SEARCHED_AT_ONCE)


@app.periodic(cron="* * * * *")
@app.task(name="operations.seal_audit", queueing_lock="operations.seal_audit")
def seal_audit(timestamp: int) -> None:
    """Seals audit entries whose own process could not."""
    with own_connection():
        sealing.seal()


@app.periodic(cron="40 2 * * *")
@app.task(name="operations.tidy_tables", queueing_lock="operations.tidy_tables")
def tidy_tables(timestamp: int) -> None:
    """Looks for messages that search missed, and lets the planner know the whole tables.

    PostgreSQL itself analyses segments, but not the table they belong to.
    """
    with own_connection():
        filling.look_again(now=datetime.now(UTC))
        with connection.cursor() as cursor:
            for table in (weeks.TABLE, *blocks.TABLES):
                cursor.execute(f"ANALYZE {table}")


@app.periodic(cron="10 3 * * *")
@app.task(name="operations.apply_retention", queueing_lock="operations.apply_retention")
def apply_retention(timestamp: int) -> None:
    """Drops what is older than the policy keeps; without a policy nothing."""
    with own_connection():
        retention.apply(actor=None, now=datetime.now(UTC))


@app.periodic(cron="17 3 * * *")
@app.task(name="channels.remove_old_files", queueing_lock="channels.remove_old_files")
def remove_old_files(timestamp: int) -> None:
    """Deletes files that were kept as long as the settings say, except those under a hold."""
    with own_connection():
        while retention.remove_old_files(datetime.now(UTC)):
            pass
