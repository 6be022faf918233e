"""A spreadsheet program's own requests, over real HTTP, in the order in which it sends them."""

from __future__ import annotations

import http.client
import json
from collections.abc import Iterator
from urllib.parse import quote, urlencode, urlsplit

import msgspec
import pytest

from tests import processes
from tests.api import making, schemas

pytestmark = pytest.mark.browser  # it needs a whole web process
ORIGIN = {"Origin": "http://127.0.0.1:3333"}
FORM = {"Content-Type": "application/x-www-form-urlencoded;charset=UTF-8"}


@pytest.fixture
def service(lasting_database_url: str, database_url: str) -> Iterator[str]:
    """The address of the service of a web process over a small register."""
    making.publish(making.HOLDERS, making.WARNINGS)
    with processes.web(lasting_database_url) as server:
        yield f"{server.url}/api/v1/reconcile"


def ask(address: str, method: str = "GET", **form: str) -> tuple[str, bytes]:
    """The type and body of an answer that another site may read."""
    parts = urlsplit(address)
    connection = http.client.HTTPConnection(parts.netloc, timeout=30)
    connection.request(
        method,
        parts.path + (f"?{parts.query}" if parts.query else ""),
        urlencode(form) if form else None,
        {**ORIGIN, **(FORM if form else {})},
    )
    answer = connection.getresponse()
    body = answer.read()
    connection.close()
    assert answer.status == 200, body
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    return answer.headers["Content-Type"].partition(";")[0], body


def described(service: str) -> schemas.Manifest:
    kind, body = ask(service)
    assert kind == "application/json"
    return msgspec.json.decode(body, type=schemas.Manifest)


def test_a_column_of_names_is_reconciled_as_a_spreadsheet_program_does(service: str) -> None:
    manifest = described(service)
    assert service == manifest.suggest["type"].service_url

    kind, body = ask(f"{service}?callback=jQuery3_1")
    assert kind == "text/javascript"
    assert b'"versions":["0.2"]' in body

    sample = ["Dana Sejahtera Contoh", "Kredit Lama Contoh", "Pinjam Kilat Makmur", "Zxqw Vbnm"]
    names = (sample * 3)[:10]
    guessing = {f"q{at}": {"query": name, "limit": 3} for at, name in enumerate(names)}
    _kind, body = ask(service, "POST", queries=json.dumps(guessing))
    guessed = msgspec.json.decode(body, type=dict[str, schemas.Result])
    assert list(guessed) == list(guessing)
    assert guessed["q0"].result[0].type == [schemas.Type("licensed", "Licence holder")]

    asked = {
        f"q{at}": {
            "query": name,
            "type": "licensed",
            "type_strict": "should",
            "properties": [{"pid": "licence", "v": "KEP-12/D.05/2020"}] if at % 4 == 0 else [],
        }
        for at, name in enumerate(names)
    }
    _kind, body = ask(service, "POST", queries=json.dumps(asked))
    found = msgspec.json.decode(body, type=dict[str, schemas.Result])
    certain = [key for key, one in found.items() if any(c.match for c in one.result)]
    assert certain == ["q0", "q4", "q8"]
    assert found["q2"].result == found["q3"].result == []


def test_entries_are_suggested_shown_and_fetched_as_a_spreadsheet_program_does(
    service: str,
) -> None:
    manifest = described(service)
    for what, prefix, first in (("type", "lic", "licensed"), ("property", "sta", "status")):
        path = manifest.suggest[what].service_path
        _kind, body = ask(f"{service}{path}?prefix={prefix}&cursor=0")
        assert msgspec.json.decode(body, type=schemas.Suggested).result[0].id == first
    _kind, body = ask(f"{service}{manifest.suggest['entity'].service_path}?prefix=dana%20s")
    (entity,) = msgspec.json.decode(body, type=schemas.SuggestedEntities).result

    kind, body = ask(manifest.preview.url.replace("{{id}}", quote(entity.id, safe="")))
    assert kind == "text/html"
    assert entity.name in body.decode()

    proposing = manifest.extend.propose_properties
    address = f"{proposing.service_url}{proposing.service_path}?type=licensed&limit=50"
    offered = msgspec.json.decode(ask(address)[1], type=schemas.Proposed).properties
    wanted = [{"id": one.id, "settings": {}} for one in offered]
    extend = {"ids": ["L1", "L2", "I1"], "properties": wanted}
    _kind, body = ask(service, "POST", extend=json.dumps(extend))
    values = msgspec.json.decode(body, type=schemas.Extended)
    assert [one.id for one in values.meta] == [one.id for one in offered]
    assert {key: row["status"][0].str for key, row in values.rows.items()} == {
        "L1": "licensed",
        "L2": "revoked",
        "I1": "illegal",
    }
