from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from resmi.agency.models import AuditEntry
from resmi.channels.models import Delivery, Inbound
from resmi.contacts import rules
from resmi.contacts.models import Contact, Identity
from resmi.contacts.rules import Facts
from resmi.conversations import people, services
from resmi.conversations.models import Conversation, Event
from resmi.engine.address import Address
from resmi.engine.content import Text
from resmi.engine.lifecycle import Refused
from resmi.operations import retention
from resmi.registry.watches.models import Watch
from resmi.routing.models import Handled
from tests.conversations import factories, together
from tests.conversations.factories import citizen_says

OFFICE = Address(kind="whatsapp", scope="p1", user_id="ID.10", phone="628110", profile_name="Budi")
HOME = Address(kind="whatsapp", scope="p1", user_id="ID.11", phone="628111", profile_name="B. S.")
BORN = datetime(2026, 1, 1, tzinfo=UTC)

facts = st.builds(
    Facts,
    name=st.sampled_from(["", "Budi", "B. Santoso"]),
    language=st.sampled_from(["", "id", "ko"]),
    value=st.integers(-2, 2),
    tags=st.lists(st.sampled_from("abc"), unique=True).map(tuple),
    attributes=st.dictionaries(st.sampled_from("xyz"), st.integers(0, 2)),
    opted_out_at=st.none() | st.just(BORN),
    created_at=st.just(BORN),
)
choices = st.dictionaries(
    st.sampled_from(["name", "language", "value", "attribute:x", "attribute:y"]),
    st.sampled_from(["keep", "other", "neither"]),
)


@pytest.fixture
def _staffed(db: None) -> None:
    factories.channel()
    factories.queues()


def close(conversation: Conversation) -> None:
    Conversation.objects.filter(pk=conversation.pk).update(status="closed")


def watch(contact: int, subject: str) -> Watch:
    return Watch.objects.create(
        contact=contact,
        channel=factories.channel().pk,
        subject=subject,
        name=subject,
        standing="licensed",
        started_at=BORN,
    )


def two() -> tuple[Conversation, Conversation]:
    """A citizen's two numbers, known as two people; the first one's conversation is closed."""
    office = citizen_says("halo", sender=OFFICE)
    close(office)
    return office, citizen_says("halo", sender=HOME)


def everything() -> dict[str, list[Any]]:
    """Whose everything is, and what is noted on each contact."""
    return {
        "contacts": list(Contact.objects.order_by("pk").values()),
        "identities": list(Identity.objects.order_by("pk").values_list("pk", "contact_id")),
        "talks": list(
            Conversation.objects.order_by("pk").values_list("pk", "contact_id", "identity_id")
        ),
        "watches": list(Watch.objects.order_by("pk").values_list("pk", "contact")),
        "handled": list(Handled.objects.order_by("pk").values_list("pk", "contact")),
    }


@given(facts, facts, choices)
def test_one_contact_of_two_loses_no_tag_no_key_and_no_refusal(
    keep: Facts, other: Facts, chosen: dict[str, str]
) -> None:
    one = rules.merged(keep, other, chosen)
    assert set(one.tags) == {*keep.tags, *other.tags}
    assert one.attributes.keys() == keep.attributes.keys() | other.attributes.keys()
    assert bool(one.opted_out_at) == bool(keep.opted_out_at or other.opted_out_at)
    assert rules.restored(keep, one, one) == keep
    for name in set(rules.conflicts(keep, other)) & {"name", "language", "value"}:
        side = other if chosen.get(name) == "other" else keep
        assert getattr(one, name) == getattr(side, name)


