"""Shows in which letters two names differ, so that people see it on a small screen. Pure."""

from __future__ import annotations

from difflib import SequenceMatcher

from resmi.language import legal_forms, normalising

MOST_WORDS = 12
ALIKE = 0.5
"""Words less alike than this are other words, and marking their letters helps nobody."""


def letters(typed: str, registered: str) -> list[str]:
    """The words that differ in letters, as typed and as registered: `cipt[a] ≠ cipt[o]`.

    Letters that only look alike are marked in what was typed, for nobody could tell them apart.
    """
    theirs, ours = _words(typed), _words(registered)
    words = SequenceMatcher(None, _folded(theirs), _folded(ours), autojunk=False)
    found: list[str] = []
    for tag, start, end, begin, stop in words.get_opcodes():
        if tag == "replace" and end - start == stop - begin:
            pairs = zip(theirs[start:end], ours[begin:stop], strict=True)
            found += [shown for pair in pairs if (shown := _pair(*pair))]
    return found


def _words(name: str) -> list[str]:
    """The words that tell names apart: without PT, Tbk and the like."""
    words = name.split()[:MOST_WORDS]
    return [word for word in words if not legal_forms.is_form(word.casefold().strip(".,"))]


def _folded(words: list[str]) -> list[str]:
    return [word.casefold() for word in words]


def _pair(typed: str, registered: str) -> str:
    matcher = SequenceMatcher(None, typed.casefold(), registered.casefold(), autojunk=False)
    if any(len(word.casefold()) != len(word) for word in (typed, registered)):
        return ""  # places in the folded word are not those of the word
    if matcher.ratio() < ALIKE:
        return ""
    codes = [code for code in matcher.get_opcodes() if code[0] != "equal"]
    if _look_alike(typed, registered):
        return _marked(typed, [(start, end) for _, start, end, _, _ in codes])
    left = _marked(typed, [(start, end) for _, start, end, _, _ in codes])
    right = _marked(registered, [(start, end) for _, _, _, start, end in codes])
    return f"{left} ≠ {right}"


def _look_alike(typed: str, registered: str) -> bool:
    """Whether a word with foreign letters reads as the other one."""
    return not typed.isascii() and normalising.fold(typed) == normalising.fold(registered)


def _marked(word: str, places: list[tuple[int, int]]) -> str:
    for start, end in reversed(places):
        if end > start:
            word = f"{word[:start]}[{word[start:end]}]{word[end:]}"
    return word
