"""What each line of a thread looks like: events turned into words, bubbles and ticks.

Pure apart from translation: nothing here reads a database or a clock.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, tzinfo
from types import MappingProxyType
from typing import Any

import msgspec
from django.utils.translation import gettext as _

from resmi.channels import explaining
from resmi.conversations import machine
from resmi.conversations.queries import ThreadLine
from resmi.desk import happenings, mentioning, wording
from resmi.desk.mentioning import Piece
from resmi.desk.wording import Names
from resmi.engine import content, events
from resmi.registry.rules import Verdict


@dataclass(frozen=True, kw_only=True)
class Tick:
    """How far an outgoing message got: an icon, a word, and what can be done about it.

    `tone` is a status suffix of the design system; `reason` says in words why it failed.
    """

    status: str
    icon: str
    word: str
    tone: str = ""
    reason: str = ""
    ref: str = ""

    @property
    def spelled_out(self) -> bool:
        """True when the icon alone would not be understood."""
        return self.withdrawn

    @property
    def withdrawn(self) -> bool:
        """True when it was taken back before it left."""
        return self.status == "cancelled"

    @property
    def failed(self) -> bool:
        """True when staff have to do something."""
        return self.status in ("failed", "unknown")


@dataclass(frozen=True, kw_only=True)
class Line:
    """One line of the thread, ready to be drawn.

    `by` is `citizen`, `bot`, `agent`, `note` or `system`; `shape` names the template that draws it.
    `readings` are what services made of it, `asks` what else they can be asked.
    `day` is set on the first line of a day; a message leaves at `held_until` at the earliest.
    """

    seq: int
    at: datetime
    by: str
    shape: str
    author: str = ""
    mine: bool = False
    words: str = ""
    tone: str = ""
    content: Any = None
    verdict: Verdict | None = None
    receipt: str = ""
    tick: Tick | None = None
    media: Any = None
    forwarded: bool = False
    quoted: str = ""
    day: date | None = None
    held_until: datetime | None = None
    pieces: tuple[Piece, ...] = ()
    readings: tuple[events.MachineRead, ...] = ()
    asks: tuple[str, ...] = ()


NOBODY: Mapping[str, str] = MappingProxyType({})
HIDDEN = (
    events.DialogueMoved,
    events.MediaStored,
    events.MediaFailed,
    events.MessageFailed,
    events.PositionTold,
    events.MachineRead,
)


def lines_of(
    thread: Iterable[ThreadLine],
    viewer: str,
    zone: tzinfo,
    names: Names,
    people: Mapping[str, str] = NOBODY,
    *,
    language: str = "",
    connected: frozenset[str] = frozenset(),
) -> list[Line]:
    """The lines to draw, in order. `viewer` is the account id of who looks; `zone` theirs.

    `people` names the accounts that notes call; `connected` are the services the agency has,
    asked for words in `language`.
    """
    drawn: list[Line] = []
    said: dict[str, str] = {}
    for entry in thread:
        if isinstance(entry.payload, HIDDEN):
            continue
        line = _line(entry, viewer, said, names)
        if isinstance(entry.payload, events.NoteAdded):
            line = _replace(line, pieces=_pieces(entry.payload, people, viewer))
        elif line.shape == "message":
            asks = machine.possible(entry, language, connected) if _may_ask(line) else ()
            line = _replace(line, readings=machine.newest(entry.readings, language), asks=asks)
        day = line.at.astimezone(zone).date()
        if not drawn or drawn[-1].at.astimezone(zone).date() != day:
            line = _replace(line, day=day)
        drawn.append(line)
    return drawn


def _may_ask(line: Line) -> bool:
    """What the bot and the agency itself say, the agency has in its languages already."""
    return line.by in ("citizen", "agent") and not line.mine


def called_in(thread: Iterable[ThreadLine]) -> set[str]:
    """The accounts that notes of these lines call."""
    notes = (line.payload for line in thread if isinstance(line.payload, events.NoteAdded))
    return {account for note in notes for account in note.mentions}


def _pieces(note: events.NoteAdded, people: Mapping[str, str], viewer: str) -> tuple[Piece, ...]:
    names = [people[account] for account in note.mentions if account in people]
    me = people.get(viewer, "") if viewer in note.mentions else ""
    return tuple(mentioning.pieces(note.body, names, me))


def _line(entry: ThreadLine, viewer: str, said: dict[str, str], names: Names) -> Line:
    payload = entry.payload
    if isinstance(payload, events.MessageReceived):
        said[payload.provider_id] = content.preview(payload.content)
        return _received(entry, payload, said)
    if isinstance(payload, events.MessageCreated):
        return _created(entry, payload, said, viewer)
    if isinstance(payload, events.NoteAdded):
        return Line(
            seq=entry.seq,
            at=entry.at,
            by="note",
            shape="note",
            author=entry.author,
            words=payload.body,
            mine=bool(viewer) and entry.author_id == viewer,
        )
    if isinstance(payload, events.VerdictGiven):
        return _verdict(entry, payload)
    return Line(
        seq=entry.seq,
        at=entry.at,
        by="system",
        shape="system",
        words=happenings.happened(payload, entry.author, names),
        tone=wording.tone(payload),
    )


def _created(
    entry: ThreadLine, payload: events.MessageCreated, said: dict[str, str], viewer: str
) -> Line:
    if isinstance(payload.content, content.Reaction):
        return _reacted(entry, payload.content, said, viewer)
    return Line(
        seq=entry.seq,
        at=entry.at,
        by=entry.kind,
        shape="message",
        author=entry.author,
        mine=bool(viewer) and entry.author_id == viewer,
        content=payload.content,
        tick=tick_of(entry.delivery),
        media=entry.media,
        quoted=said.get(payload.reply_to, ""),
        held_until=_held(entry),
    )


def _reacted(
    entry: ThreadLine, reaction: content.Reaction, said: dict[str, str], viewer: str
) -> Line:
    return Line(
        seq=entry.seq,
        at=entry.at,
        by="agent",
        shape="remark",
        author=entry.author,
        mine=bool(viewer) and entry.author_id == viewer,
        content=reaction,
        quoted=said.get(reaction.target, ""),
    )


def _held(entry: ThreadLine) -> datetime | None:
    waits = entry.delivery is not None and entry.delivery.status == "queued"
    return entry.delivery.not_before if waits and entry.delivery else None


def _received(entry: ThreadLine, payload: events.MessageReceived, said: dict[str, str]) -> Line:
    said_in = payload.content
    line = Line(
        seq=entry.seq,
        at=entry.at,
        by="citizen",
        shape="message",
        author=entry.author,
        content=said_in,
        media=entry.media,
        forwarded=payload.forwarded,
        quoted=said.get(payload.reply_to, ""),
    )
    if isinstance(said_in, content.Reaction | content.Edit | content.Revocation):
        return _replace(line, shape="remark", quoted=said.get(said_in.target, ""))
    return line


def _verdict(entry: ThreadLine, payload: events.VerdictGiven) -> Line:
    return Line(
        seq=entry.seq,
        at=entry.at,
        by="bot" if entry.actor == "bot" else "agent",
        shape="verdict",
        author=entry.author,
        words=payload.query,
        verdict=verdict_of(payload.verdict),
        receipt=payload.receipt,
        tone="" if payload.sent else "unsent",
    )


def verdict_of(data: dict[str, Any]) -> Verdict | None:
    """A stored verdict; None when it was stored by a version that wrote another shape."""
    try:
        return msgspec.convert(data, Verdict)
    except msgspec.ValidationError:
        return None


def tick_of(delivery: Any) -> Tick | None:
    """The delivery mark of a message; None when nothing was to be sent."""
    if delivery is None:
        return None
    icon, word, tone = wording.DELIVERY.get(delivery.status, ("question", delivery.status, ""))
    return Tick(
        status=delivery.status,
        icon=icon,
        word=str(word),
        tone=tone,
        reason=explaining.said(delivery.error)
        or (_("No reason was given.") if delivery.status == "failed" else ""),
        ref=delivery.ref,
    )


def _replace(line: Line, **changes: Any) -> Line:
    return Line(**{**line.__dict__, **changes})
