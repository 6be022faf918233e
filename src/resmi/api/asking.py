"""Asks the register on behalf of people and programs outside."""

from __future__ import annotations

from resmi.registry import rules, services
from resmi.registry.index import Answer
from resmi.registry.rules import Verdict

MOST_ANSWERS = 10


def ask(text: str) -> Answer:
    """A verdict for every company a text names; for the whole text when it names none."""
    index = services.current_index()
    text = text.replace("\0", "").strip()
    answer = index.answer(text)
    return answer if answer.verdicts else index.answer(text, whole=True)


def ask_for_people(text: str) -> list[Verdict]:
    """The same, as `rules.telling` chooses, and no more than fits a page."""
    found = ask(text).verdicts
    return list(rules.telling(found) or found[:1])[:MOST_ANSWERS]
