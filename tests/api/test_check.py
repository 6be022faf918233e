"""The public check page: a form, an answer, no JavaScript, no cookies, nothing kept unasked."""

from __future__ import annotations

from pathlib import Path
from unittest import mock

import pytest
from django.http.response import HttpResponseBase
from django.test import Client

from resmi.api import wording
from resmi.api.public import check
from resmi.registry.receipts import codes
from resmi.registry.receipts.models import Receipt
from resmi.registry.rules import Candidate, Verdict
from tests.api import making

pytestmark = pytest.mark.usefixtures("register")


def page(client: Client, asked: str = "", *, url: str = "/check", **more: str) -> str:
    query = {"q": asked, **more} if asked else more
    return client.get(url, query).content.decode()


def test_the_page_asks_one_question(client: Client) -> None:
    shown = page(client)
    assert "Is this company licensed?" in shown
    assert 'name="q"' in shown
    assert "<script" not in shown


def test_the_answer_names_the_entry_the_list_and_its_date(client: Client) -> None:
    shown = page(client, "Dana Sejahtera Contoh")
    for part in ("Licensed", "PT Dana Sejahtera Contoh", "KEP-12/D.05/2020", "1 March 2026"):
        assert part in shown
    assert "Source: Register of Examples" in shown
    assert "not a recommendation" in shown


def test_an_illegal_name_is_called_so_by_its_list(client: Client) -> None:
    shown = page(client, "Pinjam Kilat Makmur")
    assert "On the illegal list" in shown
    assert "Source: Warning List" in shown


def test_a_name_nobody_knows_is_not_called_illegal(client: Client) -> None:
    shown = page(client, "Zxqw Vbnm")
    assert "Not in the register" in shown
    assert "does not prove" in shown


def test_each_company_named_is_answered(client: Client) -> None:
    shown = page(client, "Dana Sejahtera Contoh atau Pinjam Kilat Makmur?")
    assert shown.count("<article") == 2


def verdict(status: str) -> Verdict:
    named = status in ("licensed", "confirm", "revoked", "illegal")
    return Verdict(
        status=status,  # type: ignore[arg-type]
        query="Dana Contoh",
        source="Register of Examples",
        as_of="2026-03-01",
        version=2,
        entity="L1" if named else "",
        name="PT Dana Contoh" if named else "",
        candidates=(Candidate(entity="L1", name="PT Dana Contoh", status="licensed"),)
        if status in ("confirm", "ambiguous", "similar")
        else (),
    )


@pytest.mark.parametrize("language", ["en", "id", "ko"])
@pytest.mark.parametrize("status", sorted(wording.WORDS))
def test_every_verdict_is_worded_in_every_language(
    client: Client, status: str, language: str
) -> None:
    with mock.patch.object(check.asking, "ask_for_people", return_value=[verdict(status)]):
        shown = page(client, "Dana Contoh", lang=language)
    assert f"answer--{wording.WORDS[status].tone}" in shown
    assert "Register of Examples" in shown
    assert "{{" not in shown
    assert ("/check/entry/L1" in shown) == (status in ("confirm", "ambiguous", "similar"))


@pytest.mark.parametrize(
    ("accepted", "language"),
    [
        ("id-ID,id;q=0.9,en;q=0.8", "id"),
        ("ko", "ko"),
        ("fr;q=1, id;q=0.1", "id"),
        ("ja", "en"),
        ("", "en"),
        ("*;;;q=,,", "en"),
    ],
)
def test_the_browser_says_which_language(client: Client, accepted: str, language: str) -> None:
    response = client.get("/check", headers={"Accept-Language": accepted})
    assert f'<html lang="{language}">' in response.content.decode()
    assert response.headers["Content-Language"] == language
    assert "Accept-Language" in response.headers["Vary"]


def test_a_chosen_language_goes_before_that_of_the_browser(client: Client) -> None:
    response = client.get("/check?lang=ko", headers={"Accept-Language": "id"})
    assert response.headers["Content-Language"] == "ko"


def test_links_to_the_other_languages_keep_the_question(client: Client) -> None:
    assert "/check?q=Dana+%26+Contoh&amp;lang=ko" in page(client, "Dana & Contoh")


def test_what_was_typed_is_shown_and_never_run(client: Client) -> None:
    shown = page(client, "<script>alert(1)</script> *bold* Contoh")
    assert "<script>" not in shown
    assert "&lt;script&gt;" in shown