@pytest.mark.usefixtures("_staffed")
@settings(
    max_examples=15,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(facts, facts, choices, st.sets(st.sampled_from("pqr")), st.sets(st.sampled_from("pqr")))
def test_a_merge_undone_leaves_everything_as_it_was(
    keep: Facts, other: Facts, chosen: dict[str, str], mine: set[str], theirs: set[str]
) -> None:
    with transaction.atomic():
        office, home = two()
        for talk, noted, watched in ((office, keep, mine), (home, other, theirs)):
            row = talk.contact
            for name in Facts.__struct_fields__:
                value = getattr(noted, name)
                setattr(row, name, list(value) if name == "tags" else value)
            row.save()
            for subject in watched:
                watch(row.pk, subject)
        before = everything()
        done = people.merge(
            actor=None, keep_id=office.contact_id, other_id=home.contact_id, choices=chosen
        )
        assert not Identity.objects.filter(contact=home.contact_id).exists()
        assert not Conversation.objects.filter(contact=home.contact_id).exists()
        subjects = Watch.objects.filter(contact=office.contact_id).values_list("subject", flat=True)
        assert set(subjects) == mine | theirs
        people.undo(actor=None, rearrangement_id=done.pk)
        assert everything() == before
        transaction.set_rollback(True)


@pytest.mark.usefixtures("_staffed")
def test_who_was_merged_is_one_for_the_worker_and_is_answered_where_they_wrote() -> None:
    office, home = two()
    people.merge(actor=None, keep_id=office.contact_id, other_id=home.contact_id, choices={})
    later = citizen_says("lagi", sender=HOME)
    assert (later.pk, later.contact_id) == (home.pk, office.contact_id)
    assert citizen_says("dari kantor", sender=OFFICE).pk == home.pk
    sari = factories.agent()
    services.take_over(actor=sari, conversation_id=home.pk)
    services.reply(actor=sari, conversation_id=home.pk, content=Text("Baik"))
    reply = Delivery.objects.filter(conversation=home.pk, author="agent").latest("id")
    assert str(OFFICE.user_id) in str(reply.recipient)


@pytest.mark.usefixtures("_staffed")
def test_two_open_conversations_on_a_channel_are_not_made_one() -> None:
    office, home = citizen_says("halo", sender=OFFICE), citizen_says("halo", sender=HOME)
    before = everything()
    with pytest.raises(Refused, match="Close one of them"):
        people.merge(actor=None, keep_id=office.contact_id, other_id=home.contact_id, choices={})
    assert everything() == before


@pytest.mark.usefixtures("_staffed")
def test_what_was_done_twice_or_later_is_refused() -> None:
    office, home = two()
    keep, other = office.contact_id, home.contact_id
    with pytest.raises(Refused):
        people.merge(actor=None, keep_id=keep, other_id=keep, choices={})
    with pytest.raises(Refused):
        people.merge(actor=None, keep_id=keep, other_id=10**9, choices={})
    first = people.merge(actor=None, keep_id=keep, other_id=other, choices={})
    with pytest.raises(Refused):
        people.merge(actor=None, keep_id=keep, other_id=other, choices={})
    identity = Identity.objects.get(user_id=HOME.user_id)
    second = people.split(actor=None, identity_id=identity.pk)
    with pytest.raises(Refused, match="undo that first"):
        people.undo(actor=None, rearrangement_id=first.pk)
    people.undo(actor=None, rearrangement_id=second.pk)
    people.undo(actor=None, rearrangement_id=first.pk)
    with pytest.raises(Refused, match="undone already"):
        people.undo(actor=None, rearrangement_id=first.pk)


@pytest.mark.usefixtures("_staffed")
def test_what_began_after_a_merge_goes_back_with_its_number_and_edits_stay() -> None:
    office, home = two()
    close(home)
    done = people.merge(actor=None, keep_id=office.contact_id, other_id=home.contact_id, choices={})
    later = citizen_says("baru", sender=HOME)
    assert later.contact_id == office.contact_id
    Contact.objects.filter(pk=office.contact_id).update(tags=["new"])
    people.undo(actor=None, rearrangement_id=done.pk)
    later.refresh_from_db()
    assert later.contact_id == home.contact_id
    assert Contact.objects.get(pk=office.contact_id).tags == ["new"]


@pytest.mark.usefixtures("_staffed")
def test_a_number_split_off_takes_its_conversations_along_and_comes_back() -> None:
    office, home = two()
    people.merge(actor=None, keep_id=office.contact_id, other_id=home.contact_id, choices={})
    sari = factories.agent()
    before = everything()
    identity = Identity.objects.get(user_id=HOME.user_id)
    done = people.split(actor=sari, identity_id=identity.pk)
    home.refresh_from_db()
    assert home.contact_id == done.other_id != office.contact_id
    assert citizen_says("lagi", sender=HOME).contact_id == done.other_id
    with pytest.raises(Refused, match="nothing to split"):
        people.split(actor=None, identity_id=identity.pk)
    assert AuditEntry.objects.get(action="contact_split").actor == sari
    people.undo(actor=sari, rearrangement_id=done.pk)
    after = everything()
    after["contacts"] = [row for row in after["contacts"] if row["id"] != done.other_id]
    assert after == before


@pytest.mark.usefixtures("_staffed")
def test_what_is_kept_for_the_law_stays_kept_whoever_it_becomes() -> None:
    office, home = two()
    retention.hold(actor=None, contact_id=home.contact_id, reason="court")
    people.merge(actor=None, keep_id=office.contact_id, other_id=home.contact_id, choices={})
    assert office.contact_id in retention._held()
    identity = Identity.objects.get(user_id=HOME.user_id)
    split_off = people.split(actor=None, identity_id=identity.pk).other_id
    assert split_off in retention._held()


@pytest.mark.django_db(transaction=True)
@pytest.mark.slow
def test_a_citizen_who_writes_while_they_are_merged_again_and_again_loses_nothing() -> None:
    factories.channel()
    factories.queues()
    office, home = two()
    keep, other = office.contact_id, home.contact_id
    rounds = 12
    for number in range(rounds):
        factories.wire(f"pesan {number}", sender=HOME)

    def write() -> None:
        while Inbound.objects.filter(status="new").exists():
            factories.handle.handle(factories.worker.claim(set(range(64)), 2))

    def rearrange() -> None:
        for _ in range(rounds):
            done = people.merge(actor=None, keep_id=keep, other_id=other, choices={})
            people.undo(actor=None, rearrangement_id=done.pk)
        people.merge(actor=None, keep_id=keep, other_id=other, choices={})

    together.at_once(write, rearrange)
    assert not Inbound.objects.exclude(status="done").exists()
    assert not Conversation.objects.filter(contact=other).exists()
    assert Conversation.objects.filter(contact=keep).exclude(status="closed").count() == 1
    received = Event.objects.filter(conversation=home, type="message_received")
    said = [row.data["content"]["body"] for row in received.order_by("seq")]
    assert said == ["halo", *(f"pesan {number}" for number in range(rounds))]


@pytest.mark.usefixtures("_staffed")
def test_a_merge_costs_the_same_however_much_there_is() -> None:
    office, home = two()
    with CaptureQueriesContext(connection) as taken:
        people.merge(actor=None, keep_id=office.contact_id, other_id=home.contact_id, choices={})
    assert len(taken) <= 24
