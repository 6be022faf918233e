"""Jobs of the room: reading large files, looking at feeds."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress

from django.db import connection, transaction
from procrastinate.contrib.django import app
from procrastinate.exceptions import AlreadyEnqueued

from resmi.registry.importing import comparing, feeds, staging


@contextmanager
def _own_connection() -> Iterator[None]:
    """Leaves no connection open in the job's thread, where it would outlive the server."""
    try:
        yield
    finally:
        if not connection.in_atomic_block:
            connection.close()


@app.task(name="registry.read_import", queue="registry", retry=3)
def read_import(staged_id: int) -> None:
    """Reads and compares one staged file; goes on where a killed job stopped."""
    with _own_connection():
        comparing.read(staged_id)


@app.periodic(cron="*/2 * * * *")
@app.task(name="registry.resume_imports", queueing_lock="registry.resume_imports")
def resume_imports(timestamp: int) -> None:
    """Asks for what is being read, in case the process that began it is gone."""
    with _own_connection():
        for staged_id in staging.being_read():
            job = read_import.configure(queueing_lock=f"import:{staged_id}")
            with suppress(AlreadyEnqueued), transaction.atomic():
                job.defer(staged_id=staged_id)


@app.task(name="registry.look_at_feed", queue="registry")
def look_at_feed(register_id: int) -> None:
    """Looks at one list's feed."""
    with _own_connection():
        feeds.look(register_id)


@app.periodic(cron="*/10 * * * *")
@app.task(name="registry.look_at_feeds", queueing_lock="registry.look_at_feeds")
def look_at_feeds(timestamp: int) -> None:
    """Asks for a look at every feed that is due."""
    with _own_connection():
        for register_id in feeds.due():
            job = look_at_feed.configure(queueing_lock=f"feed:{register_id}")
            with suppress(AlreadyEnqueued), transaction.atomic():
                job.defer(register_id=register_id)
