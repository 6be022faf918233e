from __future__ import annotations

import re
import uuid
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from resmi.agency.models import AuditEntry, User
from resmi.contacts import noting
from resmi.contacts.models import AttributeKind, Contact, Identity, Rearrangement
from resmi.conversations.models import Conversation
from resmi.routing import services as routing
from tests.desk import scenes

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}


@pytest.fixture(autouse=True)
def _office() -> None:
    scenes.office()


@pytest.fixture
def sari() -> User:
    return scenes.agent("Sari")


@pytest.fixture
def client(sari: User) -> Client:
    return scenes.signed_in(sari)


def form(**fields: Any) -> dict[str, Any]:
    return {"once": str(uuid.uuid4()), **fields}


def contact(of: Conversation) -> Contact:
    of.refresh_from_db()
    return Contact.objects.get(pk=of.contact_id)


def another() -> Conversation:
    """The same person under another number; that conversation is closed."""
    talk = scenes.with_bot("Boedi Santosa")
    Conversation.objects.filter(pk=talk.pk).update(status="closed")
    return talk


def test_a_tag_is_added_once_and_taken_away_and_both_are_written_down(
    client: Client, sari: User
) -> None:
    talk = scenes.held(sari)
    url = f"/desk/{talk.pk}/note/"
    for given in (" #VIP ", "vip"):
        answer = client.post(url, form(add=given), headers=HTMX)
        assert "vip" in answer.content.decode()
    assert contact(talk).tags == ["vip"]
    client.post(url, form(remove="vip"), headers=HTMX)
    assert contact(talk).tags == []
    trail = AuditEntry.objects.filter(action="contact_changed").order_by("pk")
    assert [(one.before, one.after) for one in trail] == [
        ({"tags": []}, {"tags": ["vip"]}),
        ({"tags": ["vip"]}, {"tags": []}),
    ]


def test_a_vulnerable_citizen_is_seen_to_be(client: Client, sari: User) -> None:
    talk = scenes.held(sari)
    assert "badge--window" not in client.get(f"/desk/{talk.pk}/").content.decode()
    noting.add_tag(actor=None, contact_id=talk.contact_id, text="vulnerable")
    assert "Vulnerable" in client.get(f"/desk/{talk.pk}/").content.decode()


@pytest.mark.parametrize(
    ("kind", "good", "kept", "bad"),
    [
        ("text", " Jakarta ", "Jakarta", "x" * 501),
        ("number", "2,5", 2.5, "two"),
        ("number", "7", 7, "nan"),
        ("date", "2026-03-31", "2026-03-31", "31.3.2026"),
        ("choice", "Gold", "Gold", "Bronze"),
    ],
)
def test_what_is_noted_fits_its_kind(
    client: Client, sari: User, kind: str, good: str, kept: object, bad: str
) -> None:
    noting.define_attribute(actor=None, name="Level", kind=kind, choices=["Gold", "Silver"])
    talk = scenes.held(sari)
    url = f"/desk/{talk.pk}/note/"
    assert client.post(url, form(attribute="level", text=good), headers=HTMX).status_code == 200
    assert contact(talk).attributes == {"level": kept}
    assert client.post(url, form(attribute="level", text=bad), headers=HTMX).status_code == 409
    assert contact(talk).attributes == {"level": kept}
    client.post(url, form(attribute="level", text=""), headers=HTMX)
    assert contact(talk).attributes == {}


@pytest.mark.parametrize(
    "fields",
    [{"value": "x"}, {"value": "100000"}, {"attribute": "gone", "text": "a"}, {"add": " # "}],
)
def test_what_cannot_be_noted_is_refused_with_the_reason(
    client: Client, sari: User, fields: dict[str, str]
) -> None:
    talk = scenes.held(sari)
    answer = client.post(f"/desk/{talk.pk}/note/", form(**fields), headers=HTMX)
    assert answer.status_code == 409
    assert contact(talk).value == 0


def test_the_agency_says_what_is_noted(sari: User) -> None:
    rina = scenes.signed_in(scenes.supervisor())
    fields = {"name": "Home town", "kind": "choice", "choices": "Bandung\nMedan\n\nMedan"}
    assert rina.post("/desk/attributes/", fields).status_code == 302
    kind = AttributeKind.objects.get()
    assert (kind.key, kind.choices) == ("home_town", ["Bandung", "Medan"])
    again = rina.post("/desk/attributes/", fields)
    assert again.status_code == 409
    assert "already" in again.content.decode()
    rina.post("/desk/attributes/", {"hide": kind.pk})
    kind.refresh_from_db()
    assert not kind.is_active
    assert scenes.signed_in(sari).get("/desk/attributes/").status_code == 403


def test_another_record_of_a_citizen_is_found_compared_merged_and_undone(
    client: Client, sari: User
) -> None:
    other, mine = another(), scenes.held(sari)
    url = f"/desk/{mine.pk}/merge/"
    phone = Identity.objects.get(contact=other.contact_id).phone or ""
    for text in ("boedi", phone[-6:]):
        found = client.get(url, {"q": text}, headers=HTMX).content.decode()
        assert f"other={other.contact_id}" in found
        assert phone not in found
    preview = client.get(url, {"other": other.contact_id}, headers=HTMX).content.decode()
    assert 'name="choose:name"' in preview
    fields = form(other=other.contact_id, **{"choose:name": "other"})
    page = client.post(url, fields, headers=HTMX).content.decode()
    assert "Merged with Boedi Santosa" in page
    assert contact(mine).name == "Boedi Santosa"
    assert contact(other) == contact(mine)
    change = Rearrangement.objects.get()
    client.post(f"/desk/{mine.pk}/undo-change/", form(change=change.pk), headers=HTMX)
    assert contact(mine).name == "Budi Santoso"
    assert contact(other) != contact(mine)


