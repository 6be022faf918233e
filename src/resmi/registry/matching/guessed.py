"""Decides about words that hold no registered name letter by letter: misspelt, cut short, or new.

Nothing here can vouch: the best outcome is `confirm`. Evidence against may be fuzzy.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from resmi.language import legal_forms
from resmi.language.confusables import skeleton
from resmi.registry.matching import known, lexicon, phrases
from resmi.registry.matching.budget import Budget
from resmi.registry.matching.entries import Entries
from resmi.registry.matching.keys import Keys
from resmi.registry.matching.lexicon import Sort
from resmi.registry.matching.naming import Strength
from resmi.registry.matching.outcome import Outcome
from resmi.registry.matching.reading import Item
from resmi.registry.rules import Entry, Status

_MOST_CANDIDATES = 10
_LONGEST_MISSPELT = 10  # words
_MOST_TRIES = 300
_RARE = 3
_MIN_RUN = 4  # letters of a misspelt run
_MIN_STRETCH = 7  # letters of a misspelt part of a run
_MIN_ILLEGAL = 5  # letters: shorter names are one edit from everything
_MIN_BRIDGED = 8
_LOOKALIKE = ("look-alike letters",)


class Guesser:
    """Guesses at the names in the unmatched words of one message."""

    def __init__(self, found: list[Item], keys: Keys, entries: Entries, budget: Budget) -> None:
        self.found = found
        self.keys = keys
        self.entries = entries
        self.tries = _MOST_TRIES
        self.budget = budget
        self._strange: dict[int, bool] = {}
        self._asked: dict[str, list[str]] = {}

    def bridged(self, start: int, end: int) -> Outcome | None:
        """A misspelt or forged name that itself holds words which otherwise end a name."""
        if self.tries <= 0 or not self.budget.spend(10 + 3 * (end - start)):
            return None
        key = self._key(start, end)
        if len(key) < _MIN_BRIDGED:
            return None
        self.tries -= 1
        return self._alike(start, end, key) or self._near(start, end, key)

    def guess(self, start: int, end: int) -> Outcome | None:
        """The outcome for a run; None when nothing in the register resembles it."""
        if not self.budget.spend(30 + 15 * (end - start)):
            return None
        if outcome := self._as_whole(start, end):
            return outcome
        inner = self._trimmed(start, end)
        if inner[0] >= inner[1]:
            return None
        if inner != (start, end) and (outcome := self._as_whole(*inner)):
            return outcome
        return self._stretched(*inner)

    def _as_whole(self, start: int, end: int) -> Outcome | None:
        if not self._is_name(start, end):
            return None
        key = self._key(start, end)
        words = [item.text for item in self.found[start:end] if item.sort != Sort.FORM]
        settled = all(map(self.keys.is_known, words))
        guesses = (self._partly, self._misspelt) if settled else (self._misspelt, self._partly)
        if outcome := self._alike(start, end, key):
            return outcome
        return guesses[0](start, end, key) or guesses[1](start, end, key)

    def _is_name(self, start: int, end: int) -> bool:
        """Whether the words may be a name at all: one is not an everyday word, or they are all the
        message says."""
        alone = (start, end) == (0, len(self.found))
        words = self.found[start:end]
        return alone or any(
            item.text in phrases.BANK_TYPES
            or (item.sort == Sort.NAME and not lexicon.is_ordinary(item.text))
            for item in words
        )

    def _trimmed(self, start: int, end: int) -> tuple[int, int]:
        """Without everyday words at the edges."""
        edge = (Sort.EVERYDAY, Sort.KIND)
        while start < end and self.found[start].sort in edge:
            start += 1
        while end > start and self.found[end - 1].sort in edge:
            end -= 1
        return start, end

    def _place(self, start: int, end: int) -> tuple[int, int]:
        return self.found[start].start, self.found[end - 1].end

    def _key(self, start: int, end: int) -> str:
        return "".join(legal_forms.without([item.text for item in self.found[start:end]]))

    def _alike(self, start: int, end: int, key: str) -> Outcome | None:
        """Letters replaced by others that look the same (M0dal for Modal)."""
        for other in self.keys.alike(key):
            return self._accusing(start, end, self._firm(other))
        return None

    def _firm(self, key: str) -> list[int]:
        return [at for at, strength in self.keys.find(key) if strength < Strength.INITIALS]

    def _accusing(self, start: int, end: int, held: Sequence[int]) -> Outcome | None:
        if not held:
            return None
        illegal = all(self.entries.is_illegal(at) for at in held)
        candidates = tuple(held[:_MOST_CANDIDATES])
        status: Status = "illegal" if illegal else "similar"
        return Outcome(status, *self._place(start, end), candidates, _LOOKALIKE)

    def _misspelt(self, start: int, end: int, key: str) -> Outcome | None:
        return self._near(start, end, key) if len(key) >= _MIN_RUN else None

    def _near(self, first: int, last: int, key: str) -> Outcome | None:
        """One edit from a registered name."""
        near = self._near_keys(key)
        if not near:
            return None
        held = list(dict.fromkeys(at for other in near for at in self._meant(other)))
        illegal = [at for at in held if self.entries.is_illegal(at)]
        others = [at for at in held if not self.entries.is_illegal(at)]
        if not held:
            return None
        unsafe = any(item.unsafe for item in self.found[first:last])
        if unsafe or skeleton(key) in map(skeleton, near):
            return self._accusing(first, last, others or illegal)
        place = self._place(first, last)
        if len(others) > 1 or (others and illegal):
            return Outcome("ambiguous", *place, tuple(others + illegal)[:_MOST_CANDIDATES])
        if illegal:
            return Outcome("illegal", *place, tuple(illegal[:_MOST_CANDIDATES]))
        return self._one(first, last, others[0])

    def _near_keys(self, key: str) -> list[str]:
        """One edit off, but with the same digits; whole messages are asked about twice."""
        if key not in self._asked:
            digits = _digits(key)
            near = self.keys.near(key, self.budget)
            self._asked[key] = [other for other in near if _digits(other) == digits]
        return self._asked[key]

    def _meant(self, key: str) -> Iterator[int]:
        held = self.keys.find(key)
        self.budget.spend(4 * len(held))
        for at, strength in held:
            illegal = self.entries.is_illegal(at)
            if strength < Strength.INITIALS and not (illegal and len(key) < _MIN_ILLEGAL):
                yield at

    def _one(self, first: int, last: int, at: int) -> Outcome:
        """The one licence holder meant, unless the legal form said is not its own."""
        entry = self.entries[at]
        said = legal_forms.family([item.text for item in self.found[first:last]])
        clash = known.form_clash(said, entry) == "other"
        words = [item.text for item in self.found[first:last] if item.sort != Sort.FORM]
        own = {word for name in (entry.name, *_names(entry)) for word in name.lower().split()}
        differs = tuple(word for word in words if word not in own) or (entry.name,)
        status: Status = "similar" if clash else "confirm"
        return Outcome(status, *self._place(first, last), (at,), differs)

    def _stretched(self, start: int, end: int) -> Outcome | None:
        """A misspelt name with foreign words beside it."""
        for size in range(min(end - start - 1, _LONGEST_MISSPELT), 0, -1):
            for first in range(start, end - size + 1):
                if self.tries <= 0 or self.budget.over:
                    return None
                if outcome := self._stretch(first, first + size, start, end):
                    return outcome
        return None

    def _stretch(self, first: int, last: int, start: int, end: int) -> Outcome | None:
        self.budget.spend(4 + last - first)
        if not any(map(self._is_strange, range(first, last))):
            return None
        key = self._key(first, last)
        self.tries -= 1
        outcome = self._near(first, last, key) if len(key) >= _MIN_STRETCH else None
        if outcome is None:
            return None
        rest = [*self.found[start:first], *self.found[last:end]]
        if all(known.is_mild(item, self.keys) for item in rest):
            return outcome
        if outcome.status == "illegal":
            return None
        extra = tuple(item.text for item in rest)
        place = self._place(start, end)
        return Outcome("similar", *place, outcome.entities, extra)

    def _is_strange(self, at: int) -> bool:
        """Whether the word stands in no registered name."""
        if at not in self._strange:
            item = self.found[at]
            self._strange[at] = item.sort == Sort.NAME and not self.keys.is_known(item.text)
        return self._strange[at]

    def _partly(self, start: int, end: int, key: str) -> Outcome | None:
        """All words stand in registered names: the name was cut short."""
        words = [item.text for item in self.found[start:end] if item.sort != Sort.FORM]
        telling = [word for word in words if word not in phrases.BANK_TYPES]
        if not telling or not _tells(words, telling):
            return None
        held = self.keys.holding(words)
        if not held:
            return None
        place = self._place(start, end)
        candidates = tuple(held[:_MOST_CANDIDATES])
        if any(item.unsafe for item in self.found[start:end]):
            return Outcome("similar", *place, candidates, _LOOKALIKE)
        if len(held) > 1:
            return Outcome("ambiguous", *place, candidates)
        if any(self.keys.frequency(word) <= _RARE for word in telling):
            return self._one(start, end, held[0])
        return Outcome("similar", *place, candidates, (self.entries[held[0]].name,))


def _names(entry: Entry) -> Iterable[str]:
    return (name for _, name in entry.names)


def _tells(words: list[str], telling: list[str]) -> bool:
    """Whether the words may be a part of a name: a distinctive one, or any beside a bank type."""
    if len(telling) < len(words):
        return True
    return any(lexicon.sort_of(word) == Sort.NAME for word in telling)


def _digits(key: str) -> str:
    return "" if key.isalpha() else "".join(filter(str.isdigit, key))
