"""A spreadsheet of names is checked at once, the way OpenRefine asks.

The answers are decoded by `schemas`, which is stricter than the published JSON schemas.
"""

from __future__ import annotations

import json
from typing import Any

import msgspec
import pytest
from django.test import Client

from resmi.api.reconciliation import wire
from tests.api import making, schemas
from tests.registry.making import csv_of

pytestmark = pytest.mark.usefixtures("register")

URL = "/api/v1/reconcile"


def results(client: Client, **queries: Any) -> dict[str, list[schemas.Candidate]]:
    response = client.post(URL, {"queries": json.dumps(queries)})
    assert response.status_code == 200, response.content
    batch = msgspec.json.decode(response.content, type=dict[str, schemas.Result])
    return {key: result.result for key, result in batch.items()}


def best(client: Client, **query: Any) -> schemas.Candidate:
    return results(client, q0=query)["q0"][0]


def extended(client: Client, ids: list[str], *properties: str) -> schemas.Extended:
    asked = {"ids": ids, "properties": [{"id": key} for key in properties]}
    response = client.post(URL, {"extend": json.dumps(asked)})
    return msgspec.json.decode(response.content, type=schemas.Extended)


def test_a_stock_client_finds_its_way_from_the_manifest_on(client: Client) -> None:
    """What OpenRefine asks, in its order, following only the addresses it is given."""
    manifest = msgspec.json.decode(client.get(URL).content, type=schemas.Manifest)
    assert "0.2" in manifest.versions
    service = f"{manifest.suggest['entity'].service_url}"
    assert service == f"http://testserver{URL}"

    guessed = client.post(URL, {"queries": json.dumps({"q0": {"query": "Contoh", "limit": 3}})})
    msgspec.json.decode(guessed.content, type=dict[str, schemas.Result])

    columns = {"query": "Dana Sejahtera Contoh", "type": "licensed", "type_strict": "should"}
    found = best(client, **columns, properties=[{"pid": "licence", "v": "KEP-12/D.05/2020"}])
    assert (found.id, found.match) == ("L1", True)

    suggested = client.get(service + manifest.suggest["entity"].service_path, {"prefix": "dana s"})
    entities = msgspec.json.decode(suggested.content, type=schemas.SuggestedEntities)
    assert entities.result[0].id == "L1"

    preview = client.get(manifest.preview.url.replace("{{id}}", found.id))
    assert "PT Dana Sejahtera Contoh" in preview.content.decode()
    assert client.get(manifest.view.url.replace("{{id}}", found.id)).status_code == 200

    proposing = manifest.extend.propose_properties
    proposed = client.get(proposing.service_url + proposing.service_path, {"type": "licensed"})
    offered = msgspec.json.decode(proposed.content, type=schemas.Proposed)
    data = extended(client, [found.id], *(one.id for one in offered.properties))
    assert data.rows["L1"]["licence"] == [schemas.Value(str="KEP-12/D.05/2020")]


def test_each_query_of_a_batch_is_answered_under_its_own_key(client: Client) -> None:
    found = results(
        client,
        a={"query": "Dana Sejahtera Contoh"},
        b={"query": "Pinjam Kilat Makmur"},
        c={"query": "Zxqw Vbnm"},
    )
    assert [(one.id, one.score, one.match) for one in found["a"]] == [("L1", 100, True)]
    assert [(one.id, one.score, one.match) for one in found["b"]] == [("I1", 100, False)]
    assert found["c"] == []


def test_the_kind_of_list_is_the_type(client: Client) -> None:
    assert [one.id for one in best(client, query="Pinjam Kilat Makmur").type] == ["illegal"]
    assert results(client, q={"query": "Pinjam Kilat Makmur", "type": ["licensed"]})["q"] == []
    assert best(client, query="Pinjam Kilat Makmur", type=["illegal", "else"]).id == "I1"


NEVER_CERTAIN: list[dict[str, Any]] = [
    {"query": "Pinjam Kilat Makmur"},
    {"query": "Kredit Lama Contoh"},
    {"query": "L1"},
    {"query": "Dana Sejahtera Contoh dan Pinjam Kilat Makmur"},
    {"query": "Dana Sejahtera Contoh dan Sinar Kredit Contoh"},
    {"query": "Sinar Kredit Contoh", "properties": [{"pid": "website", "v": "kilat.example"}]},
    {"query": "Sinar Kredit Contoh", "properties": [{"pid": "licence", "v": "KEP-12/D.05/2020"}]},
    {"query": "Dana Sejahtera Contoh", "properties": [{"pid": "status", "v": "illegal"}]},
    {"properties": [{"pid": "website", "v": ["danasejahtera.example", "kilat.example"]}]},
]


@pytest.mark.parametrize("query", NEVER_CERTAIN)
def test_only_what_the_register_asserts_as_licensed_is_certain(
    client: Client, query: dict[str, Any]
) -> None:
    making.publish(making.HOLDERS, csv_of({**making.ILLEGAL, "website": "kilat.example"}))
    found = results(client, q=query)["q"]
    assert found, "it is offered"
    assert not any(candidate.match for candidate in found)


