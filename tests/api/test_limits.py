"""Nobody may ask without end; who is refused is told when to go on."""

from __future__ import annotations

from unittest import mock

import pytest
from django.db import connection
from django.test import Client, RequestFactory
from pytest_django.fixtures import Settings

from resmi.api import limits
from resmi.api.limits import Limit
from resmi.api.models import Visitor

pytestmark = pytest.mark.django_db

TWO = Limit(name="two", burst=2, per_minute=30)


def request(address: str = "203.0.113.7", forwarded: str = "") -> object:
    headers = {"X-Forwarded-For": forwarded} if forwarded else {}
    return RequestFactory().get("/", REMOTE_ADDR=address, headers=headers)


def taken(times: int, **who: str) -> list[bool]:
    return [limits.take(request(**who), TWO) for _ in range(times)]  # type: ignore[arg-type]


def wait(seconds: float) -> None:
    with connection.cursor() as cursor:
        cursor.execute("UPDATE api_visitor SET at = at - %s * interval '1 second'", [seconds])


def test_a_burst_is_let_through_and_then_refused() -> None:
    assert taken(3) == [True, True, False]


def test_after_a_while_one_more_is_let_through() -> None:
    taken(3)
    wait(2.5)
    assert taken(2) == [True, False]


def test_being_refused_does_not_lengthen_the_wait() -> None:
    taken(20)
    wait(2.5)
    assert taken(1) == [True]


def test_a_long_rest_gives_no_more_than_a_burst() -> None:
    taken(1)
    wait(3600)
    assert taken(3) == [True, True, False]


def test_visitors_are_counted_apart_and_so_are_limits() -> None:
    taken(3)
    assert taken(1, address="203.0.113.8") == [True]
    other = Limit(name="other", burst=1, per_minute=1)
    assert limits.take(request(), other)  # type: ignore[arg-type]


def test_one_ipv6_network_is_one_visitor() -> None:
    assert taken(2, address="2001:db8::1") == [True, True]
    assert taken(1, address="2001:db8::ffff") == [False]
    assert taken(1, address="2001:db8:0:1::1") == [True]


def test_without_proxies_a_forged_header_changes_nothing() -> None:
    assert taken(2) == [True, True]
    assert taken(1, forwarded="198.51.100.1") == [False]


def test_behind_proxies_the_address_before_them_counts(settings: Settings) -> None:
    settings.PROXIES = 1
    assert taken(2, address="10.0.0.1", forwarded="9.9.9.9, 198.51.100.1") == [True, True]
    assert taken(1, address="10.0.0.1", forwarded="8.8.8.8, 198.51.100.1") == [False]
    assert taken(1, address="10.0.0.1", forwarded="198.51.100.2") == [True]


@pytest.mark.parametrize("forwarded", ["", "nonsense", ",,,"])
def test_an_address_that_can_not_be_read_is_limited_too(settings: Settings, forwarded: str) -> None:
    settings.PROXIES = 1
    assert taken(3, address="10.0.0.1", forwarded=forwarded) == [True, True, False]


def test_no_address_is_stored() -> None:
    taken(1)
    assert "203" not in Visitor.objects.get().key


def test_visitors_who_left_are_forgotten() -> None:
    taken(1)
    wait(3700)
    taken(1, address="203.0.113.8")
    assert Visitor.objects.count() == 1


@pytest.mark.parametrize("url", ["/check", "/v/0000-0000-0000"])
def test_a_refused_visitor_gets_a_page_that_says_when_to_go_on(client: Client, url: str) -> None:
    with mock.patch.object(limits, "take", return_value=False):
        response = client.get(url)
    assert response.status_code == 429
    assert response.headers["Retry-After"] == "1"
    assert response.headers["Cache-Control"] == "no-store"
    assert "A moment, please" in response.content.decode()


@pytest.mark.parametrize("url", ["/api/v1/verify?q=x", "/api/v1/reconcile", "/v/0.json"])
def test_a_refused_program_gets_json_that_says_when_to_go_on(client: Client, url: str) -> None:
    with mock.patch.object(limits, "take", return_value=False):
        response = client.get(url)
    assert response.status_code == 429
    assert response.json()["error"] == "too_many_requests"
    assert int(response.headers["Retry-After"]) == response.json()["retry_after_s"] >= 1
