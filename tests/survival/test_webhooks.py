"""WhatsApp's deliveries against real server processes and a real PostgreSQL."""

from __future__ import annotations

import http.client
import itertools
import socket
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from urllib.parse import quote

import pytest
from django.db import connections

from resmi.channels.models import Inbound
from resmi.channels.whatsapp import signature
from tests import processes
from tests.channels.whatsapp import payloads as wa
from tests.survival import wires

SECRET = "secret"
SETTINGS = {"RESMI_WHATSAPP_APP_SECRETS": SECRET, "RESMI_WHATSAPP_VERIFY_TOKEN": "token"}


@pytest.fixture
def server(database_url: str) -> Iterator[processes.Running]:
    with processes.web(database_url, **SETTINGS) as running:
        yield running


def post(server: processes.Running, body: bytes, *, signed: str | None = None) -> int:
    """The status of the answer; signed as Meta would unless told otherwise."""
    header = signature.sign(SECRET, body) if signed is None else signed
    headers = {"X-Hub-Signature-256": header} if header else {}
    return ask(server, "POST", "/hooks/whatsapp", body, headers)


def ask(
    server: processes.Running,
    method: str,
    path: str,
    body: bytes = b"",
    headers: dict[str, str] | None = None,
) -> int:
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=120)
    try:
        connection.request(method, path, body, headers or {})
        answer = connection.getresponse()
        answer.read()
        return answer.status
    finally:
        connection.close()


def say_raw(server: processes.Running, text: bytes) -> bytes:
    """What comes back for bytes that are hardly HTTP."""
    with socket.create_connection(("127.0.0.1", server.port), timeout=60) as line:
        line.sendall(text)
        return line.recv(1000)


def batch() -> bytes:
    """Two entries of two changes, each of three messages and two statuses."""
    return wa.body(
        *(
            wa.entry(
                *(
                    wa.change(
                        number=f"55{entry}{change}",
                        contacts=[wa.contact()],
                        messages=[wa.message(id=f"m{entry}{change}{i}") for i in range(3)],
                        statuses=[
                            wa.status(id=f"s{entry}{change}", word=word)
                            for word in ("sent", "delivered")
                        ],
                    )
                    for change in range(2)
                )
            )
            for entry in range(2)
        )
    )


def test_one_post_of_many_entries_changes_and_items_is_stored_item_by_item(
    server: processes.Running,
) -> None:
    assert post(server, batch()) == 200
    kinds = list(Inbound.objects.values_list("kind", flat=True))
    assert (kinds.count("message"), kinds.count("status"), len(kinds)) == (12, 8, 20)
    assert post(server, batch()) == 200
    assert Inbound.objects.count() == 20


def test_the_same_webhook_five_times_at_once_over_two_processes_is_one_message(
    database_url: str,
) -> None:
    body = wa.one(wa.message(), contacts=[wa.contact()])
    with (
        processes.web(database_url, **SETTINGS) as first,
        processes.web(database_url, **SETTINGS) as second,
        ThreadPoolExecutor(5) as callers,
    ):
        servers = [first, second, first, second, first]
        assert set(callers.map(lambda server: post(server, body), servers)) == {200}
    assert Inbound.objects.get().key == f"wa:{wa.NUMBER}:m:wamid.1"


def test_retries_in_other_batches_over_two_processes_store_every_item_once(
    database_url: str,
) -> None:
    """Batches that overlap in opposite orders, at once: neither lost, doubled nor refused."""
    messages = [wa.message(id=f"m{number}") for number in range(60)]
    orders = [messages, messages[::-1], messages[30:] + messages[:30]] * 4
    bodies = [wa.body(wa.entry(wa.change(messages=order))) for order in orders]
    with (
        processes.web(database_url, **SETTINGS) as first,
        processes.web(database_url, **SETTINGS) as second,
        ThreadPoolExecutor(8) as callers,
    ):
        servers = [first, second] * 6
        assert set(callers.map(post, servers, bodies)) == {200}
    assert Inbound.objects.count() == 60


def test_unknown_kinds_are_stored_seen_and_harm_nothing(server: processes.Running) -> None:
    assert post(server, wa.one(wa.message(kind="hologram", hologram={"x": 1}))) == 200
    assert (
        post(server, wa.body(wa.entry(wa.notice("field_of_2031", {"a": [1, {"b": None}]})))) == 200
    )
    assert post(server, wa.one({"id": 5}, part="things_of_2031")) == 200
    assert post(server, wa.one(wa.message(id="after"))) == 200
    rows = list(Inbound.objects.order_by("id").values_list("kind", "subkind", "status"))
    assert rows == [
        ("message", "hologram", "new"),
        ("account", "field_of_2031", "new"),
        ("account", "messages", "new"),
        ("message", "text", "new"),
    ]


def test_a_wrong_signature_is_always_refused_and_stores_nothing(server: processes.Running) -> None:
    body = wa.one(wa.message())
    right = signature.sign(SECRET, body)
    wrong = ["", "sha256=", "sha256=" + "0" * 64, right[:-1], right[7:], signature.sign("x", body)]
    assert [post(server, body, signed=header) for header in wrong] == [401] * len(wrong)
    assert post(server, body + b" ", signed=right) == 401
    assert post(server, b"{", signed="sha256=00") == 401
    assert not Inbound.objects.exists()
    assert post(server, body) == 200


