"""Legal forms of companies in Indonesia, Korea and common English ones.

A legal form is not part of what a company is called, so names are compared without it; but it says
something about who is meant: "CV Bank X" is not "PT Bank X". Hence each form has a family.
"""

from __future__ import annotations

_FAMILIES = {
    "company": (
        "pt tbk persero perseroda perseroan terbatas ltd limited inc incorporated llc plc corp "
        "corporation gmbh ag nv bv sa pte pty sdn bhd 주식회사 유한회사 유한책임회사 주 유"
    ),
    "region": "pd perumda perusda perum bp bumd",
    "partnership": "cv fa firma llp lp 합자회사 합명회사",
    "trader": "ud po",
    "cooperative": "koperasi kop ksp kspps ksu kud bmt 협동조합",
    "foundation": "yayasan perkumpulan 사단법인 재단법인",
}

FAMILY: dict[str, str] = {
    form: family for family, forms in _FAMILIES.items() for form in forms.split()
}
"""Legal form, lower case → family (company, region, partnership, trader, …)."""

_KOREAN = tuple(form for form in FAMILY if len(form) > 1 and not form.isascii())


def is_form(word: str) -> bool:
    """Whether the lower-case word is a legal form."""
    return word in FAMILY


def family(words: list[str]) -> str:
    """The family of the first legal form among the words; "" without one."""
    for word in words:
        if word in FAMILY:
            return FAMILY[word]
    return ""


def detach(word: str) -> str:
    """A Korean word without the legal form written together with it (주식회사카카오 → 카카오)."""
    if word.isascii():
        return word
    for form in _KOREAN:
        if word.startswith(form) and len(word) > len(form):
            return word[len(form) :]
        if word.endswith(form) and len(word) > len(form):
            return word[: -len(form)]
    return word


def without(words: list[str]) -> list[str]:
    """The words without legal forms; all of them when nothing else would be left."""
    kept = [word for word in words if word not in FAMILY]
    if not all(map(str.isascii, kept)):
        kept = [detach(word) for word in kept]
    return kept or words
