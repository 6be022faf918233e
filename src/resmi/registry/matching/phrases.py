"""Phrases with a short and a long form: read as one, so that both find the same entity.

Indonesian rural banks (BPR) were "Bank Perkreditan Rakyat" and are "Bank Perekonomian Rakyat" since
Law 4/2023 on the financial sector; BPRS are their sharia counterparts; BPD are regional banks.
"""

from __future__ import annotations

from collections.abc import Sequence

_LONG = {
    "bprs": (
        "bank perkreditan rakyat syariah",
        "bank pembiayaan rakyat syariah",
        "bank perekonomian rakyat syariah",
        "bank perkreditan rakyat sharia",
        "bpr syariah",
    ),
    "bpr": ("bank perkreditan rakyat", "bank perekonomian rakyat"),
    "bpd": ("bank pembangunan daerah",),
    "ksp": ("koperasi simpan pinjam",),
    "kspps": ("koperasi simpan pinjam dan pembiayaan syariah",),
}
BANK_TYPES = frozenset(("bpr", "bprs", "bpd", "bank"))
"""Words that say what kind of bank it is and may be left out in talk."""

_BY_FIRST: dict[str, list[tuple[tuple[str, ...], str]]] = {}
for _short, _phrases in _LONG.items():
    for _phrase in _phrases:
        _parts = tuple(_phrase.split())
        _BY_FIRST.setdefault(_parts[0], []).append((_parts, _short))
for _options in _BY_FIRST.values():
    _options.sort(key=lambda option: -len(option[0]))

OPENINGS = frozenset(_BY_FIRST)
"""The words a long form may begin with."""

REGIONS = {
    "aceh": "aceh",
    "bali": "bali",
    "banten": "banten",
    "bengkulu": "bengkulu",
    "daerah istimewa yogyakarta": "diy",
    "dki jakarta": "dki",
    "jambi": "jambi",
    "jawa barat": "jabar",
    "jawa barat dan banten": "bjb",
    "jawa tengah": "jateng",
    "jawa timur": "jatim",
    "kalimantan barat": "kalbar",
    "kalimantan selatan": "kalsel",
    "kalimantan tengah": "kalteng",
    "kalimantan timur": "kaltim",
    "kalimantan timur dan kalimantan utara": "kaltimtara",
    "kalimantan utara": "kaltara",
    "kepulauan bangka belitung": "babel",
    "kepulauan riau": "kepri",
    "lampung": "lampung",
    "maluku": "maluku",
    "maluku utara": "malut",
    "nusa tenggara barat": "ntb",
    "nusa tenggara timur": "ntt",
    "papua": "papua",
    "riau": "riau",
    "sulawesi barat": "sulbar",
    "sulawesi selatan": "sulsel",
    "sulawesi selatan dan sulawesi barat": "sulselbar",
    "sulawesi tengah": "sulteng",
    "sulawesi tenggara": "sultra",
    "sulawesi utara": "sulut",
    "sulawesi utara dan gorontalo": "sulutgo",
    "sumatera barat": "sumbar",
    "sumatera selatan": "sumsel",
    "sumatera selatan dan bangka belitung": "sumselbabel",
    "sumatera utara": "sumut",
    "yogyakarta": "jogja",
}
"""Provinces and pairs of them → the short form everybody uses."""


def long_form_at(words: Sequence[str], at: int) -> tuple[str, int]:
    """The short form of the phrase beginning at `at` and its words; ("", 0) if none."""
    for parts, short in _BY_FIRST.get(words[at], ()):
        if tuple(words[at : at + len(parts)]) == parts:
            return short, len(parts)
    return "", 0


def shortened(words: list[str]) -> list[str]:
    """The words with every long form replaced by its short one."""
    if _BY_FIRST.keys().isdisjoint(words):
        return words
    result: list[str] = []
    at = 0
    while at < len(words):
        word = words[at]
        short, length = long_form_at(words, at) if word in _BY_FIRST else ("", 0)
        result.append(short or word)
        at += length or 1
    return result
