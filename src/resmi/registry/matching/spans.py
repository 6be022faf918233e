"""The names in a message that the register holds letter by letter, and the runs they stand in."""

from __future__ import annotations

from typing import NamedTuple

from resmi.registry.matching import lexicon
from resmi.registry.matching.keys import LONGEST_KEY, Keys
from resmi.registry.matching.lexicon import Sort
from resmi.registry.matching.reading import Item, ends_name

LONGEST = 16
_GLUED_FORMS = ("pt", "cv", "ud", "pd")


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
    words = [item.text for item in found]
    forms = [at for at, item in enumerate(found) if item.sort is Sort.FORM]
    spans: list[Hit] = []
    for at, word in enumerate(words):
        last = min(at + LONGEST, len(words))
        if word.startswith(_GLUED_FORMS) or any(at <= form < last for form in forms):
            spans += _with_forms(found, words, at, last, keys)
        else:
            _plain(words, at, last, keys, spans)
    if len(spans) > 1:
        spans.sort(key=lambda hit: (-_weight(hit, found), -len(hit.key), hit.start))
    taken = bytearray(len(found))
    chosen = []
    for hit in spans:
        if not any(taken[hit.start : hit.end]):
            taken[hit.start : hit.end] = b"\x01" * (hit.end - hit.start)
            chosen.append(hit)
    chosen.sort()
    return chosen


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


def _plain(words: list[str], at: int, last: int, keys: Keys, result: list[Hit]) -> None:
    """Every key that begins at the word `at`, without legal forms among the words."""
    text = "".join(words[at:last])
    reach = keys.reach(text)
    size = 0
    for end in range(at, last):
        word = words[end]
        size += len(word)
        promising = size <= reach
        if word.isascii():
            if not promising:
                return
            if keys.is_key(text[:size]):
                result.append(Hit(at, end + 1, text[:size]))
            continue
        if key := _inflected(text[:size], keys):
            result.append(Hit(at, end + 1, key))
        if not promising:
            return  # only its last word may carry an ending that is still to be cut


def _with_forms(found: list[Item], words: list[str], at: int, last: int, keys: Keys) -> list[Hit]:
    """Every key that begins at the word `at`, with or without the legal forms among the words, and
    without one written together with the first."""
    named = ["" if found[place].sort is Sort.FORM else words[place] for place in range(at, last)]
    full, bare = "".join(words[at:last]), "".join(named)
    full_reach, bare_reach, glued_reach = keys.reach(full), keys.reach(bare), 0
    if full.startswith(_GLUED_FORMS):
        glued_reach = 2 + keys.reach(full[2:])
    result: list[Hit] = []
    size = bare_size = 0
    for end in range(at, last):
        word, formal = words[end], not named[end - at]
        size += len(word)
        bare_size += len(named[end - at])
        promising = size <= LONGEST_KEY and (
            size <= max(full_reach, glued_reach) or (bare_size < size and bare_size <= bare_reach)
        )
        if not promising and word.isascii():
            break
        key = _key(word, full[:size], bare[:bare_size], keys)
        if key and (not formal or key == full[:size]):
            result.append(Hit(at, end + 1, key))
        if not promising:
            break
    return result


def _key(word: str, full: str, bare: str, keys: Keys) -> str:
    """The key a span makes, if it is one."""
    if keys.is_key(full):
        return full
    if bare and bare != full and keys.is_key(bare):
        return bare
    if full.startswith(_GLUED_FORMS) and keys.is_key(full[2:]):
        return full[2:]
    return "" if word.isascii() else _inflected(full, keys)


def _inflected(full: str, keys: Keys) -> str:
    """The key a span makes whose last word may carry a Korean ending."""
    if keys.is_key(full):
        return full
    for particle in lexicon.PARTICLES:
        if full.endswith(particle) and keys.is_key(full[: -len(particle)]):
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
