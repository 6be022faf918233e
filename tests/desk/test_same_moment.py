"""Two who act on one conversation in the same moment: the second sees what the first did."""

from __future__ import annotations

import threading
import time

import pytest
from django.db import connection, connections, transaction

from resmi.agency.models import User
from resmi.conversations import queries, services, team
from resmi.conversations.models import Conversation, Mention
from tests.desk import scenes

WAITING = "SELECT count(*) FROM pg_locks WHERE NOT granted"


def while_taken_over(
    talk: Conversation, by: User, path: str, other: User, *, asks: bool = False, **values: object
) -> int:
    """Posts as `other` while `by` takes the conversation over, and waits until both are through.

    With `asks`, `by` raises a hand at once. The status of the answer to `other`.
    """
    client, statuses = scenes.signed_in(other), []

    def post() -> None:
        said = {**values, "conversation": talk.pk}
        answer = client.post(path.format(talk.pk), said, headers={"HX-Request": "true"})
        statuses.append(answer.status_code)
        connections.close_all()

    thread = threading.Thread(target=post)
    with transaction.atomic():
        services.take_over(actor=by, conversation_id=talk.pk)
        if asks:
            team.ask_help(actor=by, conversation_id=talk.pk)
        thread.start()
        _until_it_waits()
    thread.join(30)
    return statuses[0]


def _until_it_waits() -> None:
    deadline = time.monotonic() + 20
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


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("act", ["invite", "leave"])
def test_who_lost_a_conversation_a_moment_ago_brings_nobody_in_or_out(act: str) -> None:
    scenes.office()
    sari, dewi, tono = (scenes.agent(name) for name in ("Sari", "Dewi", "Tono"))
    talk = scenes.held(sari)
    if act == "leave":
        team.join(actor=sari, conversation_id=talk.pk, agent_id=tono.pk)
    before = Conversation.objects.get(pk=talk.pk).joined
    status = while_taken_over(talk, dewi, f"/desk/{{}}/{act}/", sari, agent=tono.pk)
    assert (status, Conversation.objects.get(pk=talk.pk).joined) == (409, before)


@pytest.mark.django_db(transaction=True)
def test_the_hand_of_who_took_over_a_moment_ago_stays_up() -> None:
    scenes.office()
    sari, dewi = scenes.agent("Sari"), scenes.agent("Dewi")
    talk = scenes.held(sari)
    team.ask_help(actor=sari, conversation_id=talk.pk)
    assert while_taken_over(talk, dewi, "/desk/{}/hand/lower/", sari, asks=True) == 409
    assert [hand.row.id for hand in queries.floor().hands] == [talk.pk]


@pytest.mark.django_db(transaction=True)
def test_a_whisper_reaches_who_holds_the_conversation_by_now() -> None:
    scenes.office()
    sari, dewi = scenes.agent("Sari"), scenes.agent("Dewi")
    talk = scenes.held(sari)
    rina = scenes.supervisor("Rina")
    while_taken_over(talk, dewi, "/floor/{}/whisper/", rina, body="Please be brief")
    assert Mention.objects.get().account_id == dewi.pk
