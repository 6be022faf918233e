"""Jobs of the room: counting what is asked about."""

from __future__ import annotations

from django.db import connection
from procrastinate.contrib.django import app

from resmi.desk.register import counting


@app.periodic(cron="*/5 * * * *")
@app.task(name="desk.count_lookups", queue="registry", queueing_lock="desk.count_lookups")
def count_lookups(timestamp: int) -> None:
    """Counts yesterday's and today's look-ups anew."""
    try:
        counting.count()
    finally:
        if not connection.in_atomic_block:
            connection.close()
