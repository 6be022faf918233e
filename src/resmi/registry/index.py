"""Finds the companies a citizen's message names and says what the register knows about each."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from resmi.language import legal_forms, normalising
from resmi.registry.rules import Candidate, Entry, Status, Verdict

_LONGEST_SPAN = 16


class Index:
    """An immutable picture of the register, built once per version and asked many times."""

    def __init__(self, entries: Iterable[Entry], *, version: int = 0) -> None:
        self.version = version
        self.entries = tuple(entries)
        dates = sorted({entry.as_of for entry in self.entries if entry.as_of})
        self.as_of = dates[0] if dates else ""
        self.source = "; ".join(dict.fromkeys(entry.source for entry in self.entries))
        self._keys: dict[str, tuple[int, ...]] = _keys(self.entries)

    def verify(self, text: str, *, whole: bool = False) -> tuple[Verdict, ...]:
        """One verdict per mention; `whole` means the text is the name itself. Never raises."""
        prepared = normalising.prepare(text[:4096])
        words = normalising.words(prepared)
        found: list[Verdict] = []
        at = 0
        while at < len(words):
            end = self._longest(words, at)
            if end > at:
                said = prepared[words[at].start : words[end - 1].end]
                unsafe = any(word.unsafe for word in words[at:end])
                found.append(self._verdict(said, words[at:end], unsafe))
            at = max(end, at + 1)
        if not found and whole and words:
            return (self._plain("unknown", prepared.strip()),)
        return tuple(found)

    def _longest(self, words: list[normalising.Word], at: int) -> int:
        key, best = "", at
        for end in range(at, min(at + _LONGEST_SPAN, len(words))):
            if not legal_forms.is_form(words[end].text):
                key += words[end].text
            if key in self._keys:
                best = end + 1
        return best

    def _verdict(self, said: str, words: list[normalising.Word], unsafe: bool) -> Verdict:
        key = "".join(legal_forms.without([word.text for word in words]))
        entries = [self.entries[at] for at in self._keys[key]]
        candidates = tuple(_candidate(entry) for entry in entries[:10])
        if unsafe:
            return self._plain("similar", said, candidates)
        if len(entries) > 1:
            return self._plain("ambiguous", said, candidates)
        (entry,) = entries
        return Verdict(
            status="licensed"
            if entry.status == "licensed"
            else ("revoked" if entry.status == "revoked" else "illegal"),
            query=said,
            source=entry.source,
            as_of=entry.as_of,
            version=self.version,
            entity=entry.id,
            name=entry.name,
            legal_name=entry.name,
            licence=entry.licence,
            scope=entry.scope,
            since=entry.since,
            note=entry.note,
        )

    def _plain(self, status: Status, said: str, candidates: tuple[Candidate, ...] = ()) -> Verdict:
        return Verdict(
            status=status,
            query=said,
            source=self.source,
            as_of=self.as_of,
            version=self.version,
            candidates=candidates,
        )


def _keys(entries: tuple[Entry, ...]) -> dict[str, tuple[int, ...]]:
    keys: dict[str, set[int]] = defaultdict(set)
    for at, entry in enumerate(entries):
        for name in (entry.name, *(name for kind, name in entry.names if kind != "former")):
            keys[normalising.squash(name)].add(at)
    return {key: tuple(sorted(held)) for key, held in keys.items() if key}


def _candidate(entry: Entry) -> Candidate:
    return Candidate(
        entity=entry.id,
        name=entry.name,
        status=entry.status,
        licence=entry.licence,
        scope=entry.scope,
        website=entry.website,
    )