def test_a_type_nobody_knows_restricts_nothing(client: Client) -> None:
    assert best(client, query="Dana Sejahtera Contoh", type="Q43229").id == "L1"


def test_a_name_two_lists_know_is_never_certain(client: Client) -> None:
    making.publish(
        csv_of(making.LICENSED), csv_of({**making.LICENSED, "id": "I9", "status": "illegal"})
    )
    found = results(client, q={"query": "Dana Sejahtera Contoh"})["q"]
    assert {one.id for one in found} == {"L1", "I9"}
    assert not any(one.match for one in found)


def test_a_typing_error_is_offered_but_never_certain(client: Client) -> None:
    for candidate in results(client, q={"query": "Dana Sejahtra Contoh"})["q"]:
        assert not candidate.match
        assert candidate.score < 100


def test_somebody_elses_licence_number_makes_a_name_uncertain(client: Client) -> None:
    query = {"query": "Dana Sejahtera Contoh"}
    borrowed = [{"pid": "licence", "v": "KEP-13/D.05/2021"}]
    found = results(client, q={**query, "properties": borrowed})["q"]
    assert not any(candidate.match for candidate in found)
    named = next(one for one in found if one.id == "L1")
    assert named.score < 100
    assert schemas.Feature("licence", False) in named.features


def test_a_matching_website_is_told_as_a_feature(client: Client) -> None:
    site = [{"pid": "website", "v": ["https://www.danasejahtera.example/about"]}]
    found = best(client, query="Dana Sejahtera Contoh", properties=site)
    assert found.match
    assert schemas.Feature("website", True) in found.features


def test_a_licence_number_alone_finds_its_holder(client: Client) -> None:
    found = best(client, properties=[{"pid": "licence", "v": "KEP-12/D.05/2020"}])
    assert found.id == "L1"


def test_an_id_finds_its_entry(client: Client) -> None:
    found = best(client, query="L3")
    assert (found.id, found.score) == ("L3", 100)


def test_no_more_candidates_come_than_were_asked_for(client: Client) -> None:
    assert len(results(client, q={"query": "Contoh Kredit", "limit": 1})["q"]) <= 1


def test_candidates_come_best_first(client: Client) -> None:
    for found in results(client, a={"query": "Kredit Contoh"}, b={"query": "Dana"}).values():
        scores = [one.score for one in found]
        assert scores == sorted(scores, reverse=True)


def test_queries_may_come_by_get_too(client: Client) -> None:
    raw = json.dumps({"q0": {"query": "Dana Sejahtera Contoh"}})
    answer = client.get(URL, {"queries": raw}).json()
    assert answer["q0"]["result"][0]["id"] == "L1"


def test_every_address_is_open_to_other_sites(client: Client) -> None:
    for path in ("", "/suggest/type?prefix=", "/properties?type=licensed", "/preview?id=L1"):
        response = client.get(URL + path)
        assert response.status_code == 200, path
        assert response.headers["Access-Control-Allow-Origin"] == "*"
    assert client.post(URL, {"queries": "{}"}).headers["Access-Control-Allow-Origin"] == "*"
    assert "POST" in client.options(URL).headers["Access-Control-Allow-Methods"]


@pytest.mark.parametrize(
    "raw",
    [
        "",
        "{",
        "[]",
        '{"q0": 1}',
        '{"q0": {"query": 5}}',
        '{"q0": {"type": {}}}',
        '{"q0": {"properties": [{"pid": "x"}]}}',
        '{"q0": {"query": "x", "type_strict": "no"}}',
        "[" * 9999,
    ],
)
def test_a_malformed_batch_is_refused_with_the_place(client: Client, raw: str) -> None:
    response = client.post(URL, {"queries": raw})
    assert response.status_code == 400
    assert response.json()["error"] == "malformed"
    assert response.json()["message"]


@pytest.mark.parametrize(
    "query",
    [
        {"query": ""},
        {"query": "\0"},
        {"query": "x" * 10_000},
        {"query": "😀", "limit": -1},
        {"query": "Dana", "limit": 10**300},
        {"properties": []},
        {"query": "Dana", "properties": [{"pid": "licence", "v": {"id": "a", "name": ""}}]},
        {"query": "Dana", "properties": [{"pid": "website", "v": ["http://[", 1, True, None]}]},
        {"query": "Dana", "properties": [{"pid": "__class__", "v": "x"}]},
    ],
)
def test_strange_queries_get_an_answer(client: Client, query: dict[str, Any]) -> None:
    assert isinstance(results(client, q=query)["q"], list)


def test_a_batch_larger_than_the_manifest_allows_is_refused(client: Client) -> None:
    queries = {f"q{number}": {"query": "x"} for number in range(wire.BATCH_SIZE + 1)}
    assert client.post(URL, {"queries": json.dumps(queries)}).status_code == 413
    ids = {"ids": ["x"] * (wire.EXTEND_SIZE + 1), "properties": []}
    assert client.post(URL, {"extend": json.dumps(ids)}).status_code == 413


