"""Two who act on one conversation in the same moment: the second sees what the first did."""

from __future__ import annotations

import threading
import time

import pytest
from django.db import connection, connections, transaction

from resmi.agency.models import User
from resmi.conversations import services
from resmi.conversations.models import Conversation
from tests.desk import scenes
from tests.processes import PATIENCE_S

WAITING = """
    SELECT count(*) FROM pg_locks
    WHERE NOT granted AND pg_backend_pid() = ANY(pg_blocking_pids(pid))
"""


def while_taken_over(talk: Conversation, by: User, path: str, other: User, **values: str) -> None:
    """Posts as `other` while `by` takes the conversation over, and waits until both are through."""
    client = scenes.signed_in(other)

    def post() -> None:
        client.post(path.format(talk.pk), {**values, "conversation": talk.pk})
        connections.close_all()

    thread = threading.Thread(target=post)
    with transaction.atomic():
        services.take_over(actor=by, conversation_id=talk.pk)
        thread.start()
        _until_it_waits()
    thread.join(PATIENCE_S)
    assert not thread.is_alive()


def _until_it_waits() -> None:
    deadline = time.monotonic() + PATIENCE_S
    with connection.cursor() as cursor:
        while time.monotonic() < deadline:
            cursor.execute(WAITING)
            if cursor.fetchone()[0]:
                return
            time.sleep(0.01)
    raise AssertionError("nobody waits for the row")


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    ("path", "values"),
    [
        ("/desk/{}/close/", {"reason": "advice_given"}),
        ("/desk/{}/transfer/", {"to": "queue:general"}),
        ("/desk/close/", {"reason": "advice_given"}),
    ],
)
def test_who_lost_a_conversation_a_moment_ago_can_end_or_move_it_no_more(
    path: str, values: dict[str, str]
) -> None:
    scenes.office()
    sari, dewi = scenes.agent("Sari"), scenes.agent("Dewi")
    talk = scenes.held(sari)
    while_taken_over(talk, dewi, path, sari, **values)
    talk.refresh_from_db()
    assert (talk.status, talk.agent_id) == ("assigned", dewi.pk)
