"""Which script a conversation goes by, and what is left of it to do. Pure."""

from __future__ import annotations

import re
from collections.abc import Collection

from resmi.bot import checking
from resmi.bot.marked import Document
from resmi.bot.schema import HandOver, Pack, Point, Script

KEY = re.compile(r"[a-z0-9_]{1,50}")


def by_topic(pack: Pack, *, reason: str, queue: str) -> Script | None:
    """The script for why it was handed over, else for the queue it is in; None when there is none.

    The reason goes first: it stays what it is about, wherever the conversation is sent.
    """
    for words, field in ((reason, "reasons"), (queue, "queues")):
        for script in pack.scripts:
            if words and words in getattr(script, field):
                return script
    return None


def in_force(pack: Pack, *, chosen: str | None, reason: str, queue: str) -> Script | None:
    """The script an agent `chosen` ("" for none), else the topic's. One that is gone is ignored."""
    if chosen == "":
        return None
    found = next((script for script in pack.scripts if script.key == chosen), None)
    return found or by_topic(pack, reason=reason, queue=queue)


def mark(script: str, point: str) -> str:
    """How a conversation's state names a point."""
    return f"{script}/{point}"


def open_points(script: Script | None, ticked: Collection[str]) -> tuple[Point, ...]:
    """The required points that are not ticked, in order."""
    if script is None:
        return ()
    return tuple(
        point
        for point in script.points
        if point.required and mark(script.key, point.key) not in ticked
    )


def check(pack: Pack, document: Document | None) -> None:
    """Notes every mistake in scripts.yaml."""
    if document is None:
        return
    checking.entries(pack, document, [(script.key, [script.name]) for script in pack.scripts])
    queues = [queue.key for queue in pack.queues]
    reasons = _reasons(pack)
    for number, script in enumerate(pack.scripts):
        _named(document, script.key, (number, "key"))
        for queue in script.queues:
            checking.exists(document, queue, queues, (number, "queues"), "queue")
        for reason in script.reasons:
            checking.exists(document, reason, reasons, (number, "reasons"), "reason of a hand-over")
        _check_points(pack, document, number, script)


def _check_points(pack: Pack, document: Document, number: int, script: Script) -> None:
    if not script.points:
        document.problem((number,), "a script without points guides nobody; add some")
    checking.unique(document, [point.key for point in script.points], (number, "points"))
    for place, point in enumerate(script.points):
        where = (number, "points", place)
        _named(document, point.key, (*where, "key"))
        checking.every(document, pack, point.text, (*where, "text"))
        canned = [reply.key for reply in pack.canned]
        checking.exists(document, point.canned, canned, (*where, "canned"), "canned reply")


def _named(document: Document, key: str, where: tuple[str | int, ...]) -> None:
    if not KEY.fullmatch(key):
        document.problem(where, f"{key!r} is no key: write small letters, digits and _")


def _reasons(pack: Pack) -> set[str]:
    """Why flows hand conversations over."""
    steps = (step for flow in pack.flows.values() for step in flow.code)
    return {step.reason for step in steps if isinstance(step, HandOver)}
