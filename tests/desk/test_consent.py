"""Consent: asked with a version of the agency's wording, answered, taken back, shown and kept."""

from __future__ import annotations

import io
import uuid
import zipfile
from typing import Any

import msgspec
import pytest
from django.db import IntegrityError, transaction
from django.test import Client

from resmi.agency.models import AuditEntry, User
from resmi.channels.models import Delivery
from resmi.contacts import consenting
from resmi.contacts.models import Consent, ConsentWording
from resmi.conversations import people
from resmi.conversations.models import Conversation
from resmi.operations.personal import packing
from tests.desk import scenes
from tests.desk.test_floor import text

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}
FIRST = {"en": "May we keep it? YES or NO.", "id": "Bolehkah? YA atau TIDAK.", "ko": "예/아니요"}
SECOND = {**FIRST, "en": "May we keep it for a year? YES or NO."}


@pytest.fixture(autouse=True)
def _office() -> None:
    scenes.office()


@pytest.fixture
def sari() -> User:
    return scenes.agent("Sari Sejati")


@pytest.fixture
def talk(sari: User) -> Conversation:
    consenting.put_wording(actor=None, texts=FIRST)
    return scenes.held(sari)


def post(user: User, talk: Conversation, path: str = "", **fields: Any) -> Any:
    address = f"/desk/{talk.pk}/consent/{path}"
    sent = {"once": str(uuid.uuid4()), **fields}
    return scenes.signed_in(user).post(address, sent, headers=HTMX)


def test_asking_sends_the_wording_and_keeps_the_version_the_moment_and_the_answer(
    sari: User, talk: Conversation
) -> None:
    assert "Never asked." in text(scenes.signed_in(sari), f"/desk/{talk.pk}/")
    page = post(sari, talk, "ask/").content.decode()
    assert "Asked, no answer yet" in page
    sent = Delivery.objects.filter(conversation=talk.pk).latest("pk")
    asked = Consent.objects.get()
    assert asked.text in FIRST.values()
    assert asked.text in bytes(sent.content).decode()
    assert (asked.wording.version, asked.how, asked.answered_at) == (1, "written", None)
    consenting.put_wording(actor=None, texts=SECOND)
    page = post(sari, talk, consent=asked.pk, answer="given").content.decode()
    assert "Agreed" in page
    assert "not the newest" in page
    asked.refresh_from_db()
    assert asked.wording.version == 1
    assert asked.answered_at is not None
    assert asked.answered_at > asked.asked_at
    entries = AuditEntry.objects.filter(target=f"contact:{talk.contact_id}", actor=sari)
    assert list(
        entries.filter(action__startswith="consent").order_by("pk").values_list("action", flat=True)
    ) == ["consent_asked", "consent_given"]


def test_who_agreed_is_not_asked_again_until_the_wording_changes(
    sari: User, talk: Conversation
) -> None:
    answer = {"how": "paper", "version": 1, "language": "en", "answer": "given"}
    assert post(sari, talk, **answer).status_code == 200
    page = text(scenes.signed_in(sari), f"/desk/{talk.pk}/")
    assert "Ask in writing" not in page
    assert "On paper" in page
    assert post(sari, talk, "ask/").status_code == 409
    consenting.put_wording(actor=None, texts=SECOND)
    assert "Ask in writing (version 2)" in text(scenes.signed_in(sari), f"/desk/{talk.pk}/")


def test_consent_is_withdrawn_once_and_the_panel_says_since_when(
    sari: User, talk: Conversation
) -> None:
    post(sari, talk, how="spoken", version=1, language="en", answer="given")
    given = Consent.objects.get()
    page = post(sari, talk, consent=given.pk, withdraw="1").content.decode()
    assert "Withdrawn" in page
    assert "Ask in writing" in page
    given.refresh_from_db()
    assert given.withdrawn_at is not None
    assert post(sari, talk, consent=given.pk, withdraw="1").status_code == 409


def test_what_can_not_be_is_refused_and_nothing_is_kept(sari: User, talk: Conversation) -> None:
    for fields in (
        {"how": "spoken", "version": 7, "language": "en", "answer": "given"},
        {"how": "spoken", "version": 1, "language": "en", "answer": "maybe"},
        {"how": "by dream", "version": 1, "language": "en", "answer": "given"},
        {"consent": 99, "answer": "given"},
    ):
        assert post(sari, talk, **fields).status_code == 409
    assert not Consent.objects.exists()
    with pytest.raises(IntegrityError), transaction.atomic():
        Consent.objects.create(
            contact_id=talk.contact_id,
            wording=ConsentWording.objects.get(),
            language="en",
            how="paper",
            answer="given",
        )


