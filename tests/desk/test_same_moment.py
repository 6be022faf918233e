"""Two who act on one conversation in the same moment: the second sees what the first did."""

from __future__ import annotations

import threading
import time
import uuid
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
from django.db import connection, connections, transaction
from django.test import Client
from msgspec import structs

from resmi.agency.models import User
from resmi.conversations import queries, queues, services, team
from resmi.conversations.models import Conversation, Mention
from resmi.routing import queries as routing_queries
from resmi.routing import services as routing
from tests.desk import scenes
from tests.processes import PATIENCE_S

WAITING = """
    SELECT count(*) FROM pg_locks
    WHERE NOT granted AND pg_backend_pid() = ANY(pg_blocking_pids(pid))
"""


def while_taken_over(
    talk: Conversation, by: User, path: str, other: User, *, asks: bool = False, **values: object
) -> int:
    """Posts as `other` while `by` takes the conversation over, and waits until both are through.

    With `asks`, `by` raises a hand at once. The status of the answer to `other`.
    """

    def take_over() -> None:
        services.take_over(actor=by, conversation_id=talk.pk)
        if asks:
            team.ask_help(actor=by, conversation_id=talk.pk)

    said = {**values, "conversation": talk.pk}
    return while_done(take_over, scenes.signed_in(other), path.format(talk.pk), said)


def while_done(do: Callable[[], object], client: Client, path: str, said: dict[str, Any]) -> int:
    """Posts when `do` is done and not committed yet; the status of the answer that waited."""
    statuses = []

    def post() -> None:
        answer = client.post(path, said, headers={"HX-Request": "true"})
        statuses.append(answer.status_code)
        connections.close_all()

    thread = threading.Thread(target=post)
    with transaction.atomic():
        do()
        thread.start()
        _until_it_waits()
    thread.join(PATIENCE_S)
    assert not thread.is_alive()
    return statuses[0]


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


def settings_changed_by(user: User, what: str, agent: User) -> None:
    """A colleague's change of the same settings that a form below shows."""
    now = routing_queries.policy()
    if what == "queue":
        queues.change(actor=user, key="general", settings={"target_s": 77})
    elif what == "agent":
        held = routing_queries.agent_settings(agent.pk)
        routing.configure_agent(
            actor=user, agent_id=agent.pk, data=structs.replace(held, capacity=75)
        )
    else:
        routing.put_policy(actor=user, data=structs.replace(now, away_after_missed=9))


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    ("what", "path", "field"),
    [
        ("queue", "/routing/queues/general/", "target_s"),
        ("agent", "/routing/agents/{}/", "capacity"),
        ("whole", "/routing/whole/", "away_after_missed"),
    ],
)
def test_who_saves_settings_in_the_same_moment_as_a_colleague_is_told(
    what: str, path: str, field: str
) -> None:
    scenes.office()
    rina, agus = scenes.supervisor("Rina"), scenes.supervisor("Agus")
    sari, client = scenes.agent("Sari"), scenes.signed_in(rina)
    path = path.format(sari.pk)
    said = {**as_shown(client, path), field: "50"}
    change = partial(settings_changed_by, agus, what, sari)
    assert while_done(change, client, path, said) == 422
    assert as_shown(client, path)[field] in (9, 75, 77)


@pytest.mark.django_db(transaction=True)
def test_two_who_change_different_settings_in_the_same_moment_both_succeed() -> None:
    scenes.office()
    rina, agus = scenes.supervisor("Rina"), scenes.supervisor("Agus")
    names = {"name_en": "Lunch", "name_id": "Istirahat siang", "name_ko": "점심"}
    said = {**names, "most_min": "30", "do": "save", "once": str(uuid.uuid4())}
    change = partial(settings_changed_by, agus, "whole", rina)
    client = scenes.signed_in(rina)
    assert while_done(change, client, "/routing/breaks/new/", said) == 302
    now = routing_queries.policy()
    assert (now.away_after_missed, [one.key for one in now.breaks]) == (9, ["lunch"])


@pytest.mark.django_db
def test_a_settings_form_that_arrives_twice_is_nobody_elses_change() -> None:
    scenes.office()
    client = scenes.signed_in(scenes.supervisor("Rina"))
    said = {**as_shown(client, "/routing/whole/"), "away_after_missed": "7"}
    for _arrival in range(2):
        assert client.post("/routing/whole/", said).status_code == 302


def as_shown(client: Client, path: str) -> dict[str, Any]:
    """What a browser would send of a form as it is shown."""
    context = client.get(path).context
    values = {name: context["form"][name].value() for name in context["form"].fields}
    kept = {name: value for name, value in values.items() if value not in (None, False)}
    return {**kept, "seen": context["seen"], "do": "save", "once": str(uuid.uuid4())}
