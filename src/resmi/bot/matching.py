"""What a citizen means, by the examples of a pack: whole messages, phrases, words, named companies.

Exact after folding, all languages at once, no statistics. A phrase is only looked for where no
question is open, so that a story about "my agent" never calls one. Pure.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache
from itertools import pairwise
from typing import NamedTuple

from resmi.language import normalising

LONGEST = 300  # characters of a message searched for phrases; longer ones are stories
SHORT = 8  # words of a message in which a single word decides
SHORTEST_NAME = 3  # letters
LONGEST_NAME = 6  # words a bare message may have to be taken for a name
_STRETCHED = re.compile(r"([^\W\d_])\1{2,}")
_REPEATED = re.compile(r"(.)\1+", re.DOTALL)
_HANGUL = re.compile(r"[가-힣]")
_MARKS = re.compile("[\\s\u200d\ufe0f\U0001f3fb-\U0001f3ff]+")
_LATIN_THEN_HANGUL = re.compile(r"(?<=[0-9A-Za-z.)])(?=[가-힣])")
_PARTICLE = r"(?:이라는|라는|은|는|이|가|을|를|도)?"
_KIND = rf"(?:\s*(?:회사|업체|곳|앱|어플|사이트){_PARTICLE})?"
_SENTENCE_END = re.compile(r"[,;?!\n]+(?:\s|$)|\.\s")
_EDGE = " \t\r\n\"'`“”‘’«».,;:?!()[]{}*_~-–—…"


class Example(NamedTuple):
    """One example of an intent; `word` if it decides alone inside a short message."""

    intent: str
    text: str
    language: str
    word: bool = False


class Asked(NamedTuple):
    """A question about a company: the intent it belongs to, and the name as typed ("" if none).

    `language` is that of the wording, "" if it is too short to tell.
    """

    intent: str
    company: str
    language: str


def fold(text: str) -> tuple[str, ...]:
    """The words of a message as they are compared: folded, stretched letters let go ("haloooo")."""
    return _folded(text) if len(text) <= LONGEST else _folded.__wrapped__(text)


# One message is looked at from several sides, and titles of options come again and again.
@lru_cache(maxsize=2048)
def _folded(text: str) -> tuple[str, ...]:
    return tuple(normalising.fold(_STRETCHED.sub(r"\1", text)))


def key(text: str) -> str:
    """What whole messages are compared by: no blanks, no punctuation; emoji only if alone."""
    return "".join(fold(text)) or _REPEATED.sub(r"\1", _MARKS.sub("", text))


def separated(text: str) -> str:
    """The text with a blank between a Latin name and the Korean particle glued to it."""
    return text if text.isascii() else _LATIN_THEN_HANGUL.sub(" ", text)


class _Pattern(NamedTuple):
    """An example with {company}. `word` must occur for the regex to be tried at all."""

    intent: str
    language: str
    word: str
    regex: re.Pattern[str]

    @classmethod
    def of(cls, example: Example) -> _Pattern:
        before, _, after = example.text.partition("{company}")
        words = [*before.lower().split(), *after.lower().split()]
        korean = bool(_HANGUL.search(example.text))
        gap, some = (r"\s*", r"\s*") if korean else (r"\s+", r"\s+")
        starts, ends = (gap.join(map(re.escape, part.split())) for part in (before, after))
        head = "" if korean else r"(?<!\w)" if starts else r"^\s*"
        tail = (
            rf"{_PARTICLE}{_KIND}\s*{ends}" if korean else rf"\s+{ends}(?!\w)" if ends else r"\s*$"
        )
        lead = f"{starts}{some}" if starts else ""
        return cls(
            example.intent,
            example.language if korean or len(words) > 1 else "",
            max(words, key=len),
            re.compile(rf"{head}{lead}(?P<company>\S.*?){tail}", re.I),
        )


class Matcher:
    """The compiled examples of a pack.

    `quiet` are intents that only `means` and `meanings` report (yes, no, skip).
    """

    def __init__(
        self,
        examples: Iterable[Example],
        *,
        quiet: frozenset[str],
        fillers: Iterable[str],
        not_names: Iterable[str],
        joiners: Iterable[str] = (),
    ) -> None:
        self._quiet = quiet
        words = "|".join(re.escape(word) for word in joiners) or "(?!)"
        self._joined = re.compile(rf"\s+(?:{words})\s+|\s*[,;/&+\n]\s*", re.I)
        self._fillers = frozenset(word for filler in fillers for word in fold(filler))
        self._not_names = self._fillers | {word for name in not_names for word in fold(name)}
        self._whole: dict[str, list[str]] = {}
        self._languages: dict[str, set[str]] = {}
        self._phrases: dict[str, list[tuple[tuple[str, ...], str]]] = {}
        self._korean: list[tuple[str, str]] = []
        self._words: dict[str, str] = {}
        patterns: list[Example] = []
        for example in examples:
            if "{company}" in example.text:
                patterns.append(example)
            else:
                self._add(example)
        patterns.sort(key=lambda example: -len(example.text))
        self._patterns = [_Pattern.of(example) for example in patterns]

    def _add(self, example: Example) -> None:
        self._languages.setdefault(key(example.text), set()).add(example.language)
        intents = self._whole.setdefault(key(example.text), [])
        if example.intent not in intents:
            intents.append(example.intent)
        words = fold(example.text)
        if _HANGUL.search(example.text):
            if example.word or len(words) > 1:
                self._korean.append(("".join(words), example.intent))
        elif len(words) > 1:
            self._phrases.setdefault(words[0], []).append((words, example.intent))
        elif example.word:
            self._words.setdefault(words[0], example.intent)

    @staticmethod
    def key(text: str) -> str:
        """What whole messages are compared by."""
        return key(text)

    def meanings(self, text: str) -> frozenset[str]:
        """Every intent the whole message stands for, quiet ones too."""
        if len(text) > LONGEST:
            return frozenset()
        found = self._whole.get(key(text))
        if found is None:
            found = self._whole.get("".join(self._trimmed(fold(text))), [])
        return frozenset(found)

    def whole(self, text: str) -> str:
        """The intent the whole message stands for, fillers at its edges aside; "" if none."""
        found = self.meanings(text) - self._quiet
        return min(found) if found else ""

    def language(self, text: str) -> str:
        """The language of a message that is an example in just one of them; "" otherwise."""
        found = self._languages.get(key(text[:LONGEST]), set())
        return min(found) if len(found) == 1 else ""

    def phrase(self, text: str, *, words_count: bool = True) -> str:
        """The intent of the longest phrase inside the message, else of a deciding word."""
        if len(text) > LONGEST:
            return ""
        words = fold(text)
        found = [hit for hit in self._hits(words) if hit[1] not in self._quiet]
        if found:
            return max(found)[1]
        return self._word(words) if words_count and len(words) <= SHORT else ""

    def means(self, intent: str, text: str) -> bool:
        """Whether an intent's phrase or word occurs anywhere in a text of any length."""
        words = fold(text)
        if intent in self._whole.get("".join(words), []):
            return True
        if any(found == intent for _, found in self._hits(words)):
            return True
        return any(self._words.get(word) == intent for word in words)

    def asked(self, text: str) -> Asked | None:
        """The company a message asks about, by the sentence round it; None if it asks none."""
        if len(text) > LONGEST:
            return None
        lower = text.lower()
        for pattern in self._patterns:
            if pattern.word in lower and (found := pattern.regex.search(text)):
                return Asked(pattern.intent, self._name(found["company"]), pattern.language)
        return None

    def likely_names(self, text: str) -> list[str]:
        """The parts of a list ("A, B and C") that are likely names."""
        parts = (self._name(part) for part in self._joined.split(f" {text} "))
        return [part for part in parts if self.may_be_name(part) or looks_like_name(part)]

    def may_be_name(self, text: str) -> bool:
        """Whether a short message nobody understood is likely a name: no everyday word in it."""
        words = fold(text)
        if sum(map(len, words)) < SHORTEST_NAME and text.isascii():
            return False
        return 0 < len(words) <= LONGEST_NAME and not any(word in self._not_names for word in words)

    def _name(self, raw: str) -> str:
        parts = _SENTENCE_END.split(raw.strip(_EDGE), maxsplit=1)[0].split()
        while parts and self._is_filler(parts[-1]):
            parts.pop()
        while parts and self._is_filler(parts[0]):
            parts.pop(0)
        name = " ".join(parts).strip(_EDGE)
        return name if any(word not in self._not_names for word in fold(name)) else ""

    def _is_filler(self, part: str) -> bool:
        words = fold(part)
        return not words or all(word in self._fillers for word in words)

    def _trimmed(self, words: tuple[str, ...]) -> tuple[str, ...]:
        start, end = 0, len(words)
        while start < end and words[start] in self._fillers:
            start += 1
        while end > start and words[end - 1] in self._fillers:
            end -= 1
        return words[start:end]

    def _word(self, words: tuple[str, ...]) -> str:
        intents = (self._words.get(word, "") for word in words)
        return next((intent for intent in intents if intent and intent not in self._quiet), "")

    def _hits(self, words: tuple[str, ...]) -> list[tuple[int, str]]:
        """(letters, intent) of every phrase in these words."""
        hits = []
        for start, word in enumerate(words):
            for phrase, intent in self._phrases.get(word, ()):
                if words[start : start + len(phrase)] == phrase:
                    hits.append((sum(map(len, phrase)), intent))
        joined = "".join(words)
        if _HANGUL.search(joined):
            hits += [(len(text), intent) for text, intent in self._korean if text in joined]
        return hits


def looks_like_name(text: str) -> bool:
    """Whether capitals, digits, a dot or a legal form make it likely that a text is a name.

    A capital on the first word alone is the keyboard's doing and says nothing.
    """
    parts = text.strip(_EDGE).split()
    if not 0 < len(parts) <= SHORT:
        return False
    if any(_odd(part) for part in parts) or fold(parts[0])[:1] in (("pt",), ("cv",)):
        return True
    return len(parts) > 1 and all(part[:1].isupper() and not part.isupper() for part in parts)


def _odd(part: str) -> bool:
    """Letters with digits, a dot inside, or a capital after a small letter: KreditKu, dana24."""
    word = part.strip(_EDGE)
    letters = any(c.isalpha() for c in word)
    digits = any(c.isdigit() for c in word)
    camel = any(a.islower() and b.isupper() for a, b in pairwise(word))
    return (letters and digits) or camel or bool(re.search(r"[a-z]\.[a-z]{2,}", word, re.I))
