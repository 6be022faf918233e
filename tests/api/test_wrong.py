"""Visitors report wrong answers: no account, no script, no flood."""

from __future__ import annotations

from pathlib import Path
from unittest import mock

import pytest
from django.test import Client

from resmi.api import limits
from resmi.channels.models import Channel
from resmi.registry.models import FalseAnswer
from resmi.registry.receipts.models import Receipt
from tests.api import making

pytestmark = pytest.mark.usefixtures("register")
NAME = "Dana Sejahtera Contoh"


def test_below_every_answer_is_a_form_that_reports_it(client: Client) -> None:
    shown = client.get("/check", {"q": NAME}).content.decode()
    assert 'action="/check/wrong"' in shown
    assert "<script" not in shown


def test_a_report_reaches_the_list_with_question_answer_and_version(client: Client) -> None:
    response = client.post("/check/wrong", {"q": NAME, "comment": "Closed in May", "lang": "id"})
    made = FalseAnswer.objects.get()
    assert (made.query, made.verdict["entity"], made.comment) == (NAME, "L1", "Closed in May")
    assert made.version == made.verdict["version"] > 0
    assert (made.conversation, made.reported_by) == (None, None)
    assert response.headers["Location"] == "/check/thanks?lang=id"


def test_the_thanks_say_what_happens_next(client: Client) -> None:
    shown = client.get("/check/thanks", {"lang": "en"}).content.decode()
    assert "compare the answer with the list" in shown
    assert "send no money" in shown


def test_the_answer_about_an_entry_and_one_of_several_can_be_reported(client: Client) -> None:
    client.post("/check/wrong", {"q": "x", "entity": "L2"})
    client.post("/check/wrong", {"q": f"{NAME} atau Pinjam Kilat Makmur?", "number": "1"})
    assert {made.verdict["entity"] for made in FalseAnswer.objects.all()} == {"L2", "I1"}


def test_the_same_report_twice_is_one_and_other_words_are_another(client: Client) -> None:
    for comment in ("", "", "It closed"):
        client.post("/check/wrong", {"q": NAME, "comment": comment})
    assert FalseAnswer.objects.count() == 2


def test_two_answers_reported_are_two(client: Client) -> None:
    client.post("/check/wrong", {"q": NAME})
    client.post("/check/wrong", {"q": "Zxqw Vbnm"})
    assert FalseAnswer.objects.count() == 2


def test_the_answer_of_a_receipt_is_reported_as_it_was_given(client: Client, keys: Path) -> None:
    client.post("/check/receipt", {"q": NAME})
    code = Receipt.objects.get().code
    making.publish(making.csv_of({**making.LICENSED, "status": "revoked"}), making.WARNINGS)
    assert f'value="{code[:4]}-' in client.get(f"/v/{code}", follow=True).content.decode()
    client.post("/check/wrong", {"code": code})
    made = FalseAnswer.objects.get()
    assert (made.verdict["status"], made.version) == ("licensed", Receipt.objects.get().version)


@pytest.mark.parametrize("form", [{}, {"q": "\0"}, {"code": "0000-0000-0000"}, {"entity": "X9"}])
def test_a_form_that_names_no_answer_takes_nothing_down(
    client: Client, form: dict[str, str]
) -> None:
    assert client.post("/check/wrong", form).headers["Location"].startswith("/check?q=")
    assert FalseAnswer.objects.count() == 0


@pytest.mark.parametrize(
    "headers", [{"Sec-Fetch-Site": "cross-site"}, {"Origin": "https://elsewhere.example"}]
)
def test_a_form_on_another_site_reports_nothing(client: Client, headers: dict[str, str]) -> None:
    assert client.post("/check/wrong", {"q": NAME}, headers=headers).status_code == 403
    assert FalseAnswer.objects.count() == 0


def test_who_opens_the_forms_address_is_told_how_to_report(client: Client) -> None:
    answer = client.get("/check/wrong", {"lang": "id"})
    shown = answer.content.decode()
    assert answer.status_code == 200
    assert "Laporkan jawaban yang salah" in shown
    assert 'href="/check?lang=id"' in shown
    assert FalseAnswer.objects.count() == 0
    assert client.put("/check/wrong").status_code == 405
    assert client.get("/check/receipt").headers["Location"] == "/check"


def test_our_own_origin_is_let_in(client: Client) -> None:
    headers = {"Origin": "http://testserver", "Sec-Fetch-Site": "same-origin"}
    client.post("/check/wrong", {"q": NAME}, headers=headers)
    assert FalseAnswer.objects.count() == 1


def test_reports_have_a_strict_limit_of_their_own(client: Client) -> None:
    answers = [client.post("/check/wrong", {"q": NAME}) for _ in range(limits.REPORTING.burst + 1)]
    assert answers[-1].status_code == 429
    assert client.get("/check").status_code == 200


def number(**fields: object) -> Channel:
    return Channel.objects.create(
        kind="whatsapp", name="Resmi 150", address="1", display_address="+62 21 3000 1500", **fields
    )


def test_without_a_number_nothing_leads_to_whatsapp(client: Client) -> None:
    assert "wa.me" not in client.get("/check", {"q": NAME}).content.decode()
    number(paused_at=making.NOW)
    assert "wa.me" not in client.get("/check", {"q": NAME, "lang": "id"}).content.decode()


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("en", "Tell+me+if+this+changes%3A+PT+Dana+Sejahtera+Contoh"),
        ("id", "Kabari+jika+berubah%3A+PT+Dana+Sejahtera+Contoh"),
        ("ko", "PT+Dana+Sejahtera+Contoh+%EB%B0%94%EB%80%8C%EB%A9%B4"),
    ],
)
def test_a_link_opens_whatsapp_with_the_wish_to_be_told(
    client: Client, language: str, words: str
) -> None:
    number()
    shown = client.get("/check", {"q": NAME, "lang": language}).content.decode()
    assert f"https://wa.me/622130001500?text={words}" in shown


def test_where_it_is_not_clear_who_is_meant_nothing_can_be_watched(client: Client) -> None:
    number()
    with mock.patch("resmi.api.public.check.watches.of_verdict", return_value=None):
        assert "wa.me" not in client.get("/check", {"q": NAME}).content.decode()


def test_the_thanks_lead_to_us_where_there_is_a_number(client: Client) -> None:
    number()
    assert "https://wa.me/622130001500" in client.get("/check/thanks").content.decode()
