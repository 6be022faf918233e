"""The real sign-in, as a browser does it."""

from __future__ import annotations

import re
import urllib.parse
import urllib.request
from collections.abc import Iterator

import pytest
from django.core import mail
from django.core.cache import cache
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from resmi.agency.models import User
from tests import processes
from tests.agency import making

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _no_limits_from_other_tests() -> Iterator[None]:
    cache.clear()
    yield
    cache.clear()


def _post(client: Client, *, login: str = "sari@example.org", password: str) -> HttpResponse:
    return client.post(reverse("account_login"), {"login": login, "password": password})  # type: ignore[return-value]


def test_the_right_password_signs_in_and_leads_home(client: Client) -> None:
    making.account()
    response = _post(client, password=making.PASSWORD)
    assert (response.status_code, response.headers["Location"]) == (302, "/")


def test_the_address_is_compared_without_case(client: Client) -> None:
    making.account()
    assert _post(client, login="Sari@Example.org", password=making.PASSWORD).status_code == 302


def test_a_wrong_password_is_told_without_saying_which_part_is_wrong(client: Client) -> None:
    making.account()
    wrong = _post(client, password="wrong-one").content
    unknown = _post(client, login="nobody@example.org", password="wrong-one").content
    pattern = re.compile(rb'role="alert">.*?</div></div>', re.DOTALL)
    assert pattern.search(wrong).group() == pattern.search(unknown).group()  # type: ignore[union-attr]


def test_an_inactive_account_can_not_sign_in(client: Client) -> None:
    making.account(is_active=False)
    _post(client, password=making.PASSWORD)
    assert "_auth_user_id" not in client.session


def test_guessing_is_slowed_down(client: Client) -> None:
    making.account()
    for _ in range(5):
        _post(client, password="wrong-one")
    _post(client, password=making.PASSWORD)
    assert "_auth_user_id" not in client.session


def test_guesses_count_in_every_web_process(database_url: str) -> None:
    making.account()
    with processes.web(database_url) as server:
        for _ in range(5):
            _guess(server.url, "wrong-one")
        refused = _guess(server.url, making.PASSWORD)
        with processes.web(database_url) as other:
            assert _guess(other.url, making.PASSWORD) == refused
            cache.clear()
            assert _guess(other.url, making.PASSWORD) != refused


def _guess(url: str, password: str) -> str:
    """Where a browser is after trying a password: the path. Both servers go by one name."""
    browser = urllib.request.build_opener(urllib.request.HTTPCookieProcessor())
    where, name = f"{url}/accounts/login/", {"Host": "localhost"}
    with browser.open(urllib.request.Request(where, headers=name)) as page:
        token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', page.read().decode())
    assert token
    form = {"login": "sari@example.org", "password": password}
    body = urllib.parse.urlencode({**form, "csrfmiddlewaretoken": token.group(1)}).encode()
    with browser.open(urllib.request.Request(where, body, headers=name)) as page:
        return urllib.parse.urlsplit(page.url).path


def test_nobody_signs_up(client: Client) -> None:
    client.post(reverse("account_signup"), {"email": "new@example.org", "password1": "x"})
    assert not User.objects.exists()


def test_a_stranger_is_sent_to_sign_in_and_back(client: Client) -> None:
    response = client.get("/staff/?q=a")
    assert response.headers["Location"] == "/accounts/login/?next=/staff/%3Fq%3Da"


@pytest.mark.parametrize(
    ("came_from", "back"),
    [
        ("http://testserver/staff/?page=2#row", "/accounts/login/?next=/staff/%3Fpage%3D2"),
        ("https://elsewhere.example/staff/", "/accounts/login/?next="),
        ("http://[broken", "/accounts/login/?next="),
        ("", "/accounts/login/?next="),
    ],
)
def test_a_form_sent_when_signed_out_leads_back_to_its_page_and_says_nothing_was_done(
    client: Client, came_from: str, back: str
) -> None:
    answer = client.post("/staff/1/sign-out/", headers={"Referer": came_from})
    assert (answer.status_code, answer.headers["Location"]) == (302, back)
    page = client.get(answer.headers["Location"]).content.decode()
    assert "nothing was changed" in page


def test_a_fragment_asked_for_by_a_stranger_is_401(client: Client) -> None:
    assert client.get("/staff/", headers={"HX-Request": "true"}).status_code == 401


def test_signing_out_needs_a_post() -> None:
    client = making.signed_in(making.account())
    client.get(reverse("account_logout"))
    assert "_auth_user_id" in client.session


def test_signing_out_ends_the_session() -> None:
    client = making.signed_in(making.account())
    client.post(reverse("account_logout"))
    assert "_auth_user_id" not in client.session


def test_a_forgotten_password_is_replaced_by_way_of_the_mailbox(client: Client) -> None:
    making.account()
    client.post(reverse("account_reset_password"), {"email": "sari@example.org"})
    link = re.search(r"/accounts/password/reset/key/\S+", mail.outbox[0].body).group()  # type: ignore[union-attr]
    page = client.get(link)
    new = {"password1": "sore-hari-2027-x", "password2": "sore-hari-2027-x"}
    client.post(page.headers["Location"], new)
    assert User.objects.get().check_password("sore-hari-2027-x")


def test_an_unknown_address_gets_the_same_answer_as_a_known_one(client: Client) -> None:
    making.account()
    known = client.post(reverse("account_reset_password"), {"email": "sari@example.org"})
    unknown = client.post(reverse("account_reset_password"), {"email": "nobody@example.org"})
    assert known.headers["Location"] == unknown.headers["Location"]