def test_a_full_batch_asks_the_database_a_fixed_number_of_times(
    client: Client, django_assert_max_num_queries: Any
) -> None:
    queries = {f"q{n}": {"query": f"Dana Sejahtera {n}"} for n in range(wire.BATCH_SIZE)}
    client.get(URL)
    with django_assert_max_num_queries(6):
        results(client, **queries)


def test_values_are_fetched_for_many_entries_at_once(client: Client) -> None:
    data = extended(client, ["L1", "I1", "X"], "status", "since", "note", "nonsense", "kind")
    assert [one.id for one in data.meta] == ["status", "since", "note", "nonsense", "kind"]
    assert data.rows["L1"]["since"] == [schemas.Value(date="2020-05-04T00:00:00Z")]
    assert data.rows["I1"]["status"] == [schemas.Value(str="illegal")]
    assert data.rows["I1"]["note"] == [schemas.Value(str="Tanpa izin")]
    assert data.rows["I1"]["kind"] == []
    assert all(values == [] for values in data.rows["X"].values())


def test_suggestions_go_on_where_the_last_page_ended(client: Client) -> None:
    first = client.get(f"{URL}/suggest/property", {"prefix": ""}).json()["result"]
    rest = client.get(f"{URL}/suggest/property", {"prefix": "", "cursor": "3"}).json()["result"]
    assert first[3:] == rest[: len(first) - 3]


@pytest.mark.parametrize(
    ("kind", "prefix", "first"),
    [
        ("property", "lic", "licence"),
        ("property", "Website", "website"),
        ("type", "ill", "illegal"),
        ("entity", "L2", "L2"),
        ("entity", "sinar", "L3"),
        ("entity", "PT Dana Sej", "L1"),
    ],
)
def test_what_somebody_begins_to_type_is_completed(
    client: Client, kind: str, prefix: str, first: str
) -> None:
    answer = client.get(f"{URL}/suggest/{kind}", {"prefix": prefix}).content
    shape = schemas.SuggestedEntities if kind == "entity" else schemas.Suggested
    assert msgspec.json.decode(answer, type=shape).result[0].id == first


@pytest.mark.parametrize("prefix", ["", "\0", "%", "_", "x" * 5000])
def test_strange_prefixes_suggest_nothing_strange(client: Client, prefix: str) -> None:
    answer = client.get(f"{URL}/suggest/entity", {"prefix": prefix, "cursor": "-1"})
    assert answer.json()["result"] == []


def unwrapped(script: str, name: str) -> Any:
    """What a browser hands to the function `name` when it runs the script."""
    assert script.startswith(f"/**/{name}(")
    assert script.endswith(");")
    return json.loads(script.removeprefix(f"/**/{name}(").removesuffix(");"))


@pytest.mark.parametrize(
    ("path", "asked"),
    [
        ("", {}),
        ("", {"queries": '{"q0":{"query":"Dana Sejahtera Contoh"}}'}),
        ("/suggest/entity", {"prefix": "dana"}),
        ("/properties", {"type": "licensed"}),
    ],
)
def test_older_programs_are_answered_with_a_script(
    client: Client, path: str, asked: dict[str, str]
) -> None:
    plain = client.get(URL + path, asked)
    name = "jQuery19_1763.done"
    script = client.get(URL + path, {**asked, "callback": name})
    assert script.headers["Content-Type"].startswith("text/javascript")
    assert script.headers["X-Content-Type-Options"] == "nosniff"
    assert unwrapped(script.content.decode(), name) == plain.json()


@pytest.mark.parametrize("name", ["alert(1)//", "a b", "1a", "a.", "x" * 999, "<script>", "ａ"])
def test_a_callback_that_is_no_name_of_a_function_is_refused(client: Client, name: str) -> None:
    assert client.get(URL, {"callback": name}).status_code == 400


def test_a_form_without_queries_is_refused(client: Client) -> None:
    body = json.dumps({"queries": {"q0": {"query": "Dana"}}})
    assert client.post(URL, body, content_type="application/json").status_code == 400


def test_an_entry_that_is_not_there_has_no_preview(client: Client) -> None:
    assert client.get(f"{URL}/preview", {"id": "X"}).status_code == 404


def test_a_preview_may_be_framed(client: Client) -> None:
    response = client.get(f"{URL}/preview", {"id": "L1"})
    assert "X-Frame-Options" not in response.headers
    policy = response.headers["Content-Security-Policy"].split("; ")
    assert "frame-ancestors 'self' *" in policy


def test_the_manifest_speaks_the_askers_language(client: Client) -> None:
    types = client.get(URL, headers={"Accept-Language": "id"}).json()["defaultTypes"]
    assert [one["id"] for one in types] == ["licensed", "illegal"]
