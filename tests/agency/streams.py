"""Reads a live stream as a browser would, over a real socket."""

from __future__ import annotations

import http.client
import json
import queue
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore

from resmi.agency.models import Role, User

PATIENCE_S = 60.0


@dataclass(frozen=True)
class Line:
    event: str
    id: str
    data: dict[str, Any]


@dataclass
class Stream:
    """An open stream: `next()` waits for the next event, `changes(n)` for n changes."""

    status: int
    lines: queue.Queue[Line | None] = field(default_factory=queue.Queue)

    def next(self, patience_s: float = PATIENCE_S) -> Line | None:
        """The next event, or None when the server ended the stream."""
        return self.lines.get(timeout=patience_s)

    def until(self, event: str, patience_s: float = PATIENCE_S) -> Line:
        """Skips to the next event of that name."""
        while True:
            line = self.next(patience_s)
            assert line is not None, f"the stream ended before {event}"
            if line.event == event:
                return line

    def changes(self, count: int) -> list[dict[str, Any]]:
        """The data of the next changes, with their topics."""
        return [self.until("change").data for _ in range(count)]

    def some(self, count: int, patience_s: float = 0.05) -> list[Line]:
        """At most `count` changes, fewer when none comes for a while."""
        found: list[Line] = []
        with suppress(queue.Empty):
            while len(found) < count and (line := self.next(patience_s)) is not None:
                found += [line] if line.event == "change" else []
        return found

    def is_quiet(self, seconds: float = 0.3) -> bool:
        """Whether nothing arrives for a while."""
        try:
            self.lines.get(timeout=seconds)
        except queue.Empty:
            return True
        return False


@contextmanager
def opened(port: int, key: str, topics: str, last: str | None = None) -> Iterator[Stream]:
    """A stream with the session `key`; closed on leaving."""
    query = urlencode({"topics": topics, **({"last": last} if last is not None else {})})
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    connection.request("GET", f"/live/?{query}", headers={"Cookie": f"resmi_session={key}"})
    sock = connection.sock  # getresponse forgets it when the server will close
    response = connection.getresponse()
    stream = Stream(response.status)
    reader = threading.Thread(target=_read, args=(response, stream), daemon=True)
    reader.start()
    try:
        yield stream
    finally:
        if sock is not None:
            with suppress(OSError):
                sock.shutdown(socket.SHUT_RDWR)
        reader.join(PATIENCE_S)
        connection.close()


@contextmanager
def unread(port: int, key: str, topics: str) -> Iterator[socket.socket]:
    """A stream that is opened and never read."""
    with socket.socket() as sock:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        sock.connect(("127.0.0.1", port))
        head = f"GET /live/?topics={topics} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n"
        sock.sendall(f"{head}Cookie: resmi_session={key}\r\n\r\n".encode())
        yield sock


def ends(sock: socket.socket) -> bool:
    """Whether the other side ends what can be read."""
    sock.settimeout(PATIENCE_S)
    with suppress(ConnectionError):
        while sock.recv(65536):
            pass
    return True


def _read(response: http.client.HTTPResponse, stream: Stream) -> None:
    found: dict[str, str] = {}
    try:
        while raw := response.readline():
            text = raw.decode().rstrip("\n")
            if text:
                name, _, value = text.partition(": ")
                found[name] = value
            elif "data" in found:
                data = json.loads(found["data"])
                stream.lines.put(Line(found.get("event", ""), found.get("id", ""), data))
                found = {}
    except (OSError, ValueError, AttributeError, http.client.HTTPException):
        pass
    stream.lines.put(None)


def staff(email: str = "sari@example.org", *, role: str = Role.AGENT) -> User:
    """An account."""
    return User.objects.create_user(email=email, name="Sari Dewi", role=role, password="x")


def session_of(user: User) -> str:
    """The key of a new session of that account."""
    session = SessionStore()
    session[SESSION_KEY] = str(user.pk)
    session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
    session[HASH_SESSION_KEY] = user.get_session_auth_hash()
    session.save()
    return str(session.session_key)
