"""Text as people type it → words that can be compared.

Case, width, accents, look-alike letters, invisible characters and dotted initials are folded; what
was folded from a look-alike or hidden character is marked `unsafe`, because such a word may be a
forgery: it can raise suspicion, never trust.
"""

from __future__ import annotations

import re
import unicodedata
from itertools import islice

import msgspec

from resmi.language import legal_forms
from resmi.language.confusables import LOOKALIKES

_APOSTROPHES = "'`’‘ʼ´"
_WORD = re.compile(rf"[^\W_]+(?:[{_APOSTROPHES}][^\W_]+)*")
_COMBINING = "\u0300-\u036f\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20f0\ufe20-\ufe2f"
# A sign laid over a letter changes it and parts no words.
_ANY_WORD = re.compile(rf"[^\W_]+(?:[{_COMBINING}]+[^\W_]*|[{_APOSTROPHES}][^\W_]+)*")
_DROP_APOSTROPHES = str.maketrans("", "", _APOSTROPHES)
_SCRIPTS = re.compile(r"[가-힣]+|[^가-힣]+")
_INVISIBLE = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e"
    "\u2060-\u206f\u3164\ufe00-\ufe0f\ufeff\uffa0]"
)
_PLAIN = re.compile("[A-Za-z0-9 ]*")
_INITIALS = re.compile(r"\.(?:\w|\s{1,2}\w\.)")  # A.G. or A. G., but not P.T. X


class Word(msgspec.Struct, frozen=True, gc=False):
    """A folded word and where it stands in the text it was read from (`prepare`d text)."""

    text: str
    start: int
    end: int
    unsafe: bool = False


def prepare(text: str) -> str:
    """The text that offsets of `words` refer to: composed (NFC), otherwise as given."""
    return text if text.isascii() else unicodedata.normalize("NFC", text)


def words(text: str, most: int = 10_000) -> list[Word]:
    """The folded words of a `prepare`d text, with dotted initials joined ("P.T." → "pt").

    Looks at about the first `most` words.
    """
    found = _ascii_words(text, most) if text.isascii() else _any_words(text, most)
    return _join_initials(found, text)[:most] if "." in text else found


def fold(text: str) -> list[str]:
    """The folded words of any text, without positions."""
    if text.isascii() and _PLAIN.fullmatch(text):
        return text.lower().split()
    return [word.text for word in words(prepare(text))]


def squash(text: str) -> str:
    """The key names are compared by: folded, without legal forms, blanks and punctuation."""
    return "".join(legal_forms.without(fold(text)))


def _ascii_words(text: str, most: int) -> list[Word]:
    lower = text.lower()
    matches = islice(_WORD.finditer(lower), most)
    if "'" in text or "`" in text:
        return [
            Word(match.group().translate(_DROP_APOSTROPHES), match.start(), match.end())
            for match in matches
        ]
    return [Word(match.group(), match.start(), match.end()) for match in matches]


def _any_words(text: str, most: int) -> list[Word]:
    visible, offsets = _visible(text)
    found: list[Word] = []
    for match in _ANY_WORD.finditer(visible):
        if len(found) >= most:
            return found[:most]
        for part in _SCRIPTS.finditer(match.group()):
            first, last = match.start() + part.start(), match.start() + part.end() - 1
            start, end = offsets[first], offsets[last] + 1
            folded, unsafe = fold_word(part.group())
            hidden = end - start != last - first + 1
            if folded:
                found.append(Word(folded, start, end, unsafe or hidden))
    return found[:most]


def _visible(text: str) -> tuple[str, list[int] | range]:
    """The text without invisible characters, and where each of its characters stood."""
    if not _INVISIBLE.search(text):
        return text, range(len(text))
    offsets = [at for at, character in enumerate(text) if not _INVISIBLE.match(character)]
    return "".join(text[at] for at in offsets), offsets


def fold_word(word: str) -> tuple[str, bool]:
    """A word in plain lower case, and whether a letter was replaced to get there."""
    word = word.translate(_DROP_APOSTROPHES)
    if word.isascii():
        return word.lower(), False
    plain = unicodedata.normalize("NFKC", word).casefold()
    folded = "".join(LOOKALIKES.get(letter, letter) for letter in plain)
    bare = "".join(
        letter
        for letter in unicodedata.normalize("NFD", folded)
        if not unicodedata.combining(letter)
    )
    result = unicodedata.normalize("NFC", bare)
    result = "".join(letter for letter in result if letter.isalnum())
    return result, result != word.lower()


def _join_initials(found: list[Word], text: str) -> list[Word]:
    joined: list[Word] = []
    open_initials = False
    for word in found:
        single = len(word.text) == 1 and word.text.isalpha()
        if single and open_initials and _INITIALS.match(text, joined[-1].end):
            before = joined.pop()
            word = Word(
                before.text + word.text, before.start, word.end, before.unsafe or word.unsafe
            )
        joined.append(word)
        open_initials = single
    return joined
