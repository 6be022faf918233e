"""A citizen's data on the screen: only for who answers for it, looked at, exported, taken away."""

from __future__ import annotations

import io
import zipfile

import pytest
from django.test import Client
from django.urls import reverse

from resmi.agency.models import AuditEntry
from resmi.channels.models import Delivery
from resmi.contacts.models import Contact, Identity
from resmi.conversations import services
from resmi.conversations.models import Conversation
from tests.desk import scenes

pytestmark = pytest.mark.django_db


@pytest.fixture
def talk() -> Conversation:
    scenes.office()
    sari = scenes.agent()
    talk = scenes.held(sari)
    services.close(actor=sari, conversation_id=talk.pk, reason="advice_given")
    Delivery.objects.update(status="read")
    return talk


@pytest.fixture
def ratna() -> Client:
    return scenes.signed_in(scenes.supervisor("Ratna", role="admin"))


def test_a_supervisor_may_not_look(talk: Conversation) -> None:
    address = reverse("desk:personal_data", args=[talk.contact_id])
    assert scenes.signed_in(scenes.supervisor()).get(address).status_code == 403


def test_a_phone_number_leads_to_the_citizen_and_the_look_is_written_down(
    ratna: Client, talk: Conversation
) -> None:
    phone = Identity.objects.get(contact=talk.contact_id).phone
    page = ratna.get(reverse("desk:personal_search"), {"q": f"+{phone}"}, follow=True)
    assert page.context["held"].contact == talk.contact_id
    entry = AuditEntry.objects.get(action="personal_data_viewed")
    assert entry.target == f"contact:{talk.contact_id}"
    assert str(phone) not in str(AuditEntry.objects.get(action="personal_data_searched").after)


def test_the_copy_is_a_zip(ratna: Client, talk: Conversation) -> None:
    answer = ratna.post(reverse("desk:personal_export", args=[talk.contact_id]))
    names = zipfile.ZipFile(io.BytesIO(b"".join(answer.streaming_content))).namelist()  # type: ignore[attr-defined]
    assert "contact.json" in names


def test_erasing_asks_for_the_number_again(ratna: Client, talk: Conversation) -> None:
    address = reverse("desk:personal_erase", args=[talk.contact_id])
    answer = ratna.post(address, {"reason": "Asked by letter", "number": "1"})
    assert answer.status_code == 409
    assert "Asked by letter" in answer.content.decode()
    assert Contact.objects.get(pk=talk.contact_id).erased_at is None
    ratna.post(address, {"reason": "Asked by letter", "number": str(talk.contact_id)})
    assert Contact.objects.get(pk=talk.contact_id).erased_at is not None
    assert ratna.get(address.replace("erase/", "")).status_code == 404


def test_an_open_conversation_is_named_as_what_is_in_the_way(ratna: Client) -> None:
    scenes.office()
    talk = scenes.with_bot()
    page = ratna.get(reverse("desk:personal_data", args=[talk.contact_id])).content.decode()
    assert "close it first" in page
    assert "Take it away for good" not in page


def test_what_colleagues_should_know_is_noted_on_the_panel() -> None:
    scenes.office()
    sari = scenes.agent()
    talk = scenes.held(sari)
    address = reverse("desk:note", args=[talk.pk])
    page = scenes.signed_in(sari).post(
        address, {"note": "Calls after five"}, headers={"HX-Request": "true"}
    )
    assert "Calls after five" in page.content.decode()
    assert AuditEntry.objects.get(action="contact_changed").after == {"note": "Calls after five"}
