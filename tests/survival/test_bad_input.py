"""Callers who are slow, loud or broken do not keep WhatsApp's deliveries from being stored."""

from __future__ import annotations

import contextlib
import http.client
import socket
import time
from collections.abc import Iterator

import pytest

from resmi.channels.models import Inbound
from resmi.channels.whatsapp import signature
from resmi.cli import serve
from tests import processes
from tests.channels.whatsapp import payloads as wa
from tests.survival import promises

SECRET = "secret"
SETTINGS = {"RESMI_WHATSAPP_APP_SECRETS": SECRET, "RESMI_WHATSAPP_VERIFY_TOKEN": "token"}
PROMPT_S = promises.limit(5.0)
SLOW = 300
# None of these is a 200, after which WhatsApp would not come again.
NOT_STORED = (0, 400, 500)


@pytest.fixture
def server(database_url: str) -> Iterator[processes.Running]:
    with processes.web(database_url, **SETTINGS) as running:
        yield running


@contextlib.contextmanager
def line(server: processes.Running) -> Iterator[socket.socket]:
    with socket.create_connection(("127.0.0.1", server.port), timeout=120) as opened:
        yield opened


def head(body: bytes, *more: str) -> bytes:
    lines = (
        "POST /hooks/whatsapp HTTP/1.1",
        "Host: 127.0.0.1",
        f"X-Hub-Signature-256: {signature.sign(SECRET, body)}",
        *more,
    )
    return "\r\n".join(lines).encode() + b"\r\n\r\n"


def status(answered: bytes) -> int:
    return int(answered.split(b" ", 2)[1]) if answered.startswith(b"HTTP/1.1 ") else 0


def deliver(server: processes.Running, wamid: str) -> None:
    """A signed delivery is stored, promptly."""
    body = wa.one(wa.message(id=wamid))
    begin = time.monotonic()
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=120)
    headers = {"X-Hub-Signature-256": signature.sign(SECRET, body)}
    connection.request("POST", "/hooks/whatsapp", body, headers)
    assert connection.getresponse().status == 200
    connection.close()
    assert time.monotonic() - begin < PROMPT_S
    assert Inbound.objects.filter(key__endswith=f":{wamid}").exists()


def test_hundreds_who_never_finish_their_words_keep_nobody_waiting(
    server: processes.Running,
) -> None:
    body = wa.one(wa.message())
    with contextlib.ExitStack() as stack:
        slow = [stack.enter_context(line(server)) for _ in range(SLOW)]
        for number, one in enumerate(slow):
            in_body = head(body, f"Content-Length: {len(body)}") + body[:-1]
            one.sendall(in_body if number % 2 else b"POST /hooks/whatsapp HTTP/1.1\r\nX-")
        deliver(server, "wamid.beside")
    deliver(server, "wamid.after")
    assert Inbound.objects.count() == 2


@pytest.mark.slow
@pytest.mark.parametrize("begun", [b"", b"POST /hooks/whatsapp HTTP/1.1\r\nX-"])
def test_a_line_on_which_nobody_says_what_they_want_is_closed(
    database_url: str, begun: bytes
) -> None:
    """By `resmi serve`, whose limits are its own; `processes.web` is the bare server."""
    env = processes.environment(database_url, **SETTINGS)
    port = processes.free_port()
    command = ("serve", "--port", str(port))
    patience_s = serve.HEAD_MS / 1000 + promises.limit(10.0)
    with (
        processes.running("serve", "resmi", *command, env=env, port=port) as served,
        line(served) as one,
    ):
        began = time.monotonic()
        one.sendall(begun)
        one.settimeout(patience_s)
        with contextlib.suppress(ConnectionResetError):
            assert one.recv(1000)[:12] in (b"", b"HTTP/1.1 408")
        assert time.monotonic() - began < patience_s
        deliver(served, "wamid.after")


def test_a_huge_head_is_refused_and_the_server_goes_on(server: processes.Running) -> None:
    with line(server) as one, contextlib.suppress(ConnectionError):
        one.sendall(b"POST /hooks/whatsapp HTTP/1.1\r\n" + b"X-Padding: x\r\n" * 100_000)
        assert status(one.recv(1000)) in (0, 400, 431)
    with line(server) as one, contextlib.suppress(ConnectionError):
        one.sendall(head(b"{}", "X-Long: " + "y" * 16 * serve.LARGEST_HEAD))
        assert status(one.recv(1000)) in (0, 400, 431)
    deliver(server, "wamid.after")
    assert Inbound.objects.count() == 1


def test_a_body_in_chunks_is_stored(server: processes.Running) -> None:
    body = wa.one(wa.message(id="wamid.chunks"))
    parts = [body[start : start + 50] for start in range(0, len(body), 50)]
    chunks = b"".join(b"%x\r\n%b\r\n" % (len(part), part) for part in parts) + b"0\r\n\r\n"
    with line(server) as one:
        one.sendall(head(body, "Transfer-Encoding: chunked") + chunks)
        assert status(one.recv(1000)) == 200
    assert Inbound.objects.get().key.endswith(":wamid.chunks")


def test_chunks_that_are_none_store_nothing(server: processes.Running) -> None:
    body = wa.one(wa.message())
    with line(server) as one, contextlib.suppress(ConnectionError):
        one.sendall(head(body, "Transfer-Encoding: chunked") + b"zz\r\n" + body)
        assert status(one.recv(1000)) in NOT_STORED
    assert not Inbound.objects.exists()
    deliver(server, "wamid.after")


def test_who_closes_one_half_after_asking_is_still_served(server: processes.Running) -> None:
    """The line may be dropped instead; then WhatsApp comes again, and stores nothing twice."""
    body = wa.one(wa.message(id="wamid.half"))
    with line(server) as one, contextlib.suppress(ConnectionError):
        one.sendall(head(body, f"Content-Length: {len(body)}") + body)
        one.shutdown(socket.SHUT_WR)
        assert status(one.recv(1000)) in (0, 200)
    deliver(server, "wamid.half")
    assert Inbound.objects.count() == 1


def test_a_body_cut_off_in_the_middle_stores_nothing(server: processes.Running) -> None:
    body = wa.one(wa.message())
    with line(server) as one:
        one.sendall(head(body, f"Content-Length: {len(body)}") + body[: len(body) // 2])
        one.shutdown(socket.SHUT_WR)
        with contextlib.suppress(ConnectionError):
            assert status(one.recv(1000)) in NOT_STORED
    deliver(server, "wamid.after")
    assert Inbound.objects.count() == 1


def test_an_endless_body_is_refused_with_the_line_closed(server: processes.Running) -> None:
    with line(server) as one, contextlib.suppress(ConnectionError):
        one.sendall(head(b"", "Content-Length: 99999999999"))
        assert status(one.recv(1000)) == 413
    deliver(server, "wamid.after")
