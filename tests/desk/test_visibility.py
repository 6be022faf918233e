"""Who sees which conversations, on every address that leads to one."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from resmi.agency import access, rules
from resmi.agency import queries as agency_queries
from resmi.agency import services as agency
from resmi.agency.models import User
from resmi.agency.policy import Policy
from resmi.channels.models import MediaState
from resmi.contacts.models import Contact, Identity
from resmi.conversations import services, team, visibility
from resmi.conversations.models import Conversation, Event
from resmi.routing import services as routing
from resmi.routing.models import Handled
from tests import processes
from tests.agency import streams
from tests.conversations import factories
from tests.desk import scenes

pytestmark = pytest.mark.django_db

SECRET = "Zulkarnaen Rahasia"
THINGS = ("conversation_id", "contact_id", "media_id")


def _patterns(resolver: URLResolver, space: str = "") -> Iterator[tuple[str, URLPattern]]:
    for entry in resolver.url_patterns:
        if isinstance(entry, URLResolver):
            inner = f"{space}{entry.namespace}:" if entry.namespace else space
            yield from _patterns(entry, inner)
        elif entry.name:
            yield space + entry.name, entry


ALL = dict(_patterns(get_resolver()))
WITH_THING = sorted(
    name
    for name, entry in ALL.items()
    if set(entry.pattern.converters) & set(THINGS)
    and not getattr(entry.callback, "public_reason", "")
)
PLAIN = sorted(
    name
    for name, entry in ALL.items()
    if getattr(entry.callback, "permission", "") and not entry.pattern.converters
)


@pytest.fixture(autouse=True)
def _office() -> None:
    scenes.office()


def _queue(key: str) -> str:
    routing.put_queue(actor=None, key=key, settings={"name": key})
    return key


def _in_queue(queue: str, name: str = SECRET) -> Conversation:
    conversation = scenes.waiting(name)
    services.transfer_to_queue(
        actor=scenes.supervisor("Mover"), conversation_id=conversation.pk, queue=queue
    )
    conversation.refresh_from_db()
    return conversation


@pytest.fixture
def narrow() -> User:
    """An agent of the queue `ours`, who sees nothing of the bot."""
    agency.put_policy(actor=None, data=Policy(bot_seen_by_queue_agents=False))
    user = scenes.agent("Sari")
    routing.set_queues(actor=None, agent_id=user.pk, queues=[_queue("ours")])
    return user


@pytest.fixture
def theirs(narrow: User) -> Conversation:
    """A conversation in a queue that is not theirs."""
    return _in_queue(_queue("theirs"))


def _address(name: str, conversation: Conversation) -> str:
    values: dict[str, Any] = {
        "conversation_id": conversation.pk,
        "contact_id": conversation.contact_id,
    }
    if "media_id" in ALL[name].pattern.converters:
        _, file = scenes.with_file(SECRET, state=MediaState.STORED)
        values["media_id"] = file.pk
    others = {argument: values.get(argument, 1) for argument in ALL[name].pattern.converters}
    return reverse(name, kwargs=others)


def _talk(person: Contact, other: User, **fields: Any) -> Conversation:
    """A conversation as it stands, without the log that led to it."""
    agent = fields.pop("agent", None)
    return Conversation.objects.create(
        channel=factories.channel(),
        contact=person,
        identity=person.identities.get(),
        agent=agent and (agent if isinstance(agent, User) else other),
        **{"status": "closed", "head": b"", "state": b"", **fields},
    )


@pytest.mark.parametrize("bot", [True, False])
def test_many_citizens_are_seen_as_each_of_them_is(
    narrow: User, bot: bool, django_assert_max_num_queries: Any
) -> None:
    other = scenes.agent("Dewi")
    kinds: list[list[dict[str, Any]]] = [
        [],
        [{"queue": "ours"}],
        [{"queue": "theirs"}],
        [{"queue": "theirs", "agent": narrow}],
        [{"queue": "theirs", "agent": "other"}],
        [{"queue": ""}],
        [{"queue": "", "status": "bot"}],
        [{"queue": "theirs", "status": "bot"}],
        [{"queue": "ours"}, {"queue": "theirs"}, {"queue": "theirs"}],
        [{"queue": "theirs"}, {"queue": "ours"}],
    ]
    people = [Contact.objects.create(name=f"Siti {number}") for number in range(2 * len(kinds))]
    for number, person in enumerate(people):
        Identity.objects.create(contact=person, kind="whatsapp", user_id=f"ID.S{number}")
        for talk in kinds[number % len(kinds)]:
            made = _talk(person, other, **talk)
            if number >= len(kinds):  # the same once more, with the agent in the log
                Event.objects.create(
                    conversation=made,
                    seq=1,
                    type="note_added",
                    at=datetime.now(UTC),
                    actor={"kind": "agent", "id": str(narrow.pk)},
                    data={},
                    hash=b"",
                )
    agency.put_policy(actor=None, data=Policy(bot_seen_by_queue_agents=bot))
    sight = visibility.sight(narrow)
    ids = [person.pk for person in people]
    with django_assert_max_num_queries(2):
        seen = visibility.visible_contacts(sight, ids)
    assert seen == {one for one in ids if visibility.can_see_contact(narrow, one)}
    assert len(seen) == (16 if bot else 13)


def test_there_are_addresses_to_walk() -> None:
    assert {"desk:conversation", "desk:thread", "desk:media", "desk:close"} <= set(WITH_THING)


@pytest.mark.parametrize("name", WITH_THING)
def test_no_address_of_a_conversation_leads_somebody_of_another_queue_to_it(
    name: str, theirs: Conversation, narrow: User
) -> None:
    client = scenes.signed_in(narrow)
    address = _address(name, theirs)
    permitted = access.can(narrow, getattr(ALL[name].callback, "permission", "use_account"))
    expected = 404 if permitted else 403
    assert client.get(address).status_code == expected
    assert client.post(address, {"mode": "note", "body": "x"}).status_code == expected


@pytest.mark.parametrize("name", PLAIN)
def test_no_page_names_a_citizen_of_another_queue(
    name: str, theirs: Conversation, narrow: User
) -> None:
    page = scenes.signed_in(narrow).get(reverse(name), {"q": "Zulkarnaen", "text": "agent"})
    body = b"".join(page.streaming_content) if page.streaming else page.content  # type: ignore[attr-defined,arg-type]
    assert SECRET.encode() not in body


def test_the_pages_do_name_the_citizens_of_ones_own_queue(narrow: User) -> None:
    conversation = _in_queue("ours")
    client = scenes.signed_in(narrow)
    assert SECRET in client.get("/desk/").content.decode()
    assert client.get(f"/desk/{conversation.pk}/").status_code == 200


def test_the_count_of_those_who_wait_is_of_ones_own_queues(
    theirs: Conversation, narrow: User
) -> None:
    _in_queue("ours", "Budi")
    bar = scenes.signed_in(narrow).get("/desk/bar/").content.decode()
    assert re.search(r"bar__queue.*?</span>\s*1\b", bar, re.DOTALL)


def test_what_one_holds_stays_to_be_seen_after_it_went_to_another_queue(
    theirs: Conversation, narrow: User
) -> None:
    services.transfer_to_agent(
        actor=scenes.supervisor("Rina"), conversation_id=theirs.pk, agent_id=narrow.pk
    )
    assert visibility.can_see(narrow, theirs.pk)
    services.transfer_to_queue(actor=narrow, conversation_id=theirs.pk, queue="theirs")
    assert visibility.can_see(narrow, theirs.pk)


def test_who_is_called_by_a_note_sees_the_conversation(theirs: Conversation, narrow: User) -> None:
    assert not visibility.can_see(narrow, theirs.pk)
    services.add_note(
        actor=scenes.supervisor("Rina"), conversation_id=theirs.pk, body="?", mentions=[narrow.pk]
    )
    assert scenes.signed_in(narrow).get(f"/desk/{theirs.pk}/").status_code == 200


def test_who_is_asked_to_join_sees_the_conversation(narrow: User) -> None:
    dewi = scenes.agent("Dewi")
    conversation = scenes.held(dewi, SECRET)
    assert not visibility.can_see(narrow, conversation.pk)
    team.join(actor=dewi, conversation_id=conversation.pk, agent_id=narrow.pk)
    assert visibility.can_see(narrow, conversation.pk)


def test_the_agency_decides_whether_agents_of_queues_see_the_bot(narrow: User) -> None:
    conversation = scenes.with_bot(SECRET)
    client = scenes.signed_in(narrow)
    assert client.get(f"/desk/{conversation.pk}/").status_code == 404
    agency.put_policy(actor=None, data=Policy(bot_seen_by_queue_agents=True))
    assert client.get(f"/desk/{conversation.pk}/").status_code == 200
    assert SECRET in client.get("/desk/").content.decode()


def test_the_history_leaves_out_what_one_may_not_see(narrow: User) -> None:
    citizen = scenes.citizen(SECRET)
    old = factories.citizen_says("first secret words", sender=citizen)
    dewi = scenes.agent("Dewi")
    services.take_over(actor=dewi, conversation_id=old.pk)
    services.close(actor=dewi, conversation_id=old.pk, reason="advice_given")
    Conversation.objects.filter(pk=old.pk).update(last_preview="first secret words")
    new = factories.citizen_says("agent", sender=citizen)
    services.transfer_to_queue(actor=dewi, conversation_id=new.pk, queue="ours")
    assert "first secret" not in scenes.signed_in(narrow).get(f"/desk/{new.pk}/").content.decode()
    assert "first secret" in scenes.signed_in(dewi).get(f"/desk/{new.pk}/").content.decode()


def test_an_agent_without_queues_sees_all(theirs: Conversation) -> None:
    assert visibility.can_see(scenes.agent("Dewi"), theirs.pk)


def test_a_supervisor_with_queues_sees_all(theirs: Conversation) -> None:
    rina = scenes.supervisor("Rina")
    routing.set_queues(actor=None, agent_id=rina.pk, queues=["ours"])
    assert visibility.can_see(rina, theirs.pk)


def test_nobody_tells_others_that_they_read_what_they_may_not_see(
    theirs: Conversation, narrow: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[str] = []
    monkeypatch.setattr("resmi.agency.live.announce", lambda topic, **_: told.append(topic))
    form = {"conversation": str(theirs.pk)}
    scenes.signed_in(narrow).post("/desk/here/", form)
    assert f"conversation:{theirs.pk}" not in told
    scenes.signed_in(scenes.agent("Dewi")).post("/desk/here/", form)
    assert f"conversation:{theirs.pk}" in told


def _responder() -> User:
    return scenes.supervisor("Wira", role="responder")


def test_a_responder_sees_what_they_are_asked_and_answers_with_a_note(
    theirs: Conversation,
) -> None:
    wira = _responder()
    client = scenes.signed_in(wira)
    assert client.get(f"/desk/{theirs.pk}/").status_code == 404
    services.add_note(
        actor=scenes.supervisor("Rina"), conversation_id=theirs.pk, body="?", mentions=[wira.pk]
    )
    page = client.get(f"/desk/{theirs.pk}/").content.decode()
    assert 'id="composer-form"' in page
    assert "/take-over/" not in page
    write = f"/desk/{theirs.pk}/write/"
    assert client.post(write, {"mode": "note", "body": "Yes."}).status_code == 302
    assert client.post(write, {"mode": "reply", "body": "Yes."}).status_code == 403


def test_an_auditor_reads_conversations_and_finds_nothing_to_press(theirs: Conversation) -> None:
    page = scenes.signed_in(scenes.supervisor("Adi", role="auditor")).get(f"/desk/{theirs.pk}/")
    main = page.content.decode().split("<main")[1].split("</main>")[0]
    assert SECRET in main
    assert "<form" not in main
    assert "hx-post" not in main


CHANGING = sorted(
    name
    for name, entry in ALL.items()
    if getattr(entry.callback, "permission", "") not in ("", "use_account")
)


@pytest.mark.parametrize("name", CHANGING)
def test_an_auditor_changes_nothing(name: str, theirs: Conversation) -> None:
    """Where an auditor may look, a form sent there is refused or changes no row of the agency's."""
    adi = scenes.supervisor("Adi", role="auditor")
    permission = ALL[name].callback.permission  # type: ignore[attr-defined]
    if rules.can("auditor", permission):
        assert permission in rules.OWN_ACCOUNT_ONLY
        return
    assert scenes.signed_in(adi).post(_address(name, theirs)).status_code == 403


