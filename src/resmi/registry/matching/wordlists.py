"""Reads the word lists beside the code: words between blanks, `#` begins a comment line."""

from __future__ import annotations

from collections.abc import Iterator
from importlib import resources


def read(name: str) -> frozenset[str]:
    """The words of the list `words/{name}.txt`."""
    text = resources.files(__package__).joinpath("words", f"{name}.txt").read_text("utf-8")
    lines = (line for line in text.splitlines() if not line.startswith("#"))
    return frozenset(word for line in lines for word in line.split())


def inflected(name: str) -> frozenset[str]:
    """The English verbs of a list with their endings; of those marked ~ only "…ed" and "…ing"."""
    return frozenset(form for verb in read(name) for form in _forms(verb))


def _forms(verb: str) -> Iterator[str]:
    stem = verb.rstrip("~")
    if stem == verb:
        yield from (verb, f"{verb}s", f"{verb}es")
        if verb.endswith("y"):
            yield f"{verb[:-1]}ies"
    short = stem[:-1] if stem.endswith("e") else stem
    doubled = stem + stem[-1]
    for base in (short, doubled):
        yield from (f"{base}ed", f"{base}ing")
    if stem.endswith("y"):
        yield f"{stem[:-1]}ied"
