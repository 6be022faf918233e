from __future__ import annotations

import uuid
from typing import Any

import pytest
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from resmi.agency.models import AuditEntry, User
from resmi.bot import canned as rules
from resmi.conversations import canned
from resmi.conversations.models import CannedReply
from tests.desk import scenes

HTMX = {"HX-Request": "true"}


def form(**fields: Any) -> dict[str, Any]:
    return {"once": str(uuid.uuid4()), **fields}


@pytest.fixture
def sari(db: None) -> User:
    scenes.office()
    return scenes.agent("Sari Wulandari")


@pytest.fixture
def editor(sari: User) -> Client:
    return scenes.signed_in(scenes.supervisor("Rina"))


def canned_body(row: str) -> str:
    return row[row.index("data-body=") : row.index("data-shortcut=")]


@pytest.mark.parametrize(
    ("body", "wrong"),
    [
        ("Halo {{ citizen }}, {{agent}}", []),
        ("Halo {{ citizn }}", ["{{ citizn }}"]),
        ("{{ citizen", ["{{"]),
        ("{{ agent.password }}", ["{{ agent.password }}"]),
        ("{{}}", ["{{}}"]),
        ("{{ slogan }} tutup }}", ["{{ slogan }}", "}}"]),
    ],
)
def test_only_known_variables_may_stand_in_braces(body: str, wrong: list[str]) -> None:
    assert rules.mistakes(body, ()) == wrong


@given(st.text(max_size=80), st.dictionaries(st.sampled_from(rules.VARIABLES), st.text(max_size=9)))
def test_a_text_without_mistakes_is_filled_or_says_what_is_missing(
    body: str, values: dict[str, str]
) -> None:
    filled = rules.fill(body + "{{ citizen }}", values)
    assert ("citizen" in filled.missing) == (not values.get("citizen"))
    if not rules.mistakes(body, ()) and not filled.missing and "{" not in "".join(values.values()):
        assert "{{" not in filled.text


def test_variables_are_filled_for_the_conversation(sari: User) -> None:
    body = "{{ citizen }} / {{ agent }} / {{ agency }} / {{ number }} / {{ receipt }}"
    canned.put(actor=sari, shortcut="sapa", folder="Umum", bodies={"id": body, "en": body})
    conversation = scenes.held(sari, "Budi Santoso")
    client, at = scenes.signed_in(sari), f"/desk/{conversation.pk}/canned/"
    page = client.get(at).content.decode()
    row = page[page.index('id="canned-sapa"') :]
    assert (
        f"Budi Santoso / Sari Wulandari / Otoritas Keuangan Nusantara (OKN) / #{conversation.pk}"
        in row
    )
    assert 'aria-disabled="true"' in row[:2000]
    assert "receipt" in row[row.index("</small>") : row.index("</li>")]


def test_the_most_used_come_first(sari: User) -> None:
    conversation = scenes.held(sari)
    client, at = scenes.signed_in(sari), f"/desk/{conversation.pk}"
    first = client.get(f"{at}/canned/").content.decode()
    assert first.index('id="canned-bank"') < first.index('id="canned-polisi"')
    sent = form(mode="reply", body="Lapor polisi", canned="polisi polisi unknown")
    for _ in range(2):
        client.post(f"{at}/write/", sent, headers=HTMX)
    assert canned.uses() == {"polisi": 1, "unknown": 1}
    again = client.get(f"{at}/canned/").content.decode()
    assert again.index('id="canned-polisi"') < again.index('id="canned-bank"')


def test_who_may_edit_writes_them_and_the_trail_keeps_both_versions(editor: Client) -> None:
    new = form(shortcut="Halo", folder="Umum", body_id="Halo {{ citizen }}", body_en="", body_ko="")
    assert editor.post("/replies/new/", new).status_code == 302
    reply = CannedReply.objects.get()
    assert (reply.shortcut, reply.language, reply.folder) == ("halo", "id", "Umum")
    changed = form(folder="Umum", body_id="Hai", body_en="Hi", body_ko="")
    assert editor.post("/replies/halo/", changed).status_code == 302
    entry = AuditEntry.objects.filter(action="canned_reply_changed").latest("id")
    assert entry.before == {"folder": "Umum", "id": "Halo {{ citizen }}"}
    assert entry.after == {"folder": "Umum", "id": "Hai", "en": "Hi"}
    assert "/halo" in editor.get("/replies/").content.decode()
    editor.post("/replies/halo/remove/", form())
    assert not CannedReply.objects.exists()
    assert AuditEntry.objects.filter(action="canned_reply_removed").exists()


def test_an_unknown_variable_is_refused_and_what_was_typed_stays(editor: Client) -> None:
    new = form(shortcut="halo", folder="", body_id="Halo {{ nama }}", body_en="", body_ko="")
    answer = editor.post("/replies/new/", new)
    page = answer.content.decode()
    assert answer.status_code == 409
    assert "There is no variable {{ nama }}" in page
    assert "Halo {{ nama }}</textarea>" in page
    assert not CannedReply.objects.exists()


def test_a_taken_shortcut_is_not_overwritten(editor: Client) -> None:
    new = form(shortcut="halo", folder="", body_id="Satu", body_en="", body_ko="")
    editor.post("/replies/new/", new)
    answer = editor.post("/replies/new/", form(**{**new, "once": str(uuid.uuid4())}))
    assert answer.status_code == 409
    assert "taken" in answer.content.decode()


def test_a_preview_shows_examples_or_the_mistake(editor: Client) -> None:
    good = editor.post("/replies/preview/id/", {"body_id": "Yth. {{ citizen }}"}, headers=HTMX)
    assert "Yth. Budi Santoso" in good.content.decode()
    bad = editor.post("/replies/preview/id/", {"body_id": "{{ x }}"}, headers=HTMX)
    assert "There is no variable" in bad.content.decode()


def test_a_packs_reply_is_edited_by_covering_it(editor: Client, sari: User) -> None:
    assert "tangkapan layar" in editor.get("/replies/bukti/").content.decode()
    editor.post("/replies/bukti/", form(folder="", body_id="Kirim bukti", body_en="", body_ko=""))
    conversation = scenes.held(sari)
    page = scenes.signed_in(sari).get(f"/desk/{conversation.pk}/canned/").content.decode()
    assert "Kirim bukti" in page
    assert editor.get("/replies/nothing/").status_code == 404


def test_agents_may_not_edit_them(sari: User) -> None:
    client = scenes.signed_in(sari)
    assert client.get("/replies/").status_code == 403
    assert client.post("/replies/bukti/", form(body_id="x")).status_code == 403
