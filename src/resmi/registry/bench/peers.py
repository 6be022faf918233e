"""Common ways to match names, asked the same questions: exact key, edit distance, TF-IDF.

Each peer gets help it would not have by itself: our folding, and the everyday words of the message
taken off its edges. A peer says the status of its best match if the score reaches the usual
threshold, else unknown.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence

import numpy as np
from rapidfuzz import fuzz, process

from resmi.language import legal_forms, normalising
from resmi.registry.bench.scoring import Ask
from resmi.registry.matching import lexicon, naming, phrases
from resmi.registry.matching.lexicon import Sort
from resmi.registry.rules import Entry, Status, Verdict

_TOKEN_SORT, _WRATIO, _TFIDF = 90.0, 90.0, 0.8
_EDGES = frozenset((Sort.FUNCTION, Sort.CLAIM, Sort.FORM))


def peers(entries: Sequence[Entry]) -> Iterator[tuple[str, Ask]]:
    """The peers by name, built one after the other."""
    names = _names(entries)
    yield "exact key", _exact(entries)
    yield (
        "rapidfuzz token_sort_ratio ≥ 90",
        _fuzzy(entries, names, fuzz.token_sort_ratio, _TOKEN_SORT),
    )
    yield "rapidfuzz WRatio ≥ 90", _fuzzy(entries, names, fuzz.WRatio, _WRATIO)
    yield "TF-IDF of 3 letters ≥ 0.8", _tfidf(entries, names)


def _names(entries: Sequence[Entry]) -> list[tuple[str, Entry]]:
    return [
        (" ".join(naming.name_words(name)), entry)
        for entry in entries
        for name in (entry.name, *(name for _, name in entry.names))
    ]


def mention(text: str) -> str:
    """The message without everyday words at its edges."""
    words = phrases.shortened(normalising.fold(text))
    while words and _is_edge(words[0]):
        words.pop(0)
    while words and _is_edge(words[-1]):
        words.pop()
    return " ".join(words)


def _is_edge(word: str) -> bool:
    return legal_forms.is_form(word) or lexicon.sort_of(word) in _EDGES


def _verdict(entry: Entry | None, text: str) -> tuple[Verdict, ...]:
    if entry is None:
        return ()
    status: Status = "illegal" if entry.status == "illegal" else "licensed"
    return (Verdict(status=status, query=text, source="", as_of="", version=0, entity=entry.id),)


def _exact(entries: Sequence[Entry]) -> Ask:
    keys: dict[str, list[Entry]] = defaultdict(list)
    for name, entry in _names(entries):
        keys[name.replace(" ", "")].append(entry)

    def ask(text: str) -> tuple[Verdict, ...]:
        held = keys.get(mention(text).replace(" ", ""))
        return _verdict(held[0] if held else None, text)

    return ask


def _fuzzy(
    entries: Sequence[Entry],
    names: list[tuple[str, Entry]],
    scorer: Callable[..., float],
    threshold: float,
) -> Ask:
    choices = [name for name, _ in names]

    def ask(text: str) -> tuple[Verdict, ...]:
        found = process.extractOne(mention(text), choices, scorer=scorer, score_cutoff=threshold)
        return _verdict(names[found[2]][1] if found else None, text)

    return ask


def _tfidf(entries: Sequence[Entry], names: list[tuple[str, Entry]]) -> Ask:
    """Cosine of TF-IDF weights over letter trigrams, by inverted lists."""
    postings: dict[str, list[int]] = defaultdict(list)
    for at, (name, _) in enumerate(names):
        for gram in _grams(name):
            postings[gram].append(at)
    count = len(names)
    weights = {gram: float(np.log(count / len(places)) + 1) for gram, places in postings.items()}
    lists = {gram: np.array(places) for gram, places in postings.items()}
    squares = np.zeros(count)
    for gram, places in lists.items():
        squares[places] += weights[gram] ** 2
    lengths = np.sqrt(squares)

    def ask(text: str) -> tuple[Verdict, ...]:
        grams = [gram for gram in _grams(mention(text)) if gram in lists]
        if not grams:
            return ()
        scores = np.zeros(count)
        for gram in grams:
            scores[lists[gram]] += weights[gram] ** 2
        scores /= lengths * np.sqrt(sum(weights[gram] ** 2 for gram in grams))
        best = int(scores.argmax())
        return _verdict(names[best][1] if scores[best] >= _TFIDF else None, text)

    return ask


def _grams(name: str) -> set[str]:
    padded = f" {name} "
    return {padded[at : at + 3] for at in range(len(padded) - 2)}
