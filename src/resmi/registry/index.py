"""Finds the companies a citizen's message names and says what the register knows about each."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

from resmi.language import normalising
from resmi.registry.matching import entries as packed_entries
from resmi.registry.matching import identifiers as packed_identifiers
from resmi.registry.matching import matcher, naming, storing
from resmi.registry.matching.building import Building
from resmi.registry.matching.entries import Entries
from resmi.registry.matching.identifiers import Identifiers
from resmi.registry.matching.keys import Keys
from resmi.registry.matching.outcome import Outcome
from resmi.registry.matching.packed import Parts
from resmi.registry.matching.storing import About
from resmi.registry.rules import Candidate, Entry, Verdict

LONGEST_TEXT = 4096
_MOST_CANDIDATES = 10
_NAMING = frozenset(("licensed", "confirm", "revoked", "illegal"))


class Answer(NamedTuple):
    """What the register says about a text. `complete`: whether all of it was looked at."""

    verdicts: tuple[Verdict, ...]
    complete: bool


class Index:
    """An immutable picture of the register, asked many times.

    Built from entries, or opened from a file that all processes share. `country` is the calling
    code that phone numbers without one belong to; `edition` tells registers of the same version
    apart (of another database, say).
    """

    def __init__(
        self,
        entries: Iterable[Entry],
        *,
        version: int = 0,
        edition: str = "",
        country: str = "62",
    ) -> None:
        packing = packed_entries.Packing()
        identifiers = packed_identifiers.Packing(country)
        building = Building()
        for at, entry in enumerate(entries):
            packing.append(entry)
            identifiers.add(at, entry)
            building.add(at, entry)
        parts = {**packing.parts(), **identifiers.parts(), **building.parts()}
        lists = tuple(packing.lists)
        self._hold(About(version=version, edition=edition, country=country, lists=lists), parts)

    @classmethod
    def open(cls, path: Path) -> Index:
        """The index in a file, mapped into memory.

        Raises `storing.Unusable` for a file that is damaged or foreign, and `OSError`.
        """
        index = cls.__new__(cls)
        index._hold(*storing.read(path))
        return index

    def save(self, path: Path) -> None:
        """Writes the index to a file, replacing the one there at once. Raises `OSError`."""
        storing.write(path, self._about, self._parts)

    def _hold(self, about: About, parts: Parts) -> None:
        self._about = about
        self._parts = parts
        self.version = about.version
        self.edition = about.edition
        self.entries = Entries(parts, about.lists)
        self._keys = Keys(parts)
        self._identifiers = Identifiers(parts, about.country)
        self.as_of = min((as_of for _, as_of in about.lists if as_of), default="")
        self.source = "; ".join(dict.fromkeys(source for source, _ in about.lists if source))

    @property
    def nbytes(self) -> int:
        """How large its arrays are: what it needs in memory when all of it is in use."""
        return sum(array.nbytes for array in self._parts.values())

    def verify(self, text: str, *, whole: bool = False) -> tuple[Verdict, ...]:
        """One verdict per company mentioned in `text`, in the order of the text, none twice.

        `whole` means the text is the name itself. Empty when no company is mentioned. Looks at
        the first 4,096 characters. Never raises.
        """
        return self.answer(text, whole=whole).verdicts

    def answer(self, text: str, *, whole: bool = False) -> Answer:
        """The verdicts of `verify`, and whether they cover all of the text.

        Of a text too long, or naming more companies than the work allowed for one message, the
        beginning is answered, and nothing in it says `licensed`. Never raises.
        """
        cut = len(text) > LONGEST_TEXT
        prepared = normalising.prepare(text[:LONGEST_TEXT])
        if cut and whole:
            return Answer((self._verdict(_everything(prepared), prepared),), False)
        found, complete = matcher.mentions(
            prepared, self._keys, self._identifiers, self.entries, whole=whole, cut=cut
        )
        if whole and len(found) > 1 and all(one.status == "unknown" for one in found):
            found = [_everything(prepared)]
        if len(found) == 1:
            return Answer((self._verdict(found[0], prepared),), complete)
        verdicts = [self._verdict(outcome, prepared) for outcome in found]
        return Answer(tuple(dict.fromkeys(verdicts)), complete)

    def _verdict(self, outcome: Outcome, text: str) -> Verdict:
        said = text[outcome.start : outcome.end]
        candidates = self._candidates(outcome)
        if not outcome.entities or outcome.status not in _NAMING:
            return Verdict(
                status=outcome.status,
                query=said,
                source=self.source,
                as_of=self.as_of,
                version=self.version,
                candidates=candidates,
            )
        named = self.entries[outcome.entities[0]]
        return Verdict(
            status=outcome.status,
            query=said,
            source=named.source,
            as_of=named.as_of,
            version=self.version,
            entity=named.id,
            name=_matched(named, said),
            legal_name=named.name,
            licence=named.licence,
            scope=named.scope,
            since=named.since,
            note=named.note,
            candidates=candidates,
        )

    def _candidates(self, outcome: Outcome) -> tuple[Candidate, ...]:
        if not outcome.entities or not _offers(outcome):
            return ()
        entries = [self.entries[at] for at in outcome.entities[:_MOST_CANDIDATES]]
        return (
            _candidate(entries[0], outcome.differs),
            *[_candidate(entry, ()) for entry in entries[1:]],
        )


def _everything(text: str) -> Outcome:
    """What was given as one name is one name, whatever everyday words stand in it."""
    start = len(text) - len(text.lstrip())
    return Outcome("unknown", start, len(text.rstrip()))


def _offers(outcome: Outcome) -> bool:
    """Whether the answer shows candidates beside, or instead of, one entity."""
    if outcome.status == "illegal":
        return len(outcome.entities) > 1
    return outcome.status not in ("licensed", "revoked")


def _matched(entry: Entry, said: str) -> str:
    """The name of the entity that was said: its legal one unless another fits letter by letter."""
    key = "".join(naming.name_words(said)) if entry.names else ""
    fitting = (name for _, name in entry.names if "".join(naming.name_words(name)) == key)
    return next(fitting, entry.name)


def _candidate(entry: Entry, differs: tuple[str, ...]) -> Candidate:
    return Candidate(
        entity=entry.id,
        name=entry.name,
        status=entry.status,
        licence=entry.licence,
        scope=entry.scope,
        website=entry.website,
        differs=differs,
    )
