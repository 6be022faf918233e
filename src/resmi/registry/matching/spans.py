"""The names in a message that the register holds letter by letter, and the runs they stand in."""

from __future__ import annotations

from typing import NamedTuple

from resmi.registry.matching import lexicon
from resmi.registry.matching.keys import Keys
from resmi.registry.matching.lexicon import Sort
from resmi.registry.matching.reading import Item, ends_name

LONGEST = 16
_GLUED_FORMS = ("pt", "cv", "ud", "pd")
_LONGEST_KEY = 120
_LONGEST_FORMS = 24  # letters of legal forms before a name
_SETTLED = 20  # letters after which the beginning is not looked at again


class Hit(NamedTuple):
    """Words `start`..`end` of the message make the key `key`."""

    start: int
    end: int
    key: str


class Run(NamedTuple):
    """Words `start`..`end` between words that end a name, with the hits among them."""

    start: int
    end: int
    hits: tuple[Hit, ...]


def hits(found: list[Item], keys: Keys) -> list[Hit]:
    """The longest non-overlapping spans that are keys of the register, in order."""
    spans = [hit for at in range(len(found)) for hit in _from(found, at, keys)]
    spans.sort(key=lambda hit: (-_weight(hit, found), -len(hit.key), hit.start))
    taken = bytearray(len(found))
    chosen = []
    for hit in spans:
        if not any(taken[hit.start : hit.end]):
            taken[hit.start : hit.end] = b"\x01" * (hit.end - hit.start)
            chosen.append(hit)
    return sorted(chosen)


def _weight(hit: Hit, found: list[Item]) -> int:
    """Letters of the key, not counting function words at its edges ("di Contoh")."""
    weight, first, last = len(hit.key), hit.start, hit.end - 1
    while first < last and found[first].sort is Sort.FUNCTION:
        weight -= len(found[first].text)
        first += 1
    while last > first and found[last].sort is Sort.FUNCTION:
        weight -= len(found[last].text)
        last -= 1
    return weight


def _from(found: list[Item], at: int, keys: Keys) -> list[Hit]:
    """Every key that begins at the word `at`."""
    result: list[Hit] = []
    bare = full = ""
    settled = False
    for end in range(at, min(at + LONGEST, len(found))):
        item = found[end]
        full += item.text
        formal = item.sort is Sort.FORM
        if not formal:
            bare += item.text
        promising = len(full) <= _LONGEST_KEY and (settled or _promising(bare, full, keys))
        if not promising and item.text.isascii():
            break  # other words may carry an ending that is still to be cut
        settled = len(bare) > _SETTLED
        key = _key(item, bare, full, keys)
        if key and (not formal or key == full):
            result.append(Hit(at, end + 1, key))
        if not promising:
            break
    return result


def _promising(bare: str, full: str, keys: Keys) -> bool:
    if keys.may_begin(full) or (not bare and len(full) <= _LONGEST_FORMS):
        return True
    if bare != full and keys.may_begin(bare):
        return True
    return full.startswith(_GLUED_FORMS) and keys.may_begin(full[2:])


def _key(item: Item, bare: str, full: str, keys: Keys) -> str:
    """The key a span makes, if it is one; the last word may carry a Korean ending, the first a
    legal form written together with it."""
    if keys.find(full):
        return full
    if bare and bare != full and keys.find(bare):
        return bare
    if full.startswith(_GLUED_FORMS) and keys.find(full[2:]):
        return full[2:]
    if not item.text.isascii():
        for particle in lexicon.PARTICLES:
            if full.endswith(particle) and keys.find(full[: -len(particle)]):
                return full[: -len(particle)]
    return ""


def runs(found: list[Item], chosen: list[Hit], text: str) -> list[Run]:
    """The message cut at words and marks that end a name; runs without any word are left out."""
    inside = {at: hit for hit in chosen for at in range(hit.start, hit.end)}
    result: list[Run] = []
    start = 0
    for at in range(len(found) + 1):
        here = inside.get(at) if at < len(found) else None
        ending = at == len(found) or (here is None and ends_name(found, at, text))
        broken = at < len(found) and found[at].gap > 0 and not _within(here, at)
        if (ending or broken) and at > start:
            result.append(_run(start, at, chosen))
        if ending:
            start = at + 1
        elif broken:
            start = at
    return _with_lures(result, found)


def _within(hit: Hit | None, at: int) -> bool:
    return hit is not None and at > hit.start


def _run(start: int, end: int, chosen: list[Hit]) -> Run:
    return Run(start, end, tuple(hit for hit in chosen if start <= hit.start < end))


def _with_lures(found_runs: list[Run], found: list[Item]) -> list[Run]:
    """Joins a run of nothing but lures, numbers or a legal form to the run before it: no comma
    protects a lure."""
    joined: list[Run] = []
    for run in found_runs:
        lures = not run.hits and all(map(_hangs_on, found[run.start : run.end]))
        if lures and joined and joined[-1].hits and joined[-1].end == run.start:
            run = Run(joined[-1].start, run.end, joined.pop().hits)
        joined.append(run)
    return joined


def _hangs_on(item: Item) -> bool:
    return item.sort in (Sort.LURE, Sort.CLAIM, Sort.FORM) or item.text.isdigit()
