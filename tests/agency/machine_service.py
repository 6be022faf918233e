"""A service on loopback that speaks LibreTranslate and as OpenAI does: the other side of tests.

It answers what `says` holds, refuses while `refuses` is set, and keeps what it was asked.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from email import message_from_bytes
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


class Machine:
    """What the service does, and what it was asked."""

    def __init__(self, address: str) -> None:
        self.address = address
        self.says = "Good morning"
        self.refuses: tuple[int, str] | None = None
        self.asked: list[tuple[str, dict[str, Any], dict[str, str]]] = []

    def answer(self, path: str) -> tuple[int, str]:
        """Status and body for a request that came in."""
        if self.refuses:
            return self.refuses
        shapes: dict[str, Any] = {
            "/translate": {"translatedText": self.says},
            "/v1/chat/completions": {"choices": [{"message": {"content": self.says}}]},
            "/v1/audio/transcriptions": {"text": self.says},
        }
        return (200, json.dumps(shapes[path])) if path in shapes else (404, "no")


def _fields(body: bytes, kind: str) -> dict[str, Any]:
    if kind.startswith("application/json"):
        found: dict[str, Any] = json.loads(body)
        return found
    parts = message_from_bytes(f"Content-Type: {kind}\n\n".encode() + body).get_payload()
    return {
        str(part.get_param("name", header="content-disposition")): part.get_payload(decode=True)  # type: ignore[union-attr]
        for part in parts
    }


@contextmanager
def serving() -> Iterator[Machine]:
    """The service, until the block ends."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"] or 0))
            fields = _fields(body, self.headers["Content-Type"])
            machine.asked.append((self.path, fields, dict(self.headers)))
            status, text = machine.answer(self.path)
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(text.encode())))
            self.end_headers()
            self.wfile.write(text.encode())

        def log_message(self, *_args: object) -> None:
            """Keeps quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    machine = Machine(f"http://127.0.0.1:{server.server_port}")
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield machine
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
