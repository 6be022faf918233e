"""Jobs of the room."""

from __future__ import annotations

from contextlib import suppress

from django.db import transaction
from procrastinate.contrib.django import app
from procrastinate.exceptions import AlreadyEnqueued

from resmi.channels.tasks import own_connection
from resmi.conversations import watching

LOCK = "conversations.tell_watchers"


@app.periodic(cron="* * * * *")
@app.task(name="conversations.tell_watchers", queueing_lock=LOCK, lock=LOCK)
def tell_watchers(timestamp: int = 0) -> None:
    """Tells watchers what a new register changed; once a minute, in case nobody asked for it."""
    with own_connection():
        watching.tell_watchers()


def tell_watchers_soon() -> None:
    """Has it done at once, unless it is about to be already."""
    with suppress(AlreadyEnqueued), transaction.atomic():
        tell_watchers.defer()
