"""The finance pack, and facts and registers for tests of the bot."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from resmi.bot import packs, rules
from resmi.bot.rules import Facts, Step
from resmi.bot.schema import Pack
from resmi.engine.content import Choices, Inbound, Text
from resmi.registry.rules import Candidate, Status, Verdict

FOLDER = Path(packs.__file__).parent.parent / "packs" / "finance"
NOW = datetime(2026, 3, 3, 10, 0, tzinfo=ZoneInfo("Asia/Jakarta"))
Register = Callable[[str, bool], tuple[Verdict, ...]]


@cache
def finance() -> Pack:
    return packs.load(FOLDER)


def copied(tmp_path: Path) -> Path:
    """A copy of the finance pack that a test may break."""
    return Path(shutil.copytree(FOLDER, tmp_path / "pack"))


def verdict(status: Status = "licensed", **changes: Any) -> Verdict:
    fields: dict[str, Any] = {
        "status": status,
        "query": "dana contoh",
        "source": "Register of licensed companies",
        "as_of": "2026-03-01",
        "version": 4,
        "entity": "" if status in ("unknown", "similar", "ambiguous") else "e1",
        "name": "" if status in ("unknown", "similar", "ambiguous") else "PT Dana Contoh",
    }
    return Verdict(**{**fields, **changes})


def candidate(**changes: Any) -> Candidate:
    fields: dict[str, Any] = {"entity": "e1", "name": "PT Dana Contoh", "status": "licensed"}
    return Candidate(**{**fields, **changes})


def nothing(text: str, whole: bool) -> tuple[Verdict, ...]:
    """A register that knows no company: unknown for a name, silent in a sentence."""
    return (verdict("unknown", query=text),) if whole and text.strip() else ()


def always(*answers: Verdict) -> Register:
    """A register that finds these whatever is said."""
    return lambda text, whole: answers


def facts(**changes: Any) -> Facts:
    fields: dict[str, Any] = {
        "now": NOW,
        "language": "id",
        "open": True,
        "opens_at": None,
        "first": False,
        "verify": nothing,
    }
    return Facts(**{**fields, **changes})


def said(words: str | Inbound, dialogue: dict[str, Any] | None = None, **changes: Any) -> Step:
    """One step of the finance pack."""
    content = Text(words) if isinstance(words, str) else words
    return rules.step(
        finance(), {"talked": True} if dialogue is None else dialogue, content, facts(**changes)
    )


def talk(*lines: str | Inbound, **changes: Any) -> Step:
    """The last step after these messages, in the language the talk has come to."""
    dialogue: dict[str, Any] = {"talked": True}
    language = changes.pop("language", "id")
    for line in lines:
        step = said(line, dialogue, language=language, **changes)
        dialogue, language = step.dialogue, step.language or language
    return step


def words(step: Step) -> str:
    return "\n".join(getattr(reply, "body", "") for reply in step.replies)


def offered(step: Step) -> list[str]:
    """The ids on offer in the last message that has options."""
    for reply in reversed(step.replies):
        if isinstance(reply, Choices):
            return [option.id for option in reply.options]
    return []
