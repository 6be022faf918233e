"""A simulated citizen's phone, driven through the simulator's control API."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from typing import Any
from urllib.error import HTTPError
from urllib.request import ProxyHandler, Request, build_opener

from resmi.cli.demo.visitor import Unexpected

TIMEOUT_S = 60.0
STEP_S = 0.05


class Handset:
    """One citizen's phone. `heard` counts the messages already waited for."""

    def __init__(self, simulator: str, key: str) -> None:
        self.simulator = simulator
        self.key = key
        self.heard = 0
        self.opener = build_opener(ProxyHandler({}))

    def appear(self, *, name: str, phone: str, language: str) -> None:
        """Makes the citizen, unless known already."""
        known = {one["key"] for one in self._call("GET", "/control/citizens")["citizens"]}
        if self.key not in known:
            citizen = {"key": self.key, "name": name, "phone": phone, "language": language}
            self._call("POST", "/control/citizens", citizen)

    def say(self, text: str) -> None:
        """Sends a text."""
        self._call("POST", f"/control/citizens/{self.key}/say", {"type": "text", "text": text})

    def received(self) -> list[dict[str, Any]]:
        """Every message that has come to the phone, oldest first."""
        thread = self._call("GET", f"/control/citizens/{self.key}/thread")
        return [message for message in thread["messages"] if message["direction"] == "out"]

    def wait_for(self, wanted: Callable[[str], bool], seconds: float) -> str:
        """The first new message whose words are wanted. Raises `Unexpected` with what came."""
        deadline = time.monotonic() + seconds
        while True:
            messages = [words_of(message) for message in self.received()]
            for number, text in enumerate(messages[self.heard :], self.heard + 1):
                if wanted(text):
                    self.heard = number
                    return text
            if time.monotonic() > deadline:
                came = " ⏎ ".join(messages[self.heard :]) or "nothing"
                raise Unexpected(f"in {seconds:.0f} s the citizen received: {came}")
            time.sleep(STEP_S)

    def _call(self, method: str, path: str, body: Any = None) -> Any:
        data = None if body is None else json.dumps(body).encode()
        headers = {"Content-Type": "application/json"}
        request = Request(self.simulator + path, data=data, headers=headers, method=method)
        try:
            with self.opener.open(request, timeout=TIMEOUT_S) as response:
                return json.load(response)
        except HTTPError as error:
            raise Unexpected(f"{method} {path}: {error.read().decode(errors='replace')}") from error


def words_of(message: dict[str, Any]) -> str:
    """Everything a citizen can read in a message, whatever its type."""
    return "\n".join(_texts(message["content"]))


def _texts(value: Any) -> list[str]:
    if isinstance(value, str):
        return [value]
    parts = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return [text for part in parts for text in _texts(part)]
