"""What the simulator sends has the keys and types of webhooks seen elsewhere."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

from tests.channels.simulator.stand import Stand

ROOT = Path(__file__).resolve().parents[3]
CORPUS = Path(os.environ.get("RESMI_TEST_DATA", ROOT.parent / "shared" / "data"))
FOLDER = CORPUS / "whatsapp_webhooks"

pytestmark = pytest.mark.skipif(not FOLDER.is_dir(), reason="the corpus is not here")

NEW_HERE = {
    "from_user_id",
    "from_parent_user_id",
    "recipient_user_id",
    "user_id",
    "previous_user_id",
    "username",
    "biz_opaque_callback_data",
    "context",
}


def items(body: Any, field: str, kind: str) -> list[dict[str, Any]]:
    return [
        one
        for entry in body["entry"]
        for change in entry["changes"]
        for one in change["value"].get(field, [])
        if one.get("type" if field == "messages" else "status") == kind
    ]


def seen(field: str, kind: str) -> list[dict[str, Any]]:
    found = []
    for path in sorted(FOLDER.glob("*.json")):
        if not path.name.startswith("_"):
            found += items(json.loads(path.read_bytes()), field, kind)
    return found


def outline(value: Any, at: str = "") -> set[tuple[str, str]]:
    """Every path in a value with the type found there; numbers and numeric texts are one."""
    if isinstance(value, dict):
        return {(f"{at}{{}}", "")}.union(*(outline(v, f"{at}.{k}") for k, v in value.items()))
    if isinstance(value, list):
        return {(f"{at}[]", "")}.union(*(outline(v, f"{at}[]") for v in value))
    kind = "bool" if isinstance(value, bool) else "scalar"
    return {(at, kind)}


def check(mine: dict[str, Any], field: str, kind: str) -> None:
    known = set().union(*(outline(one) for one in seen(field, kind)))
    assert known, f"the corpus has no {kind}"
    extra = {
        (path, form)
        for path, form in outline(mine) - known
        if not NEW_HERE & set(path.replace("[]", "").replace("{}", "").split("."))
    }
    assert not extra


SAID = {
    "text": {"type": "text", "text": "x"},
    "location": {"type": "location", "latitude": 1.5, "longitude": 2.5, "title": "T"},
    "contacts": {
        "type": "contacts",
        "contacts": [{"name": {"formatted_name": "R", "first_name": "R"}, "phones": []}],
    },
    "unsupported": {"type": "unsupported", "kind": "poll"},
    "interactive": {"type": "choice", "id": "a", "title": "A", "kind": "list", "text": "d"},
}


@pytest.mark.parametrize("kind", SAID)
def test_a_citizens_message_has_no_key_the_corpus_does_not_know(stand: Stand, kind: str) -> None:
    stand.say(**SAID[kind])
    check(stand.messages()[0], "messages", kind)


@pytest.mark.parametrize(
    ("kind", "mime"),
    [
        ("image", "image/jpeg"),
        ("video", "video/mp4"),
        ("audio", "audio/ogg; codecs=opus"),
        ("document", "application/pdf"),
        ("sticker", "image/webp"),
    ],
)
def test_a_citizens_file_has_no_key_the_corpus_does_not_know(
    stand: Stand, kind: str, mime: str
) -> None:
    media = stand.call("POST", "/control/media", data=b"x", headers={"Content-Type": mime})[1]["id"]
    caption = {} if kind in ("audio", "sticker") else {"text": "c"}
    stand.say(type=kind, media=media, **caption)
    message = stand.messages()[0]
    if kind == "video":
        message["video"].pop("url")
    check(message, "messages", kind)


def test_reactions_edits_and_deletions_fit_the_corpus(chat: Stand) -> None:
    own = chat.say(type="text", text="one")
    chat.say(type="reaction", message=own["id"], emoji="👍")
    chat.say(type="revoke", message=own["id"])
    check(chat.messages()[1], "messages", "reaction")
    check(chat.messages()[2], "messages", "revoke")


@pytest.mark.parametrize("kind", ["sent", "delivered", "read"])
def test_a_status_has_no_key_the_corpus_does_not_know(chat: Stand, kind: str) -> None:
    message = chat.sent_id()
    chat.advance(2)
    chat.call("POST", "/control/citizens/budi/read", {})
    chat.settle()
    [status] = [one for one in chat.statuses(message) if one["status"] == kind]
    check(status, "statuses", kind)


def test_a_failed_status_has_no_key_the_corpus_does_not_know(stand: Stand) -> None:
    stand.sent_id()
    stand.advance(1)
    check(stand.statuses()[0], "statuses", "failed")


def test_a_changed_number_has_no_key_the_corpus_does_not_know(chat: Stand) -> None:
    chat.call("POST", "/control/citizens/budi/number", {"phone": "6281266600111"})
    chat.settle()
    check(chat.messages()[0], "messages", "system")