@pytest.mark.parametrize("asked", ["\0", "   ", "😀", "a" * 5000, "' OR 1=1 --", "\u202eabc"])
def test_whatever_is_typed_there_is_a_page(client: Client, asked: str) -> None:
    assert client.get("/check", {"q": asked}).status_code == 200


def test_a_page_may_be_kept_for_a_minute_and_is_not_sent_twice(client: Client) -> None:
    first = client.get("/check?q=Dana")
    assert first.headers["Cache-Control"] == "public, max-age=60"
    again = client.get("/check?q=Dana", headers={"If-None-Match": first.headers["ETag"]})
    assert again.status_code == 304
    assert not first.cookies


def test_page_and_styles_together_stay_under_30_kilobytes(client: Client) -> None:
    static = Path(check.__file__).parents[2]
    files = ["agency/static/agency/tokens.css", "agency/static/agency/base.css"]
    files += ["agency/static/agency/mark.svg", "api/static/api/public.css"]
    styles = sum((static / name).stat().st_size for name in files)
    longest = max(len(page(client, "Dana Sejahtera Contoh", lang=code)) for code in ("en", "ko"))
    assert styles + longest < 30_000


def test_an_entry_has_a_page_of_its_own(client: Client) -> None:
    shown = page(client, url="/check/entry/L2")
    assert "PT Kredit Lama Contoh" in shown
    assert "Licence revoked" in shown


@pytest.mark.parametrize("entity", ["X9", "a/b", "%00", "é" * 100])
def test_an_entry_that_is_not_there_says_so(client: Client, entity: str) -> None:
    response = client.get(f"/check/entry/{entity}")
    assert response.status_code == 404
    assert "no such entry" in response.content.decode()


def test_the_page_can_not_be_framed_but_its_small_sister_can(client: Client) -> None:
    whole, small = client.get("/check"), client.get("/check/embed")
    assert whole.headers["X-Frame-Options"] == "SAMEORIGIN"
    assert "frame-ancestors 'self'" in directives(whole)
    assert "X-Frame-Options" not in small.headers
    assert "frame-ancestors 'self' *" in directives(small)


def directives(response: HttpResponseBase) -> list[str]:
    """The parts of the page's content policy, in no promised order."""
    return response.headers["Content-Security-Policy"].split("; ")


def test_the_script_for_other_sites_is_small_and_may_be_kept(client: Client) -> None:
    response = client.get("/check/embed.js")
    assert len(response.content) < 5_000
    assert response.headers["Content-Type"].startswith("text/javascript")
    assert response.headers["Cache-Control"] == "public, max-age=3600"


def test_a_visitor_can_keep_a_receipt(client: Client, keys: Path) -> None:
    response = client.post("/check/receipt", {"q": "Dana Sejahtera Contoh", "lang": "id"})
    receipt = Receipt.objects.get()
    assert (receipt.status, receipt.entity, receipt.conversation) == ("licensed", "L1", None)
    assert response.status_code == 302
    assert response.headers["Location"] == f"/v/{codes.shown(receipt.code)}?lang=id"


def test_of_several_answers_the_one_chosen_is_kept(client: Client, keys: Path) -> None:
    asked = "Dana Sejahtera Contoh atau Pinjam Kilat Makmur?"
    client.post("/check/receipt", {"q": asked, "number": "1"})
    assert Receipt.objects.get().entity == "I1"


def test_the_answer_about_an_entry_can_be_kept(client: Client, keys: Path) -> None:
    client.post("/check/receipt", {"q": "x", "entity": "L2"})
    assert Receipt.objects.get().status == "revoked"


@pytest.mark.parametrize(
    "form", [{}, {"q": "\0"}, {"q": "Dana", "number": "99"}, {"entity": "X9"}, {"number": "²"}]
)
def test_a_form_that_names_no_answer_leads_back(
    client: Client, keys: Path, form: dict[str, str]
) -> None:
    assert client.post("/check/receipt", form).headers["Location"].startswith("/check?q=")
    assert Receipt.objects.count() == 0


def test_looking_keeps_nothing(client: Client, keys: Path) -> None:
    page(client, "Dana Sejahtera Contoh")
    assert Receipt.objects.count() == 0


def test_without_keys_no_receipt_is_offered(client: Client, settings: object) -> None:
    settings.RECEIPT_KEYS = Path("/nowhere/keys.json")  # type: ignore[attr-defined]
    assert "Get a receipt" not in page(client, making.LICENSED["name"])