def test_files_of_a_conversation_one_may_see_come(narrow: User) -> None:
    conversation, file = scenes.with_file("Budi", state=MediaState.STORED)
    assert not visibility.can_see_file(narrow, file.pk)
    Conversation.objects.filter(pk=conversation.pk).update(queue="ours")
    assert visibility.can_see_file(narrow, file.pk)


def test_a_citizen_is_seen_with_one_of_their_conversations(
    theirs: Conversation, narrow: User
) -> None:
    assert not visibility.can_see_contact(narrow, theirs.contact_id)
    assert visibility.can_see_contact(narrow, _in_queue("ours", "Budi").contact_id)


def test_seeing_costs_few_queries(
    theirs: Conversation, narrow: User, django_assert_num_queries: Any
) -> None:
    agency_queries.assume(Policy())
    with django_assert_num_queries(3):
        assert not visibility.can_see(narrow, theirs.pk)
    everyone = User(pk=0, role="supervisor")
    with django_assert_num_queries(0):
        assert visibility.can_see(everyone, theirs.pk)


def test_what_was_handled_once_is_found_in_the_log(theirs: Conversation, narrow: User) -> None:
    """The list of what was handled is for estimates; it does not open anything."""
    Handled.objects.create(
        agent=narrow,
        conversation=theirs.pk,
        contact=theirs.contact_id,
        kind="whatsapp",
        wait_s=1,
        handle_s=1,
        at=datetime.now(UTC) - timedelta(days=1),
    )
    assert not visibility.can_see(narrow, theirs.pk)


@pytest.mark.django_db(transaction=True)
def test_a_stream_of_a_conversation_one_may_not_see_is_refused(database_url: str) -> None:
    user = scenes.agent("Sari")
    routing.set_queues(actor=None, agent_id=user.pk, queues=[_queue("ours")])
    secret, open_to_all = _in_queue(_queue("theirs")), _in_queue("ours", "Budi")
    key = streams.session_of(user)
    with processes.web(database_url) as server:
        with streams.opened(server.port, key, f"queues,conversation:{secret.pk}") as stream:
            assert stream.status == 403
        with streams.opened(server.port, key, f"conversation:{open_to_all.pk}") as stream:
            assert stream.status == 200
