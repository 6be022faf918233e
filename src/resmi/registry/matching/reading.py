"""A message → its words with their sort, and the runs between the words that end a name."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

import msgspec
from msgspec.structs import replace

from resmi.language import legal_forms, normalising
from resmi.language.normalising import Word
from resmi.registry.matching import lexicon, phrases
from resmi.registry.matching.lexicon import Sort

_SENTENCE_END = re.compile(r"[?!;•\n]|\.\s")
_COMMA = re.compile(r"[,/]\s|,")
_OR = frozenset(("atau", "or"))
_HOOKS = ".-_+"
_SIGNS = "@$|#"
_SIGN = re.compile(r"[@$|#]")
_MARKS = re.compile(r"[?!;•\n,/]|\.\s|[@$|#]")  # all that `_gap` or `_is_pieced` looks for
_DIGIT = re.compile(r"\d")
MOST_WORDS = 700
_CHOICE = 4  # words the opposite of a claim is looked for after "or"
_CLAUSE = 40  # words a question word is looked for before a claim
_ASKED = lexicon.ASKING | lexicon.TAGS
_SUBJECT_FIRST = frozenset(("is", "are"))  # "is X legit", never "is legit X"
_ACCUSING = lexicon.OPPOSITES - lexicon.TAGS
_ENGLISH = frozenset(
    [
        "legal",
        "legit",
        "legitimate",
        "real",
        "genuine",
        "authentic",
        "safe",
        "trusted",
        "trustworthy",
        "valid",
        "official",
    ]
)
_ATTRIBUTES = frozenset(("official", "genuine", "authentic", "trusted", "real"))  # before nouns
ENDING = frozenset((Sort.FUNCTION, Sort.CLAIM))
"""Sorts of words that may end a name."""


class Item(msgspec.Struct, frozen=True, gc=False):
    """A word of the message. `gap`: what stands before it: 0 nothing that separates, 1 a comma,
    2 the end of a sentence. `sort` is a `Sort`."""

    text: str
    start: int
    end: int
    unsafe: bool
    sort: int
    gap: int
    capital: bool


def items(text: str) -> list[Item]:
    """The words of a prepared text, long forms of bank types taken together."""
    words = normalising.words(text, MOST_WORDS)
    if not phrases.OPENINGS.isdisjoint([word.text for word in words]):
        words = _shortened(words)
    if not words:
        return []
    last = words[-1].start
    marked = _MARKS.search(text, 0, last) or _SIGN.search(text, last)
    found = _marked(words, text) if marked else _unmarked(words, text)
    return _amounts(found, text) if _DIGIT.search(text) else found


def _unmarked(words: list[Word], text: str) -> list[Item]:
    """Words between which nothing separates."""
    return [
        Item(
            one.text, one.start, one.end, one.unsafe, _sort(one.text), 0, text[one.start].isupper()
        )
        for one in words
    ]


def _marked(words: list[Word], text: str) -> list[Item]:
    """Words with what stands between them."""
    found: list[Item] = []
    last = 0
    signs = _SIGN.search(text) is not None
    for word in words:
        start, end = word.start, word.end
        unsafe = word.unsafe or (signs and _is_pieced(text, start, end))
        between = text[last:start]
        gap = 0 if between == " " else _gap(between)
        last = end
        folded = word.text
        found.append(Item(folded, start, end, unsafe, _sort(folded), gap, text[start].isupper()))
    return found


def _shortened(words: list[Word]) -> list[Word]:
    """The words with each long form in one."""
    folded = [word.text for word in words]
    result: list[Word] = []
    at = 0
    while at < len(words):
        word = words[at]
        short, length = phrases.long_form_at(folded, at)
        if short:
            parts = words[at : at + length]
            word = Word(short, word.start, parts[-1].end, any(part.unsafe for part in parts))
        result.append(word)
        at += length or 1
    return result


def _is_pieced(text: str, start: int, end: int) -> bool:
    """Whether a sign stands for a letter beside the word ("Kredit C@ndi")."""
    if end < len(text) and text[end] in _SIGNS:
        return True
    return start > 1 and text[start - 1] in _SIGNS and text[start - 2].isalnum()


@lru_cache(maxsize=50_000)
def _sort(word: str) -> int:
    return Sort.FORM if legal_forms.is_form(word) else lexicon.sort_of(word)


def _gap(between: str) -> int:
    if not between:
        return 0
    if between.isspace():
        return 2 if "\n" in between else 0
    if _SENTENCE_END.search(between):
        return 2
    return 1 if _COMMA.search(between) else 0


def _amounts(found: list[Item], text: str) -> list[Item]:
    """Numbers before a unit ("5 juta", "10%") tell of money or time and are no part of a name."""
    for at, item in enumerate(found):
        if not item.text.isdigit():
            continue
        if text.startswith("%", item.end):
            found[at] = replace(item, sort=Sort.EVERYDAY)
        elif at + 1 < len(found) and lexicon.is_unit(found[at + 1].text):
            found[at] = replace(item, sort=Sort.EVERYDAY)
            found[at + 1] = replace(found[at + 1], sort=Sort.EVERYDAY)
    return found


def ends_name(found: list[Item], at: int, text: str) -> bool:
    """Whether the word at `at`, standing outside a name, ends one."""
    item = found[at]
    if item.sort not in ENDING or item.unsafe:
        return False
    if at and text[item.start - 1] in _HOOKS and _is_glued(found, at, text):
        return False
    return item.sort == Sort.FUNCTION or _is_predicate(found, at, text)


def _is_glued(found: list[Item], at: int, text: str) -> bool:
    """Whether the word hangs on the one before by a sign ("contoh.ku", "contoh-kita")."""
    return not text[found[at - 1].end : found[at].start].strip(_HOOKS)


def _is_predicate(found: list[Item], at: int, text: str) -> bool:
    """Whether a claim ("resmi") is what the sentence asks, not a part of a name.

    It is when a tag follows ("resmi gak"), when it ends a question that was opened ("apakah X
    resmi"), or when the question word stands right before it ("apakah resmi X").
    """
    follows = found[at + 1] if at + 1 < len(found) else None
    if follows and not follows.gap and follows.text in lexicon.TAGS:
        return True
    if _offers_choice(found, at) or _is_korean_attribute(follows):
        return True
    before = found[at - 1] if at and not found[at].gap else None
    if found[at].text == lexicon.REGULATOR:
        # "terdaftar di OJK", but neither "Contoh OJK" nor "di OJK Contoh"
        return before is not None and before.text in lexicon.REGULATING and _closes(follows)
    if before and before.text in _ASKED and before.text not in _SUBJECT_FIRST:
        return not _is_attribute(found, at)
    ends = follows is None or follows.gap == 2 or text[found[at].end : follows.start].strip() == ","
    if not ends:
        return False
    foreign = found[at].text not in _ENGLISH  # no "is" opens a question that ends in "aman"
    return any(
        item.text in lexicon.ASKING and not (foreign and item.text in _SUBJECT_FIRST)
        for item in _clause_before(found, at)
    )


def _is_attribute(found: list[Item], at: int) -> bool:
    """Whether the claim right behind a question word belongs to what follows: by its own kind, or
    because something else is asked ("apakah resmi Contoh penipuan")."""
    word = found[at].text
    if not word.isascii() or word in _ATTRIBUTES:
        return True
    for then in range(at + 1, min(len(found), at + _CLAUSE)):
        if found[then].gap == 2:
            return False
        if found[then].text in _ACCUSING and found[then - 1].text not in _OR:
            return True
    return False


def _closes(follows: Item | None) -> bool:
    """Whether no name can go on here."""
    return follows is None or follows.gap > 0 or follows.sort == Sort.FUNCTION


def _is_korean_attribute(follows: Item | None) -> bool:
    """Whether a generic word follows, as in "정식 업체인가요" (is it a proper company)."""
    return follows is not None and follows.sort == Sort.KIND and not follows.text.isascii()


def _offers_choice(found: list[Item], at: int) -> bool:
    """Whether the claim is one of two ("legal atau bodong", "safe or just a scam")."""
    if at + 2 >= len(found) or found[at + 1].text not in _OR:
        return False
    for other in found[at + 2 : at + 2 + _CHOICE]:
        if other.gap:
            return False
        if other.sort == Sort.CLAIM or other.text in lexicon.OPPOSITES:
            return True
    return False


def _clause_before(found: list[Item], at: int) -> Iterator[Item]:
    first = max(0, at - _CLAUSE)
    while at > first and found[at].gap < 2:
        at -= 1
        yield found[at]
