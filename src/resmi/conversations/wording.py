"""Which words a message is found by, and what of it a result shows. Pure.

Words are folded as everywhere (`resmi.language.normalising`) and found by their beginning
(`resmi.language.beginnings`).
"""

from __future__ import annotations

import msgspec

from resmi.engine import content, events
from resmi.language import beginnings, normalising

MOST_WORDS = 600
MOST_ASKED = 8
ROUND_BITS = 12
SHOWN = 160
LEAD = 50


class Snippet(msgspec.Struct, frozen=True):
    """A stretch of a message; `marks` are the (begin, end) offsets of what was asked for."""

    text: str
    marks: tuple[tuple[int, int], ...]


def text_of(payload: events.Payload) -> str:
    """What can be searched in an event; empty when nothing can."""
    match payload:
        case events.MessageReceived(content=said) | events.MessageCreated(content=said):
            return content.preview(said, limit=20_000)
        case events.NoteAdded(body=body):
            return body
        case _:
            return ""


def keys(text: str, conversation: int) -> list[str]:
    """What a message is kept under: its words, and the round of conversations it belongs to."""
    words = normalising.fold(text)[:MOST_WORDS]
    found = {key for word in words for key in beginnings.keys(word)}
    return [round_of(conversation), *sorted(found)]


def round_of(conversation: int) -> str:
    """The key that 4096 neighbouring conversations share, so that search can begin at the newest.

    No word begins with its sign.
    """
    return f"#{conversation >> ROUND_BITS}"


def asked(text: str) -> list[str]:
    """The folded words of a question, each once; empty when there is nothing to look for."""
    return list(dict.fromkeys(normalising.fold(text)))[:MOST_ASKED]


def condition(words: list[str]) -> str:
    """The words as a PostgreSQL tsquery: all of them, long ones by their beginning."""
    return beginnings.condition([term for word in words for term in beginnings.terms(word)])


def snippet(text: str, words: list[str]) -> Snippet | None:
    """The stretch of a text round the first word found; None when a word is not in it.

    The keys only promise that every pair of syllables is there, not that they stand together.
    """
    prepared = normalising.prepare(text)
    found = normalising.words(prepared)
    places: list[tuple[int, int]] = []
    for word in words:
        here = [place for one in found if (place := _place(one, word)) is not None]
        if not here:
            return None
        places += here
    return _cut(prepared, sorted(set(places)))


def _place(one: normalising.Word, word: str) -> tuple[int, int] | None:
    """Where in the text a word is what was asked for, or begins with or contains it."""
    at = beginnings.find(one.text, word)
    if at < 0:
        return None
    same = one.end - one.start == len(one.text)
    if beginnings.is_unspaced(word) and same:
        return (one.start + at, one.start + at + len(word))
    return (one.start, one.end)


def _cut(text: str, places: list[tuple[int, int]]) -> Snippet:
    begin = max(0, places[0][0] - LEAD)
    if begin:
        blank = text.find(" ", begin, places[0][0])
        begin = blank + 1 if blank >= 0 else begin
    end = begin + SHOWN
    lead, tail = ("…" if begin else ""), ("…" if end < len(text) else "")
    shift = len(lead) - begin
    marks = tuple((a + shift, b + shift) for a, b in places if begin <= a and b <= end)
    return Snippet(lead + text[begin:end].replace("\n", " ") + tail, marks)