BAD_BODIES: dict[str, bytes] = {
    "empty": b"",
    "no JSON": b"hello",
    "truncated": batch()[:-40],
    "bytes": bytes(range(256)),
    "deeply nested": b'{"entry":' + b"[" * 50_000 + b"]" * 50_000 + b"}",
    "wrong types": b'{"entry":[{"id":{},"changes":[{"field":[],"value":{"messages":7}}]}]}',
    "huge number": b'{"entry":[{"id":' + b"9" * 5000 + b',"changes":[]}]}',
}
BAD_MESSAGES: dict[str, dict[str, Any]] = {
    "unknown fields": wa.message(novelty={"x": [None]}, text={"body": "a", "style": 3}),
    "wrong types": wa.message(text=["a"], context="x", timestamp={}),
    "nothing known": {"hello": "world"},
    "integer time": wa.message(timestamp=wa.SENT_AT),
    "future": wa.message(timestamp="9999999999"),
    "past": wa.message(timestamp="1"),
    "absurd time": wa.message(timestamp="9" * 400),
    "empty text": wa.message(text={"body": ""}),
    "longest text": wa.message(text={"body": "x" * 4096}),
    "longest text of emoji": wa.message(text={"body": "👩‍👩‍👧" * 500}),
    "right to left": wa.message(text={"body": "\u202eمرحبا\u202c"}),
    "zero width": wa.message(text={"body": "\u200b\u200d\ufeff"}),
    "NUL": wa.message(text={"body": "a\0b"}, **{"from": "62\0", "id": "w\0"}),
    "half an emoji": wa.message(text={"body": "\ud83d"}),
}


@pytest.mark.parametrize("body", BAD_BODIES.values(), ids=BAD_BODIES)
def test_bodies_that_are_no_webhooks_are_acknowledged_and_kept(
    server: processes.Running, body: bytes
) -> None:
    assert post(server, body) == 200
    assert set(Inbound.objects.values_list("status", flat=True)) == {"unparsed"}


def test_messages_of_every_strange_shape_are_acknowledged_and_kept(
    server: processes.Running,
) -> None:
    for number, item in enumerate(BAD_MESSAGES.values()):
        strange = {**item, "id": f"{item.get('id', '')}{number}"}
        assert post(server, wa.one(strange)) == 200
    assert Inbound.objects.count() == len(BAD_MESSAGES)
    assert set(Inbound.objects.values_list("kind", flat=True)) == {"message"}


def test_a_body_over_three_megabytes_is_refused_and_the_server_goes_on(
    server: processes.Running,
) -> None:
    assert post(server, b"x" * (3 * 1024 * 1024 + 1)) == 413
    assert post(server, b"x" * (20 * 1024 * 1024)) == 413
    assert post(server, wa.one(wa.message())) == 200


def test_what_is_hardly_http_does_not_harm(server: processes.Running) -> None:
    start = b"POST /hooks/whatsapp HTTP/1.1\r\nHost: x\r\n"
    for length in (b"abc", b"-5", b"9" * 30):
        answer = say_raw(server, start + b"Content-Length: " + length + b"\r\n\r\nabc")
        assert answer.startswith(b"HTTP/1.1 4")
    with socket.create_connection(("127.0.0.1", server.port)) as line:
        line.sendall(start + b"Content-Length: 100\r\n\r\nabc")
    assert ask(server, "PUT", "/hooks/whatsapp") == 405
    assert ask(server, "GET", "/hooks/whatsapp") == 403
    assert ask(server, "POST", "/hooks/nobody") in (403, 404)
    assert not Inbound.objects.exists()
    assert post(server, wa.one(wa.message())) == 200


def test_what_was_acknowledged_survives_a_killed_server(database_url: str) -> None:
    acknowledged = []
    with processes.web(database_url, **SETTINGS) as server, ThreadPoolExecutor(4) as callers:
        bodies = {f"m{number}": wa.one(wa.message(id=f"m{number}")) for number in range(400)}
        answers = {name: callers.submit(post, server, body) for name, body in bodies.items()}
        done = itertools.count(1)
        for answer in answers.values():
            answer.add_done_callback(lambda _: server.kill() if next(done) == 41 else None)
        for name, answer in answers.items():
            if answer.exception() is None and answer.result() == 200:
                acknowledged.append(f"wa:{wa.NUMBER}:m:{name}")
    stored = set(Inbound.objects.values_list("key", flat=True))
    assert 40 < len(acknowledged) < len(bodies)
    assert stored.issuperset(acknowledged)


def through(wire: wires.Wire) -> str:
    """The URL of the test database at the end of a wire."""
    database = connections["default"].settings_dict
    return f"postgresql://{quote(database['USER'])}@127.0.0.1:{wire.port}/{database['NAME']}"


@pytest.fixture
def wire(database_url: str) -> Iterator[wires.Wire]:
    database = connections["default"].settings_dict
    with wires.Wire(f"{database['HOST']}/.s.PGSQL.{database['PORT'] or 5432}").open() as opened:
        yield opened


def test_a_database_that_goes_and_comes_back_is_used_again_by_itself(wire: wires.Wire) -> None:
    body = wa.one(wa.message())
    wire.cut()
    with processes.web(through(wire), **SETTINGS) as server:
        assert post(server, body) == 503
        assert post(server, body, signed="") == 401
        wire.mend()
        server.wait_until(lambda: post(server, body) == 200)
        wire.cut()
        assert post(server, body) == 503
        wire.mend()
        server.wait_until(lambda: post(server, body) == 200)
    assert Inbound.objects.count() == 1


def test_a_database_that_falls_silent_does_not_hang_the_server_for_good(wire: wires.Wire) -> None:
    body = wa.one(wa.message())
    with processes.web(through(wire), **SETTINGS) as server:
        assert post(server, body) == 200
        wire.silence()
        with ThreadPoolExecutor(6) as callers:
            assert set(callers.map(lambda _: post(server, body), range(6))) == {503}
        wire.mend()
        server.wait_until(lambda: post(server, body) == 200)
