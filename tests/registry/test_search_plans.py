"""What people type is found along an index, in a register of a hundred thousand entities."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from resmi.api import entries
from resmi.registry import browsing
from resmi.registry.models import Release
from tests.registry.making import csv_of
from tests.registry.test_importing import put

pytestmark = pytest.mark.django_db
COUNT = 100_000
_FILL = """
    INSERT INTO registry_entity (register_id, since_id, external_id, kind, status, name,
        legal_form, licence_no, scope, website, note, owner, digest)
    SELECT %s, %s, 'E' || n, 'licensed', 'licensed', 'PT Nama ' || md5(n::text), '', 'KEP-' || n,
        '', '', '', '', '' FROM generate_series(1, %s) AS n
"""
_NAMES = """
    INSERT INTO registry_entityname (entity_id, kind, name)
    SELECT id, 'legal', name FROM registry_entity
"""


@pytest.fixture
def large(db: None) -> Release:
    release = put(csv_of({"id": "1", "name": "PT Pelangi Samudra", "licence_no": "S-1/2020"}))
    with connection.cursor() as cursor:
        cursor.execute(_FILL, [release.register_id, release.pk, COUNT])
        cursor.execute(_NAMES)
        cursor.execute("ANALYZE registry_entity, registry_entityname")
    return release


def plans(rows: Callable[[], Any]) -> str:
    """How the database finds what reading these rows asks for."""
    with CaptureQueriesContext(connection) as queries:
        rows()
    told = []
    with connection.cursor() as cursor:
        for query in queries.captured_queries:
            cursor.execute("EXPLAIN (ANALYZE, TIMING OFF) " + query["sql"])
            told += [row[0] for row in cursor.fetchall()]
    return "\n".join(told)


def most_rows(told: str) -> int:
    """The most rows any step of the plans handled."""
    steps = re.findall(r"actual rows=([\d.]+) loops=(\d+)", told)
    return max(round(float(rows) * int(loops)) for rows, loops in steps)


def test_what_people_type_is_found_along_an_index(large: Release) -> None:
    for text in ("pt pelangi", "S-1/", "pelangi sam", "kep-77", "E77", "100%_'", "p"):
        told = plans(lambda text=text: list(browsing.search(text)[:25]))
        assert "Seq Scan on registry_entity" not in told, text
        assert "entity_licence_begins" in told, text
    for prefix, first in (("pelangi", "1"), ("E77", "E77"), ("pt pelangi", "1")):
        assert entries.beginning_with(prefix, skip=0, limit=10)[0].id == first
    for prefix in ("pelangi", "E77", "p", "", "nama"):
        told = plans(lambda prefix=prefix: entries.beginning_with(prefix, skip=0, limit=10))
        assert "entity_name_begins" in told, prefix
        assert "Seq Scan on registry_entity" not in told, prefix
        assert most_rows(told) <= 4 * entries.MOST_SUGGESTED, prefix
