"""Single sign-on with a real OpenID Connect provider on loopback."""

from __future__ import annotations

import re
import subprocess
import sys
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator
from typing import Any

import pytest
import requests
from django.test import Client
from django.urls import reverse

from resmi.agency import signon
from resmi.agency.models import AuditEntry, User
from tests import processes
from tests.agency import making

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def provider() -> Iterator[str]:
    port = processes.free_port()
    words = [sys.executable, "-m", "oidc_provider_mock", "--port", str(port)]
    process = subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    url = f"http://localhost:{port}"
    deadline = time.monotonic() + processes.PATIENCE_S
    while time.monotonic() < deadline:
        try:
            urllib.request.urlopen(f"{url}/.well-known/openid-configuration").close()
            break
        except urllib.error.URLError:
            time.sleep(0.1)
    yield url
    process.terminate()
    process.wait()


@pytest.fixture(autouse=True)
def _configured(provider: str, settings: Any) -> None:
    app = {
        "provider_id": "sso",
        "name": "Kantor",
        "client_id": "resmi",
        "secret": "secret",
        "settings": {"server_url": provider, "fetch_userinfo": True},
    }
    settings.SOCIALACCOUNT_PROVIDERS = {
        "openid_connect": {"APPS": [app], "OAUTH_PKCE_ENABLED": True}
    }
    settings.SIGN_ON = {"apps": [app], "claim": "groups", "roles": {}, "creates": False}


def _person(provider: str, subject: str, **claims: Any) -> None:
    requests.put(f"{provider}/users/{subject}", json=claims, timeout=60).raise_for_status()


def _sign_on(client: Client, subject: str) -> Any:
    """What a browser does: to the provider, its form, and back."""
    away = client.get(reverse("openid_connect_login", args=["sso"]))
    assert away.status_code == 302, away.content
    back = requests.post(
        away.headers["Location"], data={"sub": subject}, allow_redirects=False, timeout=60
    )
    assert back.status_code == 302, back.text
    landed = urllib.parse.urlsplit(back.headers["Location"])
    return client.get(f"{landed.path}?{landed.query}")


def test_the_sign_in_page_offers_it(client: Client) -> None:
    assert "Sign in with Kantor" in client.get(reverse("account_login")).content.decode()


def test_somebody_with_an_account_comes_in_by_their_address(client: Client, provider: str) -> None:
    sari = making.account()
    _person(provider, "s1", email="Sari@example.org", email_verified=True, name="Sari")
    assert _sign_on(client, "s1").status_code == 302
    assert client.session["_auth_user_id"] == str(sari.pk)
    assert AuditEntry.objects.filter(action="signed_in", actor=sari).exists()


def test_they_are_known_again_when_their_address_changes(client: Client, provider: str) -> None:
    sari = making.account()
    _person(provider, "s2", email="sari@example.org", email_verified=True)
    _sign_on(client, "s2")
    _person(provider, "s2", email="dewi@example.org", email_verified=True)
    again = Client()
    _sign_on(again, "s2")
    assert again.session["_auth_user_id"] == str(sari.pk)


@pytest.mark.parametrize(
    "claims",
    [
        {"email": "new@example.org", "email_verified": True},
        {"email": "sari@example.org", "email_verified": False},
        {},
    ],
)
def test_nobody_else_comes_in_and_no_account_is_made(
    client: Client, provider: str, claims: dict[str, Any]
) -> None:
    making.account()
    _person(provider, "s3", **claims)
    page = _sign_on(client, "s3")
    assert page.status_code == 403
    assert "_auth_user_id" not in client.session
    assert User.objects.count() == 1
    assert AuditEntry.objects.filter(action="sign_on_refused").count() == 1


def test_groups_give_the_role_at_each_sign_in(client: Client, provider: str, settings: Any) -> None:
    settings.SIGN_ON["roles"] = {"chiefs": "supervisor", "counter": "agent"}
    sari = making.account()
    person = {"email": "sari@example.org", "email_verified": True}
    _person(provider, "s4", **person, groups=["counter", "chiefs"])
    _sign_on(client, "s4")
    sari.refresh_from_db()
    assert sari.role == "supervisor"
    _person(provider, "s4", **person, groups=["counter"])
    _sign_on(Client(), "s4")
    sari.refresh_from_db()
    assert sari.role == "agent"
    assert AuditEntry.objects.filter(action="account_changed", actor=None).count() == 2


def test_who_is_in_no_group_stays_outside(client: Client, provider: str, settings: Any) -> None:
    settings.SIGN_ON["roles"] = {"counter": "agent"}
    making.account()
    _person(provider, "s5", email="sari@example.org", email_verified=True, groups=["canteen"])
    assert _sign_on(client, "s5").status_code == 403
    assert "_auth_user_id" not in client.session


def test_an_account_is_made_where_the_agency_wants_it(
    client: Client, provider: str, settings: Any
) -> None:
    settings.SIGN_ON |= {"roles": {"counter": "agent"}, "creates": True}
    _person(
        provider,
        "s6",
        email="new@example.org",
        email_verified=True,
        name="Baru",
        groups=["counter"],
    )
    _sign_on(client, "s6")
    made = User.objects.get()
    assert (made.email, made.name, made.role) == ("new@example.org", "Baru", "agent")
    assert not made.has_usable_password()


def test_a_deactivated_account_stays_outside(client: Client, provider: str) -> None:
    making.account(is_active=False)
    _person(provider, "s7", email="sari@example.org", email_verified=True)
    _sign_on(client, "s7")
    assert "_auth_user_id" not in client.session


def test_an_answer_nobody_asked_for_is_refused(client: Client, provider: str) -> None:
    address = reverse("openid_connect_callback", args=["sso"])
    page = client.get(address, {"code": "x", "state": "forged"})
    assert "_auth_user_id" not in client.session
    assert re.search("Single sign-on", page.content.decode())


@pytest.mark.parametrize(
    ("groups", "role"),
    [
        (["a", "b"], "supervisor"),
        (["b"], "agent"),
        ("b", "agent"),
        ([], ""),
        (None, ""),
        ([{"b": 1}, 3], ""),
        ({"b": "x"}, ""),
    ],
)
def test_the_first_group_of_the_settings_that_fits_counts(groups: object, role: str) -> None:
    assert signon.role_of(groups, {"a": "supervisor", "b": "agent"}) == role
