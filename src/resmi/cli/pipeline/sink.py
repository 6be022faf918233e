"""The far end of the pipe: takes replies like the Graph API and reports on them like WhatsApp."""

from __future__ import annotations

import itertools
import json
import time
from collections import deque
from collections.abc import Callable
from typing import Any

from aiohttp import web

REPORTS = ("sent", "delivered", "read")


class Sink:
    """Answers every POST with an id, notes when it came, and owes three status webhooks for it."""

    def __init__(self) -> None:
        self.arrived: dict[tuple[str, str], float] = {}
        self.duplicates = 0
        self.replies = 0
        self.owed: deque[dict[str, Any]] = deque()
        self.asked: dict[str, set[str]] = {}
        self.listeners: list[Callable[[], None]] = []
        self._number = itertools.count(1)

    def expect(self, citizen: str, name: str) -> None:
        """A question by `citizen` (digits) about `name` is under way."""
        self.asked.setdefault(citizen, set()).add(name)

    def app(self) -> web.Application:
        """The endpoints senders use."""
        app = web.Application()
        app.router.add_post("/{version}/{number}/messages", self._take)
        return app

    async def _take(self, request: web.Request) -> web.Response:
        body = json.loads(await request.read())
        if body.get("status") == "read":
            return web.json_response({"success": True})
        citizen = str(body.get("to", "")).lstrip("+")
        provider_id = f"wamid.out{next(self._number)}"
        self.replies += 1
        self._match(citizen, _text(body))
        self._report(citizen, provider_id, str(body.get("biz_opaque_callback_data", "")))
        return web.json_response(
            {
                "messaging_product": "whatsapp",
                "contacts": [{"input": citizen, "wa_id": citizen}],
                "messages": [{"id": provider_id}],
            }
        )

    def _match(self, citizen: str, text: str) -> None:
        for name in self.asked.get(citizen, ()):
            if name in text:
                if (citizen, name) in self.arrived:
                    self.duplicates += 1
                self.arrived.setdefault((citizen, name), time.perf_counter())

    def _report(self, citizen: str, provider_id: str, ref: str) -> None:
        now = str(int(time.time()))
        for status in REPORTS:
            self.owed.append(
                {
                    "id": provider_id,
                    "status": status,
                    "timestamp": now,
                    "recipient_id": citizen,
                    "biz_opaque_callback_data": ref,
                }
            )


def _text(body: dict[str, Any]) -> str:
    inner = body.get(body.get("type", ""), {})
    if isinstance(inner, dict):
        held = inner.get("body", "")
        return str(held.get("text", "")) if isinstance(held, dict) else str(held)
    return ""
