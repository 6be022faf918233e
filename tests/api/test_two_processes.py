"""Two web processes share one limit per visitor, and answer from caches alike."""

from __future__ import annotations

import time
from collections.abc import Iterator
from urllib.error import HTTPError
from urllib.request import ProxyHandler, Request, build_opener

import pytest
from django.db.models.functions import Now

from resmi.api import limits
from resmi.api.models import Visitor
from tests import processes
from tests.api import making

pytestmark = pytest.mark.django_db(transaction=True)
open_url = build_opener(ProxyHandler({})).open


@pytest.fixture(scope="module")
def two(lasting_database_url: str) -> Iterator[tuple[str, str]]:
    with (
        processes.web(lasting_database_url) as first,
        processes.web(lasting_database_url) as second,
    ):
        yield first.url, second.url


@pytest.fixture
def office(two: tuple[str, str], database_url: str) -> tuple[str, str]:
    """Two web processes on this test's database, with a register in force."""
    making.publish(making.HOLDERS, making.WARNINGS)
    return two


def status(url: str, headers: dict[str, str] | None = None) -> int:
    try:
        with open_url(Request(url, headers=headers or {}), timeout=60) as response:
            return int(response.status)
    except HTTPError as error:
        return error.code


@pytest.mark.parametrize(
    ("path", "limit"),
    [("/check?q=Dana", limits.PAGES), ("/api/v1/verify?q=Dana", limits.PROGRAMS)],
)
def test_asking_two_processes_in_turn_gives_no_more_than_asking_one(
    office: tuple[str, str], path: str, limit: limits.Limit
) -> None:
    assert [status(url + path) for url in office] == [200, 200]
    left, answers, refused = 4, [], set()
    began = time.monotonic()
    Visitor.objects.update(tokens=left, at=Now())
    while refused != {*office} and len(answers) < 200:  # the slower, the more is given meanwhile
        url = office[len(answers) % 2]
        answers.append(status(url + path))
        refused |= {url} if answers[-1] == 429 else set()
    refilled = (time.monotonic() - began) * limit.per_minute / 60
    assert left <= answers.count(200) <= left + refilled + 1
    assert refused == {*office}


def test_what_one_process_gave_the_other_knows_as_unchanged(office: tuple[str, str]) -> None:
    first, second = office
    with open_url(f"{first}/check?q=Pinjam+Kilat+Makmur", timeout=60) as response:
        kept = response.headers["ETag"]
        assert response.headers["Cache-Control"] == "public, max-age=60"
    again = f"{second}/check?q=Pinjam+Kilat+Makmur"
    assert status(again, {"If-None-Match": kept}) == 304
