"""`GET /api/v1/verify`: the register for programs."""

from __future__ import annotations

import pytest
from django.test import Client

from resmi.registry.rules import Verdict

pytestmark = pytest.mark.usefixtures("register")

URL = "/api/v1/verify"


def test_a_name_gets_its_verdict_with_source_date_and_version(client: Client) -> None:
    answer = client.get(URL, {"q": "Dana Sejahtera Contoh"}).json()
    assert answer["version"] == 2
    (verdict,) = answer["verdicts"]
    assert verdict["status"] == "licensed"
    assert verdict["name"] == "PT Dana Sejahtera Contoh"
    assert verdict["licence"] == "KEP-12/D.05/2020"
    assert (verdict["source"], verdict["as_of"]) == ("Register of Examples", "2026-03-01")


def test_each_company_in_a_sentence_gets_one(client: Client) -> None:
    question = "apakah Dana Sejahtera Contoh dan Pinjam Kilat Makmur legal?"
    verdicts = client.get(URL, {"q": question}).json()["verdicts"]
    assert [verdict["status"] for verdict in verdicts] == ["licensed", "illegal"]


def test_a_question_with_too_many_names_says_that_its_end_was_not_looked_at(client: Client) -> None:
    many = "".join(f"Dana Sejahtra Cntoh{at}, pinjm kilt makmr{at}, " for at in range(80))[:4000]
    assert client.get(URL, {"q": "Dana Sejahtera Contoh"}).json()["complete"] is True
    answer = client.get(URL, {"q": many}).json()
    assert answer["complete"] is False
    assert "licensed" not in {verdict["status"] for verdict in answer["verdicts"]}


def test_other_sites_may_ask_and_the_answer_may_be_kept_for_a_minute(client: Client) -> None:
    response = client.get(URL, {"q": "x"}, headers={"Origin": "https://other.example"})
    assert response.headers["Access-Control-Allow-Origin"] == "*"
    assert response.headers["Cache-Control"] == "public, max-age=60"


def test_a_browser_that_asks_first_is_told_yes(client: Client) -> None:
    response = client.options(URL)
    assert response.status_code == 204
    assert "GET" in response.headers["Access-Control-Allow-Methods"]


@pytest.mark.parametrize("query", [{}, {"q": ""}, {"q": "x" * 4097}])
def test_a_question_that_is_none_is_refused_in_json(client: Client, query: dict[str, str]) -> None:
    response = client.get(URL, query)
    assert response.status_code == 422
    assert response.json()["detail"]


@pytest.mark.parametrize("text", ["\0", "😀" * 50, "'; DROP TABLE x; --", "\u202e", "a " * 2000])
def test_whatever_is_asked_there_is_an_answer(client: Client, text: str) -> None:
    response = client.get(URL, {"q": text})
    assert response.status_code == 200
    assert isinstance(response.json()["verdicts"], list)


def test_the_description_knows_every_field_of_a_verdict(client: Client) -> None:
    description = client.get("/api/v1/openapi.json").json()
    assert description["openapi"].startswith("3.")
    assert "/api/v1/verify" in description["paths"]
    described = description["components"]["schemas"]["Verdict"]["properties"].keys()
    assert described == set(Verdict.__struct_fields__)


def test_nothing_else_can_be_done_at_the_address(client: Client) -> None:
    assert client.post(URL, {"q": "x"}).status_code == 405
