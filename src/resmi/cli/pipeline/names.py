"""An invented register for measuring: as many companies as asked for, always the same ones."""

from __future__ import annotations

import csv
import io
import itertools
from collections.abc import Iterator

SYLLABLES = tuple(first + last for first in "bdgklmnprstvwz" for last in "aiu")
COLUMNS = (
    *("id", "name", "status", "legal_form", "licence_no", "licence_date", "scope", "website"),
    *("aliases", "brands", "former_names", "emails", "phones", "app_packages", "note"),
)
TRADES = ("Dana", "Modal", "Kredit", "Arta", "Mitra", "Finansia")


def names(count: int) -> Iterator[str]:
    """`count` different names of three words, e.g. `Dana Babeka Babida`."""
    coined = ("".join(parts).capitalize() for parts in itertools.product(SYLLABLES, repeat=3))
    for number, word in enumerate(itertools.islice(coined, count)):
        yield f"{TRADES[number % len(TRADES)]} {word} {_second(number)}"


def _second(number: int) -> str:
    first, rest = divmod(number * 7 + 3, len(SYLLABLES))
    return (SYLLABLES[rest] + SYLLABLES[first % len(SYLLABLES)] + "ta").capitalize()


def as_csv(count: int) -> bytes:
    """The register as `resmi registry import` reads it."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(COLUMNS)
    for number, name in enumerate(names(count), start=1):
        known = (f"B{number:07}", f"PT {name}", "licensed", "PT", f"IZIN-{number:07}", "2024-03-01")
        writer.writerow([*known, "P2P", *([""] * (len(COLUMNS) - len(known) - 1))])
    return text.getvalue().encode()
