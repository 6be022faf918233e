"""Asks an index labelled questions and counts what it got right, wrong, and dangerously wrong."""

from __future__ import annotations

import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence

import msgspec

from resmi.registry.bench.loading import Query
from resmi.registry.rules import Verdict

Ask = Callable[[str], tuple[Verdict, ...]]
_WORST_FIRST = ("illegal", "ambiguous", "similar", "confirm", "revoked", "licensed", "unknown")
_NEGATIVE = frozenset(("unknown", "illegal", "similar"))
_NAMES_ONE = frozenset(("licensed", "confirm"))


class Score(msgspec.Struct, kw_only=True):
    """Shares are between 0 and 1, times in microseconds of processor time a query."""

    n: int = 0
    negatives: int = 0
    false_licensed: int = 0
    false_licensed_rate: float = 0.0
    licensed_asserted: float = 0.0
    licensed_asserted_clean: float = 0.0
    licensed_found: float = 0.0
    licensed_found_in_sentences: float = 0.0
    illegal_recall: float = 0.0
    ambiguous_recall: float = 0.0
    unknown_correct: float = 0.0
    by_kind: dict[str, dict[str, float]] = {}
    p50_us: float = 0.0
    p99_us: float = 0.0
    qps: float = 0.0


def answer(verdicts: tuple[Verdict, ...]) -> tuple[str, frozenset[str]]:
    """The status a person would take away from the verdicts, and the entities they name.

    With several verdicts a warning outweighs an approval.
    """
    if not verdicts:
        return "unknown", frozenset()
    worst = min(verdicts, key=lambda verdict: _WORST_FIRST.index(verdict.status))
    named = {candidate.entity for candidate in worst.candidates} | {worst.entity}
    return worst.status, frozenset(named - {""})


def is_right(query: Query, status: str, named: frozenset[str]) -> bool:
    """Whether an answer is as expected; `found` counts licensed or confirm naming the entity."""
    if query.expected == "licensed":
        one = status in _NAMES_ONE and bool(named & query.entities)
        return one or (status in query.accepted and status != "licensed")
    if query.expected == "unknown":
        return status in query.accepted or status == "similar"
    if status == query.expected == "ambiguous":
        return not query.entities or bool(named & query.entities)
    return status in query.accepted


_GOES = 3
_CLEAN = frozenset(("exact", "lowercase", "legal_form_variant", "no_legal_form", "uppercase_noise"))


def score(
    ask: Ask, queries: Sequence[Query], wrong: list[tuple[Query, str]] | None = None
) -> Score:
    """Asks everything; `wrong` collects the misses. The time of a question is the least of three
    goes: what the code needs, not what else the machine does meanwhile."""
    tally = _Tally()
    for query in queries:
        best = 10**12
        for _ in range(_GOES):
            begin = time.thread_time_ns()
            verdicts = ask(query.text)
            best = min(best, time.thread_time_ns() - begin)
        tally.times.append(best)
        status, named = answer(verdicts)
        right = is_right(query, status, named)
        tally.count(query, status, right)
        if wrong is not None and not right:
            wrong.append((query, status))
    return tally.result()


class _Tally:
    def __init__(self) -> None:
        self.times: list[int] = []
        self.statuses: dict[str, Counter[str]] = defaultdict(Counter)
        self.groups: dict[str, list[bool]] = defaultdict(list)
        self.false_licensed = self.negatives = 0

    def count(self, query: Query, status: str, right: bool) -> None:
        """Adds one answer to every group it belongs to."""
        kind = f"{query.kind}/{query.expected}"
        self.statuses[kind][status] += 1
        self.groups[kind].append(right)
        self.groups[query.expected].append(right)
        if query.expected in _NEGATIVE:
            self.negatives += 1
            self.false_licensed += status == "licensed"
        if query.expected == "licensed":
            self.groups["asserted"].append(status == "licensed" and right)
            if query.embedded:
                self.groups["sentences"].append(right)
            if query.kind in _CLEAN:
                self.groups["clean"].append(status == "licensed" and right)

    def result(self) -> Score:
        """The shares and times."""
        times = sorted(self.times)
        return Score(
            n=len(times),
            negatives=self.negatives,
            false_licensed=self.false_licensed,
            false_licensed_rate=self.false_licensed / max(1, self.negatives),
            licensed_asserted=_share(self.groups["asserted"]),
            licensed_asserted_clean=_share(self.groups["clean"]),
            licensed_found=_share(self.groups["licensed"]),
            licensed_found_in_sentences=_share(self.groups["sentences"]),
            illegal_recall=_share(self.groups["illegal"]),
            ambiguous_recall=_share(self.groups["ambiguous"]),
            unknown_correct=_share(self.groups["unknown"]),
            by_kind={
                kind: {"n": sum(seen.values()), "right": _share(self.groups[kind]), **seen}
                for kind, seen in sorted(self.statuses.items())
            },
            p50_us=percentile(times, 0.50) / 1000,
            p99_us=percentile(times, 0.99) / 1000,
            qps=len(times) / (sum(times) / 1e9) if times else 0.0,
        )


def _share(hits: Iterable[bool]) -> float:
    found = list(hits)
    return sum(found) / len(found) if found else 0.0


def percentile(values: Sequence[int], share: float) -> float:
    """The value below which `share` of the sorted values lie."""
    return float(values[min(len(values) - 1, int(len(values) * share))]) if values else 0.0
