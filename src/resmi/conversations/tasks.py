"""Jobs of the room."""

from __future__ import annotations

from contextlib import suppress

from django.db import transaction
from procrastinate.contrib.django import app
from procrastinate.exceptions import AlreadyEnqueued

from resmi.channels.tasks import own_connection
from resmi.conversations import machine, watching
from resmi.engine.machine import Reading

LOCK = "conversations.tell_watchers"


@app.periodic(cron="* * * * *")
@app.task(name="conversations.tell_watchers", queueing_lock=LOCK, lock=LOCK)
def tell_watchers(timestamp: int = 0) -> None:
    """Tells watchers what a new register changed; once a minute, in case nobody asked for it."""
    with own_connection():
        watching.tell_watchers()


@app.task(name="conversations.ask_machine", queue="machine")
def ask_machine(asker: int, conversation_id: int, seq: int, kind: Reading, language: str) -> None:
    """Has a service translate a message, or write down what it says."""
    with own_connection():
        machine.carry_out(
            asker=asker, conversation_id=conversation_id, seq=seq, kind=kind, language=language
        )


def ask_machine_soon(
    *, asker: int, conversation_id: int, seq: int, kind: Reading, language: str
) -> None:
    """Has it done, unless the same is being done already."""
    job = ask_machine.configure(queueing_lock=f"machine:{conversation_id}:{seq}:{kind}:{language}")
    with suppress(AlreadyEnqueued), transaction.atomic():
        job.defer(
            asker=asker, conversation_id=conversation_id, seq=seq, kind=kind, language=language
        )


def tell_watchers_soon() -> None:
    """Has it done at once, unless it is about to be already."""
    with suppress(AlreadyEnqueued), transaction.atomic():
        tell_watchers.defer()
