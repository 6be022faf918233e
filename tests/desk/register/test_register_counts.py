"""How many queries the register's lists take."""

from __future__ import annotations

import io
from collections.abc import Iterable

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from resmi.registry.importing import comparing, staging
from resmi.registry.models import FalseAnswer, Lookup, Register, Staged
from tests.desk import scenes
from tests.desk.register.test_register_pages import put
from tests.registry import making

pytestmark = pytest.mark.django_db


@pytest.fixture
def rina() -> Client:
    scenes.office()
    return scenes.signed_in(scenes.supervisor())


def _more(numbers: Iterable[int]) -> None:
    today = timezone.localdate()
    for number in numbers:
        put({"id": f"{number}", "name": f"PT Pelangi {number}"}, source=f"List {number}")
        making_file = making.csv_of({"id": f"w{number}", "name": f"PT Samudra {number}"})
        staged = staging.stage(
            actor=None,
            file=io.BytesIO(making_file),
            filename="x.csv",
            source=f"Way {number}",
            authority="A",
            as_of=today,
        )
        comparing.read(staged.pk)
        Lookup.objects.create(
            day=today, key=f"k{number}", name=f"K {number}", status="unknown", asked=9, people=9
        )
        FalseAnswer.objects.create(
            query=f"Q {number}",
            version=1,
            verdict={"status": "unknown", "query": "Q", "source": "L", "as_of": "", "version": 1},
            reported_by=scenes.agent(f"Agen {number}"),
        )


LISTS = (
    "/register/",
    "/register/?q=pelangi",
    "/register/?status=licensed",
    "/register/lists/",
    "/register/lists/{register}/",
    "/register/import/",
    "/register/import/{staged}/",
    "/register/look-ups/",
    "/register/answers/",
)


def _counts(rina: Client) -> dict[str, int]:
    register, staged = Register.objects.latest("id").pk, Staged.objects.latest("id").pk
    counts = {}
    for pattern in LISTS:
        address = pattern.format(register=register, staged=staged)
        rina.get(address)
        with CaptureQueriesContext(connection) as queries:
            assert rina.get(address).status_code == 200
        counts[pattern] = len(queries)
    return counts


def test_no_list_of_the_register_takes_more_queries_for_more_rows(rina: Client) -> None:
    _more(range(2))
    few = _counts(rina)
    _more(range(2, 6))
    many = _counts(rina)
    assert many == few
    assert max(many.values()) <= 14
