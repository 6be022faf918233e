"""Webhooks as WhatsApp sends them, with invented people; and the folder of real ones."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

NUMBER = "5550001"
WABA = "7770001"
DISPLAY = "6221000001"
CITIZEN = "628111000001"
BSUID = "ID.10000000000000000001"
SENT_AT = 1_790_000_000


def corpus() -> list[Path]:
    """The real payloads' files; the test is skipped where they are not."""
    root = Path(__file__).resolve().parents[3]
    data = Path(os.environ.get("RESMI_TEST_DATA", root.parent / "shared" / "data"))
    files = sorted((data / "whatsapp_webhooks").glob("[!_]*.json"))
    if not files:
        pytest.skip("the folder of real webhooks is not here")
    return files


def vectors() -> list[dict[str, str]]:
    """Secrets, bodies and the signatures they must give."""
    found: list[dict[str, str]] = json.loads(
        (corpus()[0].parent / "_signature_vectors.json").read_text()
    )["vectors"]
    return found


def body(*entries: dict[str, Any]) -> bytes:
    return json.dumps({"object": "whatsapp_business_account", "entry": list(entries)}).encode()


def entry(*changes: dict[str, Any], waba: str = WABA, **more: Any) -> dict[str, Any]:
    return {"id": waba, "changes": list(changes), **more}


def change(*, field: str = "messages", number: str = NUMBER, **value: Any) -> dict[str, Any]:
    metadata = {"display_phone_number": DISPLAY, "phone_number_id": number}
    return {
        "field": field,
        "value": {"messaging_product": "whatsapp", "metadata": metadata, **value},
    }


def notice(field: str, value: Any) -> dict[str, Any]:
    return {"field": field, "value": value}


def message(
    *,
    id: str = "wamid.1",  # noqa: A002
    kind: str = "text",
    sender: str = CITIZEN,
    **more: Any,
) -> dict[str, Any]:
    parts = {"text": {"body": "hello"}} if kind == "text" and "text" not in more else {}
    return {
        "from": sender,
        "id": id,
        "timestamp": str(SENT_AT),
        "type": kind,
        **parts,
        **more,
    }


def contact(*, phone: str = CITIZEN, name: str = "Sari", **more: Any) -> dict[str, Any]:
    return {"profile": {"name": name}, "wa_id": phone, **more}


def status(
    *,
    id: str = "wamid.out",  # noqa: A002
    word: str = "delivered",
    to: str = CITIZEN,
    **more: Any,
) -> dict[str, Any]:
    return {
        "id": id,
        "status": word,
        "timestamp": str(SENT_AT),
        "recipient_id": to,
        **more,
    }


def one(item: dict[str, Any], *, part: str = "messages", **value: Any) -> bytes:
    """A body with a single item in it."""
    return body(entry(change(**{part: [item]}, **value)))
