"""An invented register of about 3,000 companies: the same ones every time. Pure.

Nobody in it exists. Websites end in `.example`, which no one can own (RFC 2606).
"""

from __future__ import annotations

import csv
import io
import itertools
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from random import Random

from resmi.cli.demo import words
from resmi.cli.demo.words import Kind

SEED = 20240917
REGISTER = "Register of the Financial Authority (demo)"
WARNING_LIST = "Warning list of the Financial Authority (demo)"
AUTHORITY = "Financial Authority (demo)"
FIRST_LICENCE = date(2009, 1, 5)
LICENCE_DAYS = 6000

# The companies the demo talks about; nothing generated has their names.
LICENSED = "PT Dana Lintasora Nusantara"
LICENSED_BRAND = "DanaLintas"
REVOKED = "PT Pinjam Kartavina Sejahtera"
ILLEGAL = "Lintasora Dana Kilat"
UNKNOWN = "PT Zamrudia Quintal Finansia"
HEADING = (
    "id", "name", "status", "legal_form", "licence_no", "licence_date", "scope", "website",
    "aliases", "brands", "former_names", "emails", "phones", "app_packages", "note",
)  # fmt: skip

COINED = frozenset(first + second for first in words.FIRST for second in words.SECOND)


@dataclass(frozen=True, kw_only=True)
class Company:
    """One row of a list."""

    id: str
    name: str
    status: str
    legal_form: str = ""
    licence_no: str = ""
    licence_date: str = ""
    scope: str = ""
    website: str = ""
    brands: str = ""
    former_names: str = ""
    emails: str = ""
    app_packages: str = ""
    note: str = ""
    aliases: str = ""
    phones: str = ""


@dataclass
class _Mint:
    """Makes names and numbers, none twice."""

    random: Random
    names: set[str] = field(default_factory=lambda: {LICENSED, REVOKED, ILLEGAL, UNKNOWN})
    brands: set[str] = field(default_factory=lambda: {LICENSED_BRAND})

    def coined(self) -> str:
        return self.random.choice(words.FIRST) + self.random.choice(words.SECOND)

    def name(self, kind: Kind) -> str:
        while True:
            pattern = self.random.choice(kind.patterns)
            made = pattern.format(
                coined=self.coined(),
                virtue=self.random.choice(words.VIRTUES),
                town=self.random.choice(words.TOWNS),
            )
            if self._is_new(name := f"{kind.form} {made}"):
                return name

    def bait(self, core: str) -> str:
        while True:
            bait = self.random.choice(words.BAIT)
            shapes = (f"{core} {bait}", f"{bait} {core}", f"KSP {core} {bait}", f"{core} Official")
            if self._is_new(name := self.random.choice(shapes)):
                return name
            core = self.coined()

    def brand(self, coined: str) -> str:
        """A brand like DanaKarta; empty when the one thought of is taken."""
        made = self.random.choice(("Dana", "Modal", "Uang", "Kredi")) + coined[:5].capitalize()
        if made in self.brands:
            return ""
        self.brands.add(made)
        return made

    def licence(self, code: str, number: int) -> tuple[str, str]:
        """A number in a form no authority uses, and its date."""
        day = FIRST_LICENCE + timedelta(days=self.random.randrange(LICENCE_DAYS))
        return f"IZIN-{number:04d}/{code}/{day.year}", day.isoformat()

    def _is_new(self, name: str) -> bool:
        if name in self.names:
            return False
        self.names.add(name)
        return True


def licence_holders() -> list[Company]:
    """The register: licensed companies and those whose licence was revoked."""
    mint = _Mint(Random(SEED))
    companies = list(_shown())
    number = itertools.count(len(companies) + 1)
    for kind in words.KINDS:
        companies += [_holder(mint, kind, next(number)) for _ in range(kind.count)]
    for _ in range(words.REVOKED):
        companies.append(_revoked(mint, mint.random.choice(words.KINDS), next(number)))
    return companies


def warning_list() -> list[Company]:
    """The warning list: illegal operators, many of which imitate a licensed company."""
    mint = _Mint(Random(SEED + 1))
    models = [company for company in licence_holders() if company.status == "licensed"]
    companies = [_illegal(1, ILLEGAL, "Meniru nama lembaga berizin.")]
    for number in range(2, words.ILLEGAL + 1):
        imitates = number % 2 == 0
        core = coined_part(mint.random.choice(models).name) if imitates else mint.coined()
        note = words.OFFENCES[2] if imitates else mint.random.choice(words.OFFENCES)
        companies.append(_illegal(number, mint.bait(core), note))
    return companies


def coined_part(name: str) -> str:
    """The coined word in a name: the one that is nobody else's."""
    return next((word for word in name.split() if word in COINED), name.split()[-1])


def _shown() -> Iterator[Company]:
    yield Company(
        id="DEMO-L00001",
        name=LICENSED,
        status="licensed",
        legal_form="PT",
        licence_no="IZIN-0001/P2P/2021",
        licence_date="2021-08-24",
        scope="Layanan pendanaan bersama berbasis teknologi informasi (P2P lending)",
        website="https://danalintas.example",
        brands=LICENSED_BRAND,
        emails="halo@danalintas.example",
        app_packages="example.danalintas",
    )
    yield Company(
        id="DEMO-L00002",
        name=REVOKED,
        status="revoked",
        legal_form="PT",
        licence_no="IZIN-0002/P2P/2019",
        licence_date="2019-05-13",
        scope="Layanan pendanaan bersama berbasis teknologi informasi (P2P lending)",
        website="https://pinjamkartavina.example",
        note=words.REASONS[1],
    )


def _holder(mint: _Mint, kind: Kind, number: int) -> Company:
    name = mint.name(kind)
    coined = coined_part(name)
    licence, day = mint.licence(kind.code, number)
    domain = f"{name.removeprefix(kind.form).strip().lower().replace(' ', '')}.example"
    brand = mint.brand(coined) if kind.branded else ""
    renamed = mint.random.random() < 0.03
    return Company(
        id=f"DEMO-L{number:05d}",
        name=name,
        status="licensed",
        legal_form=kind.form,
        licence_no=licence,
        licence_date=day,
        scope=kind.scope,
        website=f"https://{domain}" if mint.random.random() < 0.6 else "",
        brands=brand,
        former_names=mint.name(kind) if renamed else "",
        emails=f"halo@{domain}" if brand else "",
        app_packages=f"example.{brand.lower()}" if brand else "",
    )


def _revoked(mint: _Mint, kind: Kind, number: int) -> Company:
    licence, day = mint.licence(kind.code, number)
    return Company(
        id=f"DEMO-L{number:05d}",
        name=mint.name(kind),
        status="revoked",
        legal_form=kind.form,
        licence_no=licence,
        licence_date=day,
        scope=kind.scope,
        note=mint.random.choice(words.REASONS),
    )


def _illegal(number: int, name: str, note: str) -> Company:
    label = "".join(letter for letter in name.lower() if letter.isalnum())
    return Company(
        id=f"DEMO-W{number:05d}",
        name=name,
        status="illegal",
        website=f"https://{label}.example" if number % 3 else "",
        app_packages=f"example.{label}" if number % 4 == 0 else "",
        note=note,
    )


def as_csv(companies: Iterable[Company]) -> bytes:
    """The list as a file for `resmi registry import`."""
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, HEADING)
    writer.writeheader()
    writer.writerows(vars(company) for company in companies)
    return text.getvalue().encode()
