"""What people and programs find behind a receipt's code."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import msgspec
import pytest
from django.test import Client

from resmi.registry import services as registry
from resmi.registry.receipts import codes, keyring, queries, services, statements
from resmi.registry.receipts.models import Receipt
from resmi.registry.receipts.statements import KeySet
from tests.api import making
from tests.registry.making import csv_of

pytestmark = pytest.mark.usefixtures("register", "keys")

LICENSED = "Dana Sejahtera Contoh"


def given(asked: str = LICENSED) -> str:
    """A receipt of the answer to a question; its code as people read it."""
    (verdict,) = registry.current_index().verify(asked, whole=True)
    return codes.shown(services.issue_for_visitor(verdict))


def page(client: Client, code: str) -> str:
    response = client.get(f"/v/{code}")
    assert response.status_code == 200
    return response.content.decode()


def published(client: Client) -> KeySet:
    raw = client.get("/.well-known/resmi-receipt-keys.json").content
    return msgspec.json.decode(raw, type=KeySet)


def test_the_page_says_what_was_asked_answered_when_and_from_which_list(client: Client) -> None:
    code = given()
    shown = page(client, code)
    for part in (code, "PT Dana Sejahtera Contoh", "Licensed", "Register of Examples", LICENSED):
        assert part in shown
    assert "The answer is still the same" in shown
    assert "<svg" in shown
    assert "This has changed since" not in shown


def test_a_licence_revoked_since_comes_first_and_loud(client: Client) -> None:
    code = given()
    making.publish(csv_of({**making.LICENSED, "status": "revoked"}), as_of=date(2026, 4, 1))
    shown = page(client, code)
    assert shown.index("This has changed since") < shown.index("Licence revoked")
    assert shown.index("Licence revoked") < shown.index("gave this answer and signed it")
    assert "receipt--past" in shown


def test_an_entry_that_left_the_list_is_said_to_be_gone(client: Client) -> None:
    code = given()
    making.publish(csv_of(making.OTHER), as_of=date(2026, 4, 1))
    assert "This has changed since" in page(client, code)


def test_new_details_are_shown_without_alarm(client: Client) -> None:
    code = given()
    making.publish(csv_of({**making.LICENSED, "licence_no": "KEP-99/2026"}), as_of=date(2026, 4, 1))
    shown = page(client, code)
    assert "Details have changed since" in shown
    assert "This has changed since" not in shown
    assert "KEP-99/2026" in shown
    assert "KEP-12/D.05/2020" in shown


def test_the_code_may_be_typed_sloppily(client: Client) -> None:
    code = given()
    response = client.get(f"/v/{code.lower().replace('-', '')}?lang=id")
    assert response.headers["Location"] == f"/v/{code}?lang=id"


def test_a_code_with_a_wrong_character_is_called_mistyped(client: Client) -> None:
    code = given()
    wrong = ("1" if code[0] != "1" else "2") + code[1:]
    response = client.get(f"/v/{wrong}")
    assert response.status_code == 404
    assert "can't be right" in response.content.decode()


def test_a_well_formed_code_we_never_gave_is_called_a_fake(client: Client) -> None:
    response = client.get(f"/v/{codes.shown(codes.encode(123))}")
    assert response.status_code == 404
    assert "We never gave this receipt" in response.content.decode()


def test_a_receipt_changed_in_the_database_is_not_shown(client: Client) -> None:
    code = given()
    row = Receipt.objects.get()
    Receipt.objects.update(statement=bytes(row.statement).replace(b"licensed", b"illegal!"))
    response = client.get(f"/v/{code}")
    assert response.status_code == 404
    assert "This receipt was altered" in response.content.decode()
    assert LICENSED not in response.content.decode()


def test_a_receipt_taken_back_says_so_with_the_reason(client: Client) -> None:
    code = given()
    services.withdraw(actor=None, code=codes.read(code), reason="a clerk's <mistake>")
    shown = page(client, code)
    assert "We took this receipt back" in shown
    assert "a clerk&#x27;s &lt;mistake&gt;" in shown


def test_a_revoked_key_is_told_beside_the_signature(client: Client, keys: Path) -> None:
    code = given()
    keyring.revoke(keys, keyring.load(keys).signing.id, "stolen", making.NOW)
    assert "The key has been revoked since" in page(client, code)


@pytest.mark.parametrize("ending", ["", ".json"])
def test_search_engines_are_kept_out(client: Client, ending: str) -> None:
    for code in (given(), codes.shown(codes.encode(5))):
        assert "noindex" in client.get(f"/v/{code}{ending}").headers["X-Robots-Tag"]


@pytest.mark.parametrize("language", ["en", "id", "ko"])
def test_the_page_speaks_every_language(client: Client, language: str) -> None:
    response = client.get(f"/v/{given()}?lang={language}")
    assert f'<html lang="{language}">' in response.content.decode()


def test_programs_get_the_signed_words_and_can_check_them_offline(client: Client) -> None:
    response = client.get(f"/v/{given()}.json")
    assert response.headers["Access-Control-Allow-Origin"] == "*"
    judged = statements.judge(response.content, published(client))
    assert judged.genuine
    body = response.json()
    assert body["key"]["id"] == body["statement"]["key"] == published(client).keys[0].id
    assert body["now"]["changed"] == "same"
    assert body["withdrawn"] is None


def test_programs_see_what_is_true_today_beside_the_signed_words(client: Client) -> None:
    code = given()
    making.publish(csv_of({**making.LICENSED, "status": "revoked"}), as_of=date(2026, 4, 1))
    body = client.get(f"/v/{code}.json").json()
    assert body["statement"]["verdict"]["status"] == "licensed"
    assert (body["now"]["changed"], body["now"]["verdict"]["status"]) == ("answer", "revoked")


def test_a_copy_somebody_changed_fails_offline(client: Client) -> None:
    body = client.get(f"/v/{given('Pinjam Kilat Makmur')}.json").json()
    body["statement"]["verdict"]["status"] = "licensed"
    judged = statements.judge(json.dumps(body).encode(), published(client))
    assert judged.outcome == "altered"


@pytest.mark.parametrize(
    ("code", "error"), [("x", "mistyped"), (codes.encode(5), "unknown"), ("%00", "mistyped")]
)
def test_programs_are_told_in_json_what_is_wrong(client: Client, code: str, error: str) -> None:
    response = client.get(f"/v/{code}.json")
    assert response.status_code == 404
    assert response.json()["error"] == error


def test_published_keys_list_old_ones(client: Client, keys: Path) -> None:
    before = keyring.load(keys).signing
    keyring.rotate(keys, making.NOW)
    listed = published(client)
    assert [key.id for key in listed.keys] == [before.id, keyring.load(keys).signing.id]
    assert listed.keys[0].retired_at


def test_no_address_ever_shows_the_private_half_of_a_key(client: Client, keys: Path) -> None:
    secret = keyring.load(keys).private_key
    code = given()
    for url in (f"/v/{code}", f"/v/{code}.json", "/.well-known/resmi-receipt-keys.json"):
        shown = client.get(url).content.decode()
        assert keyring.load(keys).signing.id in shown
        assert secret not in shown
        assert "private" not in shown


def test_an_old_receipt_is_shown_after_a_rotation(client: Client, keys: Path) -> None:
    code = given()
    keyring.rotate(keys, making.NOW)
    assert "still the same" in page(client, code)
    assert queries.find(codes.read(code)) is not None
