"""Reads the word lists beside the code: words between blanks, `#` begins a comment line."""

from __future__ import annotations

from importlib import resources


def read(name: str) -> frozenset[str]:
    """The words of the list `words/{name}.txt`."""
    text = resources.files(__package__).joinpath("words", f"{name}.txt").read_text("utf-8")
    lines = (line for line in text.splitlines() if not line.startswith("#"))
    return frozenset(word for line in lines for word in line.split())
