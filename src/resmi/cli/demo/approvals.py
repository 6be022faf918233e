"""Hands the pack's templates in at the simulated WhatsApp, which approves them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.request import ProxyHandler, Request, build_opener

import msgspec

from resmi.bot import packs, templates
from resmi.channels.whatsapp import catalogue
from resmi.cli.demo.plan import Plan
from resmi.cli.demo.visitor import Unexpected

TIMEOUT_S = 60.0


def hand_in(plan: Plan, env: Mapping[str, str]) -> None:
    """Hands in what the account does not have yet. Raises `Unexpected` and `OSError`."""
    (account, *_others) = {
        number["waba"] for number in _call(f"{plan.simulator}/control/state", "")["numbers"]
    }
    url = f"{env['RESMI_WHATSAPP_GRAPH_URL']}/{account}/message_templates"
    token = env["RESMI_WHATSAPP_TOKEN"]
    known = {(one["name"], one["language"]) for one in _call(url, token)["data"]}
    for definition in templates.definitions(packs.load(Path(env["RESMI_PACK"]))):
        if (definition.name, definition.language) not in known:
            _call(url, token, catalogue.creation(**msgspec.structs.asdict(definition)))


def _call(url: str, token: str, body: dict[str, Any] | None = None) -> Any:
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
    data = None if body is None else json.dumps(body).encode()
    opener = build_opener(ProxyHandler({}))
    try:
        with opener.open(Request(url, data=data, headers=headers), timeout=TIMEOUT_S) as response:
            return json.load(response)
    except HTTPError as error:
        raise Unexpected(f"{url}: {error.read().decode(errors='replace')}") from error