def test_another_citizens_consent_can_not_be_answered_from_here(
    sari: User, talk: Conversation
) -> None:
    other = scenes.held(sari, "Ayu")
    post(sari, other, "ask/")
    assert post(sari, talk, consent=Consent.objects.get().pk, answer="given").status_code == 409
    assert Consent.objects.get().answer == ""


def test_who_only_reads_sees_it_and_changes_nothing(sari: User, talk: Conversation) -> None:
    post(sari, talk, "ask/")
    reader = scenes.supervisor("Tono", "auditor")
    page = text(scenes.signed_in(reader), f"/desk/{talk.pk}/")
    assert "Asked, no answer yet" in page
    assert "They agreed" not in page
    assert post(reader, talk, "ask/").status_code == 403
    assert post(reader, talk, answer="given").status_code == 403


def test_the_copy_for_the_citizen_holds_the_words_and_names_no_staff(
    sari: User, talk: Conversation
) -> None:
    post(sari, talk, how="spoken", version=1, language="id", answer="given")
    target = io.BytesIO()
    packing.export(actor=None, contact_id=talk.contact_id, target=target)
    (kept,) = msgspec.json.decode(zipfile.ZipFile(target).read("consents.json"))
    assert (kept["version"], kept["wording"], kept["how"]) == (1, FIRST["id"], "spoken")
    assert kept["answer"] == "given"
    assert kept["withdrawn_at"] is None
    assert "Sari" not in str(kept)


def test_consents_go_with_a_merge_and_come_back_with_its_undoing(
    sari: User, talk: Conversation
) -> None:
    other = scenes.held(sari, "Ayu")
    Conversation.objects.filter(pk=other.pk).update(status="closed")
    post(sari, other, how="paper", version=1, language="en", answer="given")
    done = people.merge(actor=None, keep_id=talk.contact_id, other_id=other.contact_id, choices={})
    assert Consent.objects.get().contact_id == talk.contact_id
    people.undo(actor=None, rearrangement_id=done.pk)
    assert Consent.objects.get().contact_id == other.contact_id


def test_an_administrator_writes_versions_and_old_ones_stay(sari: User, talk: Conversation) -> None:
    admin = scenes.signed_in(scenes.supervisor("Agus", "admin"))
    form = {f"text_{language}": words for language, words in SECOND.items()}
    address = "/citizens/consent/"
    assert admin.post(address, form).status_code == 302
    assert admin.post(address, form).status_code == 409  # nothing differs
    assert admin.post(address, {**form, "text_ko": " "}).status_code == 409
    page = text(admin, address)
    assert FIRST["en"] in page
    assert "Version 2, in force" in page
    assert ConsentWording.objects.count() == 2
    entry = AuditEntry.objects.filter(action="consent_wording_set").latest("pk")
    assert entry.before["version"] == 1
    assert entry.after["texts"] == SECOND
    assert scenes.signed_in(sari).get(address).status_code == 403


def test_without_a_wording_the_panel_is_silent(sari: User) -> None:
    talk = scenes.held(sari)
    page = text(scenes.signed_in(sari), f"/desk/{talk.pk}/")
    assert "consent-title" not in page
    assert post(sari, talk, "ask/").status_code == 409


def test_the_desk_costs_two_queries_more_however_often_they_were_asked(
    sari: User, talk: Conversation, django_assert_num_queries: Any
) -> None:
    for _ in range(8):
        post(sari, talk, how="paper", version=1, language="en", answer="refused")
    with django_assert_num_queries(2):
        found = consenting.of_contact(talk.contact_id)
        assert [(one.wording.version, one.by.name) for one in found if one.by] == [
            (1, "Sari Sejati")
        ] * consenting.SHOWN
        assert consenting.wording() is not None


def test_a_double_click_asks_once_and_leaves_what_one_was_writing(
    sari: User, talk: Conversation
) -> None:
    client: Client = scenes.signed_in(sari)
    client.post(f"/desk/{talk.pk}/draft/", {"mode": "reply", "body": "Setengah kalimat"})
    fields = {"once": str(uuid.uuid4())}
    for _ in range(2):
        answer = client.post(f"/desk/{talk.pk}/consent/ask/", fields, headers=HTMX)
        assert "Setengah kalimat" in answer.content.decode()
    assert Consent.objects.count() == 1
