"""The invented register of the demo."""

from __future__ import annotations

import csv
import gzip
import io
import os
import re
from collections import Counter
from pathlib import Path

import pytest

from resmi.cli.demo import register
from resmi.registry.importing import formats
from resmi.registry.index import Index
from resmi.registry.rules import Entry

DATA = Path(os.environ.get("RESMI_TEST_DATA", Path(__file__).parents[4] / "shared" / "data"))
LISTS = (
    ("licensed_entities.csv", ("name", "brand", "aliases", "former_names")),
    ("fintech_formerly_registered.csv", ("name", "brand")),
    ("illegal_entities.csv.gz", ("name", "aliases")),
)


@pytest.fixture(scope="module")
def companies() -> list[register.Company]:
    return [*register.licence_holders(), *register.warning_list()]


@pytest.fixture(scope="module")
def index() -> Index:
    entries = []
    for source, companies in (
        (register.REGISTER, register.licence_holders()),
        (register.WARNING_LIST, register.warning_list()),
    ):
        entries += [
            Entry(
                id=row.id,
                name=row.name,
                status=row.status,
                names=tuple(("brand", brand) for brand in row.brands),
                source=source,
                as_of="2026-01-01",
            )
            for row in formats.read_all("own", io.BytesIO(register.as_csv(companies)))
        ]
    return Index(entries, version=1)


def simplified(name: str) -> str:
    words = re.sub(r"[^a-z0-9 ]", " ", name.lower()).split()
    return " ".join(word for word in words if word not in ("pt", "tbk", "perumda", "koperasi"))


def test_there_are_about_three_thousand_companies_of_every_status(
    companies: list[register.Company],
) -> None:
    counts = Counter(company.status for company in companies)
    assert 2900 <= len(companies) <= 3100
    assert counts["licensed"] > 2000
    assert counts["revoked"] > 200
    assert counts["illegal"] > 400


def test_it_is_the_same_every_time(companies: list[register.Company]) -> None:
    assert [*register.licence_holders(), *register.warning_list()] == companies


def test_no_name_and_no_id_stands_twice(companies: list[register.Company]) -> None:
    assert max(Counter(company.name for company in companies).values()) == 1
    assert max(Counter(company.id for company in companies).values()) == 1


def test_the_products_own_importer_takes_both_lists() -> None:
    for companies, least in ((register.licence_holders(), 2000), (register.warning_list(), 400)):
        file = io.BytesIO(register.as_csv(companies))
        assert len(formats.read_all("own", file)) > least


def test_every_address_is_one_nobody_can_own(companies: list[register.Company]) -> None:
    for company in companies:
        assert not company.website or company.website.endswith(".example")
        assert not company.emails or company.emails.endswith(".example")


@pytest.mark.parametrize(
    ("name", "status"),
    [
        (register.LICENSED, "licensed"),
        (register.LICENSED_BRAND, "licensed"),
        (register.REVOKED, "revoked"),
        (register.ILLEGAL, "illegal"),
        (register.UNKNOWN, "unknown"),
    ],
)
def test_the_companies_the_demo_talks_about_get_their_answers(
    index: Index, name: str, status: str
) -> None:
    (verdict,) = index.verify(name, whole=True)
    assert verdict.status == status


def test_every_licensed_name_is_found_as_licensed(
    index: Index, companies: list[register.Company]
) -> None:
    for company in companies[:2300:10]:
        if company.status == "licensed":
            (verdict,) = index.verify(company.name, whole=True)
            assert verdict.status == "licensed", company.name


@pytest.mark.skipif(not (DATA / "ojk_registry").exists(), reason="the real lists are not here")
def test_no_real_company_has_one_of_the_names(companies: list[register.Company]) -> None:
    real = set()
    for file, columns in LISTS:
        path = DATA / "ojk_registry" / file
        with gzip.open(path, "rt") if path.suffix == ".gz" else path.open() as lines:
            for row in csv.DictReader(lines):
                for column in columns:
                    real |= {simplified(name) for name in row[column].split("|")}
    invented = {simplified(company.name) for company in companies}
    invented |= {simplified(company.brands) for company in companies if company.brands}
    invented |= {simplified(company.former_names) for company in companies if company.former_names}
    assert invented & real == set()
