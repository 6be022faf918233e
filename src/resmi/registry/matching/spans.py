"""The names in a message that the register holds letter by letter, and the runs they stand in."""

from __future__ import annotations

import msgspec

from resmi.language import legal_forms
from resmi.registry.matching import lexicon
from resmi.registry.matching.budget import RESERVE, Budget
from resmi.registry.matching.keys import LONGEST_KEY, Keys
from resmi.registry.matching.lexicon import Sort
from resmi.registry.matching.reading import ENDING, Item, ends_name

LONGEST = 16
_FORM, _FUNCTION = Sort.FORM, Sort.FUNCTION
_FORMS = legal_forms.FAMILY.keys()
GLUED_FORMS = ("pt", "cv", "ud", "pd")
_DULL_STEPS, _START_STEPS, _WORD_STEPS, _FOREIGN_STEPS = 12, 25, 8, 200


class Hit(msgspec.Struct, frozen=True, order=True, gc=False):
    """Words `start`..`end` of the message make the key `key`."""

    start: int
    end: int
    key: str


class Run(msgspec.Struct, frozen=True, gc=False):
    """Words `start`..`end` between words that end a name, with the hits among them."""

    start: int
    end: int
    hits: tuple[Hit, ...]


def hits(found: list[Item], keys: Keys, budget: Budget, kept: int = RESERVE) -> list[Hit]:
    """The longest non-overlapping spans that are keys of the register, in order.

    Drops the words from `found` that the budget does not reach without those `kept`.
    """
    words = [item.text for item in found]
    spans: list[Hit] = []
    joined = "".join(words)
    letters = joined.encode() if joined.isascii() else b""
    named = [] if _FORMS.isdisjoint(words) else _without_forms(found)
    begin = 0
    count = len(words)
    form = -1 if named else count  # the next legal form
    heads_of = keys.heads_of
    for at, word in enumerate(words):
        if budget.left < kept:
            budget.cut = True
            del found[at:]
            spans = [hit for hit in spans if hit.end <= at]
            break
        if form < at:
            form = named.index("", at) if "" in named[at:] else count
        glued = word.startswith(GLUED_FORMS)
        heads = heads_of(word) if letters or word.isascii() else 0
        if heads < 0 and not glued and form != at:
            budget.left -= _DULL_STEPS
        elif glued or (form < count and form - at < LONGEST):
            last = min(at + LONGEST, count)
            spans += _with_forms(words, named or words, at, last, keys, budget)
        elif letters:
            ends, seen = keys.begun(letters[begin:], words[at : at + LONGEST], heads)
            for size in ends:
                end = at + size
                spans.append(Hit(at, end, "".join(words[at:end])))
            budget.left -= _START_STEPS + _WORD_STEPS * seen
        else:
            spans += _foreign(words, at, min(at + LONGEST, count), keys, budget)
        begin += len(word)
    return _chosen(spans, found) if spans else spans


def _without_forms(found: list[Item]) -> list[str]:
    """The words, empty where a legal form stands."""
    return ["" if item.sort == _FORM else item.text for item in found]


def _chosen(spans: list[Hit], found: list[Item]) -> list[Hit]:
    """Those that stay when of overlapping ones the weightiest does, in order."""
    if len(spans) == 1:
        return spans
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
    while first < last and found[first].sort is _FUNCTION:
        weight -= len(found[first].text)
        first += 1
    while last > first and found[last].sort is _FUNCTION:
        weight -= len(found[last].text)
        last -= 1
    return weight


def _foreign(words: list[str], at: int, last: int, keys: Keys, budget: Budget) -> list[Hit]:
    """Every key that begins at the word `at` of a message with letters beyond ASCII, without legal
    forms among the words."""
    text = "".join(words[at:last])
    reach = keys.reach(text)
    result: list[Hit] = []
    size = 0
    budget.spend(_START_STEPS)
    for end in range(at, last):
        word = words[end]
        size += len(word)
        promising = size <= reach
        if word.isascii():
            if not promising:
                break
            budget.spend(_WORD_STEPS)
            key = text[:size] if keys.is_key(text[:size]) else ""
        else:
            budget.spend(_FOREIGN_STEPS)
            key = _inflected(text[:size], keys)
        if key:
            result.append(Hit(at, end + 1, key))
        if not promising:
            break  # only its last word may carry an ending that is still to be cut
    return result


def _with_forms(
    words: list[str], named: list[str], at: int, last: int, keys: Keys, budget: Budget
) -> list[Hit]:
    """Every key that begins at the word `at`, with or without the legal forms among the words, and
    without one written together with the first; in `named` the forms are empty."""
    full, bare = "".join(words[at:last]), "".join(named[at:last])
    full_reach, bare_reach, glued_reach = keys.reach(full), keys.reach(bare), 0
    if full.startswith(GLUED_FORMS):
        glued_reach = 2 + keys.reach(full[2:])
    result: list[Hit] = []
    size = bare_size = 0
    budget.spend(_START_STEPS * 2)
    for end in range(at, last):
        word, formal = words[end], not named[end]
        size += len(word)
        bare_size += len(named[end])
        promising = size <= LONGEST_KEY and (
            size <= max(full_reach, glued_reach) or (bare_size < size and bare_size <= bare_reach)
        )
        if not promising and word.isascii():
            break
        budget.spend(_WORD_STEPS * 2 if word.isascii() else _FOREIGN_STEPS)
        said = full[:size] if size <= full_reach or not word.isascii() else ""
        named_so_far = bare[:bare_size] if bare_size <= bare_reach else ""
        key = _key(word, said, named_so_far, keys)
        if not key and size <= glued_reach and keys.is_key(full[2:size]):
            key = full[2:size]
        if key and (not formal or key == full[:size]):
            result.append(Hit(at, end + 1, key))
        if not promising:
            break
    return result


def _key(word: str, full: str, bare: str, keys: Keys) -> str:
    """The key a span makes, if it is one."""
    if full and keys.is_key(full):
        return full
    if bare and bare != full and keys.is_key(bare):
        return bare
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
    result: list[Run] = []
    start = at = begun = taken = 0
    count = len(found)
    while at < count:
        item = found[at]
        hit = chosen[begun] if begun < len(chosen) and chosen[begun].start == at else None
        ending = hit is None and item.sort in ENDING and ends_name(found, at, text)
        if at > start and (ending or item.gap):
            result.append(Run(start, at, tuple(chosen[taken:begun])))
            start, taken = at, begun
        if ending:
            start = at + 1
        if hit is None:
            at += 1
        else:
            at = hit.end
            begun += 1
    if count > start:
        result.append(Run(start, count, tuple(chosen[taken:])))
    return _with_lures(result, found) if len(result) > 1 else result


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
