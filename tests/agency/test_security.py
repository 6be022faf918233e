"""Headers, cookies and forgery protection, on pages as they are served."""

from __future__ import annotations

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse

from tests.agency import making

pytestmark = pytest.mark.django_db

PAGES = ["/account/", "/staff/", "/audit/", "/styleguide/", "/accounts/password/change/"]


@pytest.fixture
def as_admin() -> Client:
    return making.signed_in(making.admin())


@pytest.mark.parametrize("page", PAGES)
def test_the_content_policy_allows_nothing_inline(as_admin: Client, page: str) -> None:
    policy = as_admin.get(page).headers["Content-Security-Policy"]
    assert "default-src 'self'" in policy
    assert "unsafe" not in policy


@pytest.mark.parametrize("page", PAGES)
def test_pages_hold_nothing_the_policy_would_block(as_admin: Client, page: str) -> None:
    html = as_admin.get(page).content.decode()
    assert not any(sign in html for sign in ("<style", " style=", "onclick=", "javascript:"))


def test_every_script_is_a_file(as_admin: Client) -> None:
    html = as_admin.get("/account/").content.decode()
    assert html.count("<script") == html.count('<script src="/static/') + html.count(
        '<script type="module" src="/static/'
    )


@pytest.mark.parametrize(
    ("header", "value"),
    [
        ("X-Content-Type-Options", "nosniff"),
        ("Referrer-Policy", "same-origin"),
        ("X-Frame-Options", "SAMEORIGIN"),
        ("Cross-Origin-Opener-Policy", "same-origin"),
    ],
)
def test_pages_carry_their_protection(client: Client, header: str, value: str) -> None:
    assert client.get("/accounts/login/").headers[header] == value


def test_a_form_without_its_token_is_refused_and_the_page_says_what_to_do() -> None:
    strict = Client(enforce_csrf_checks=True)
    response = strict.post(reverse("account_login"), {"login": "a@b.c", "password": "x"})
    assert response.status_code == 403
    assert "reload the page" in response.content.decode()


def test_the_session_cookie_is_out_of_reach_of_scripts(client: Client) -> None:
    values = {"login": making.account().email, "password": making.PASSWORD}
    cookie = client.post(reverse("account_login"), values).cookies[settings.SESSION_COOKIE_NAME]
    assert (cookie["httponly"], cookie["samesite"]) == (True, "Lax")


def test_the_forgery_cookie_is_out_of_reach_of_scripts(client: Client) -> None:
    cookie = client.get("/accounts/login/").cookies[settings.CSRF_COOKIE_NAME]
    assert (cookie["httponly"], cookie["samesite"]) == (True, "Lax")


@pytest.mark.parametrize("page", PAGES)
def test_pages_with_an_account_are_under_a_hundred_kilobytes(as_admin: Client, page: str) -> None:
    assert len(as_admin.get(page).content) < 100_000


@pytest.mark.parametrize("path", ["/nothing/", "/staff/999999/"])
def test_a_missing_page_says_what_to_do(as_admin: Client, path: str) -> None:
    response = as_admin.get(path)
    assert response.status_code == 404
    assert "search for it by name" in response.content.decode()


def test_the_broken_page_needs_nothing_from_the_request(
    as_admin: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("resmi.agency.queries.audit_actions", lambda: 1 / 0)
    as_admin.raise_request_exception = False
    response = as_admin.get("/audit/")
    assert response.status_code == 500
    assert "stored and safe" in response.content.decode()