def test_search_tells_no_more_of_a_number_than_the_screen_shows(client: Client, sari: User) -> None:
    other, mine = another(), scenes.held(sari)
    url = f"/desk/{mine.pk}/merge/"
    phone = Identity.objects.get(contact=other.contact_id).phone or ""
    found = {
        client.get(url, {"q": f"{digit}{phone[-4:]}"}, headers=HTMX).content.decode().split("<p")[0]
        for digit in range(10)
    }
    assert len(found) == 1
    assert f"other={other.contact_id}" in found.pop()
    page = client.get(url, {"q": f"0{phone[-4:]}"}, headers=HTMX).content.decode()
    assert "the rest stays hidden" in page
    assert "last four digits of the number" in (
        client.get(url, {"q": phone[-3:]}, headers=HTMX).content.decode()
    )
    found_by = AuditEntry.objects.filter(action="contact_found_by_number")
    assert not found_by.exists()
    assert f"other={other.contact_id}" in client.get(url, {"q": phone}).content.decode()
    assert [one.target for one in found_by] == [f"contact:{other.contact_id}"]


def test_citizens_found_come_in_pages_at_a_fixed_number_of_queries(
    client: Client, sari: User
) -> None:
    mine = scenes.held(sari)
    url = f"/desk/{mine.pk}/merge/"
    people = Contact.objects.bulk_create(Contact(name=f"Gurita {n}") for n in range(25))
    client.get(url, {"q": "gurita"}, headers=HTMX)
    routing.set_queues(actor=None, agent_id=sari.pk, queues=["reports"])
    with CaptureQueriesContext(connection) as narrowed:
        page = client.get(url, {"q": "gurita"}, headers=HTMX).content.decode()
    assert "other=" not in page
    assert len(narrowed) <= 24
    routing.set_queues(actor=None, agent_id=sari.pk, queues=[])
    seen: list[int] = []
    before: str | None = ""
    while before is not None:
        given = {"q": "gurita", "before": before} if before else {"q": "gurita"}
        page = client.get(url, given, headers=HTMX).content.decode()
        seen += [int(one) for one in re.findall(r"other=(\d+)", page)]
        more = re.search(r"before=(\d+)", page)
        before = more[1] if more else None
    assert seen == [one.pk for one in reversed(people)]


def test_an_identity_is_split_off_from_the_panel(client: Client, sari: User) -> None:
    other, mine = another(), scenes.held(sari)
    client.post(f"/desk/{mine.pk}/merge/", form(other=other.contact_id), headers=HTMX)
    stranger = scenes.with_bot("Ayu")
    url = f"/desk/{mine.pk}/split/"
    assert client.post(url, form(identity=stranger.identity_id), headers=HTMX).status_code == 409
    page = client.post(url, form(identity=other.identity_id), headers=HTMX).content.decode()
    assert "was split from" in page
    assert contact(other) != contact(mine)


def test_who_may_not_see_a_citizen_can_not_merge_them(sari: User) -> None:
    other, mine = another(), scenes.held(sari)
    Conversation.objects.filter(pk=other.pk).update(queue="general")
    routing.set_queues(actor=None, agent_id=sari.pk, queues=["reports"])
    client = scenes.signed_in(sari)
    url = f"/desk/{mine.pk}/merge/"
    found = client.get(url, {"q": "boedi"}, headers=HTMX).content.decode()
    assert "other=" not in found
    assert client.get(url, {"other": other.contact_id}, headers=HTMX).status_code == 404
    answer = client.post(url, form(other=other.contact_id), headers=HTMX)
    assert answer.status_code == 404


def test_who_opted_out_is_seen_to_have(client: Client, sari: User) -> None:
    talk = scenes.held(sari)
    Contact.objects.filter(pk=talk.contact_id).update(opted_out_at=timezone.now())
    assert "Opted out" in client.get(f"/desk/{talk.pk}/").content.decode()


def test_the_panel_costs_the_same_however_much_is_known(client: Client, sari: User) -> None:
    talk = scenes.held(sari)
    client.get(f"/desk/{talk.pk}/", headers=HTMX)
    with CaptureQueriesContext(connection) as little:
        client.get(f"/desk/{talk.pk}/", headers=HTMX)
    for number in range(5):
        noting.define_attribute(actor=None, name=f"A{number}", kind="text", choices=[])
        noting.add_tag(actor=None, contact_id=talk.contact_id, text=f"t{number}")
        Identity.objects.create(
            contact_id=talk.contact_id, kind="whatsapp", scope="p9", user_id=f"P{number}"
        )
    with CaptureQueriesContext(connection) as much:
        client.get(f"/desk/{talk.pk}/", headers=HTMX)
    assert len(much) == len(little)


def test_the_settings_lead_to_what_is_noted_of_citizens() -> None:
    rina = scenes.signed_in(scenes.supervisor())
    page = rina.get("/routing/").content.decode()
    assert 'href="/desk/attributes/"' in page
    assert 'aria-current="page"' in rina.get("/desk/attributes/").content.decode()
