"""Second factors, the idle lock and sessions, as a browser's requests meet them."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal import auth as totp
from django.core.cache import cache
from django.test import Client
from django.urls import reverse

from resmi.agency import entrance, queries, services
from resmi.agency.models import AuditEntry, User
from resmi.agency.policy import Policy
from tests.agency import making

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _no_limits_from_other_tests() -> Iterator[None]:
    cache.clear()
    yield
    cache.clear()


@pytest.fixture
def ratna() -> User:
    return making.admin()


def _policy(**fields: object) -> None:
    services.put_policy(actor=None, data=Policy(**fields))  # type: ignore[arg-type]


def _sign_in(client: Client, email: str = "ratna@example.org") -> str:
    form = {"login": email, "password": making.PASSWORD}
    return str(client.post(reverse("account_login"), form).headers.get("Location", ""))


def _code(secret: str) -> str:
    return str(totp.format_hotp_value(totp.hotp_value(secret, int(time.time()) // 30)))


def _set_up_app(client: Client) -> str:
    client.post(reverse("account_reauthenticate"), {"password": making.PASSWORD})
    page = client.get(reverse("mfa_activate_totp")).content.decode()
    found = re.search(r'id="authenticator_secret">(\w+)<', page)
    assert found
    done = client.post(reverse("mfa_activate_totp"), {"code": _code(found[1])})
    assert done.status_code == 302
    return found[1]


def test_an_app_is_set_up_and_asked_for_when_signing_in(client: Client, ratna: User) -> None:
    _sign_in(client)
    secret = _set_up_app(client)
    assert secret not in str(Authenticator.objects.get(type="totp").data), "stored encrypted"
    again = Client()
    assert _sign_in(again) == reverse("mfa_authenticate")
    assert again.get("/staff/").status_code == 302
    cache.clear()
    assert again.post(reverse("mfa_authenticate"), {"code": _code(secret)}).status_code == 302
    assert again.get("/staff/").status_code == 200


def test_a_wrong_code_does_not_let_in_and_is_written_down(
    client: Client, ratna: User, django_capture_on_commit_callbacks: Any
) -> None:
    _sign_in(client)
    with django_capture_on_commit_callbacks(execute=True):
        _set_up_app(client)
    again = Client()
    _sign_in(again)
    again.post(reverse("mfa_authenticate"), {"code": "000000"})
    assert again.get("/staff/").status_code == 302
    entry = AuditEntry.objects.get(action="second_factor_refused")
    assert entry.target == f"account:{ratna.pk}"
    assert AuditEntry.objects.filter(action="second_factor_added", actor=ratna).exists()


def test_a_recovery_code_lets_in_once(client: Client, ratna: User) -> None:
    _sign_in(client)
    _set_up_app(client)
    client.post(reverse("mfa_generate_recovery_codes"))
    page = client.get(reverse("mfa_view_recovery_codes")).content.decode()
    code = re.findall(r"<li><code>(\d{8})</code></li>", page)[0]
    for lets_in in (True, False):
        again = Client()
        _sign_in(again)
        cache.clear()
        again.post(reverse("mfa_authenticate"), {"code": code})
        assert (again.get("/staff/").status_code == 200) is lets_in


@pytest.mark.parametrize("path", ["/staff/", "/audit/", "/desk/", "/", "/account/"])
def test_a_role_that_needs_a_factor_is_led_to_it_from_everywhere(
    client: Client, ratna: User, path: str
) -> None:
    _policy(second_factor=("admin",))
    _sign_in(client)
    page = client.get(path)
    assert page.headers["Location"].startswith(reverse("mfa_index"))
    assert client.post(path).status_code == 401
    assert client.get(path, headers={"HX-Request": "true"}).status_code == 401
    assert client.get(reverse("mfa_index")).status_code == 200


def test_with_a_factor_everything_opens(client: Client, ratna: User) -> None:
    _policy(second_factor=("admin",))
    _sign_in(client)
    _set_up_app(client)
    assert client.get("/staff/").status_code == 200


def test_other_roles_are_not_asked(client: Client) -> None:
    making.account()
    _policy(second_factor=("admin",))
    _sign_in(client, "sari@example.org")
    assert client.get("/account/").status_code == 200


def test_taking_the_last_factor_away_closes_again(client: Client, ratna: User) -> None:
    _policy(second_factor=("admin",))
    _sign_in(client)
    _set_up_app(client)
    client.post(reverse("mfa_deactivate_totp"))
    assert client.get("/staff/").status_code == 302


def test_recovery_codes_alone_are_no_factor(ratna: User) -> None:
    Authenticator.objects.create(user=ratna, type="recovery_codes", data={})
    assert not entrance.has_factor(ratna)


def test_an_administrator_resets_the_factors_of_somebody_who_lost_them(ratna: User) -> None:
    sari = making.account()
    hers = Client()
    _sign_in(hers, "sari@example.org")
    _set_up_app(hers)
    making.signed_in(ratna).post(reverse("agency:reset_factors", args=[sari.pk]))
    assert not entrance.has_factor(sari)
    assert AuditEntry.objects.filter(action="second_factors_reset", actor=ratna).exists()


def _locked(client: Client) -> bool:
    return client.get("/account/").headers.get("Location", "").startswith("/account/unlock/")


def test_a_locked_session_does_nothing_until_it_is_unlocked(client: Client, ratna: User) -> None:
    _policy(idle_minutes=5)
    _sign_in(client)
    client.post(reverse("agency:lock"))
    assert _locked(client)
    assert client.post("/staff/new/", {"name": "x"}).status_code == 401
    wrong = client.post(
        reverse("agency:unlock"), {"password": "no"}, headers={"Accept": "application/json"}
    )
    assert wrong.status_code == 422
    assert _locked(client)
    done = client.post(reverse("agency:unlock"), {"password": making.PASSWORD, "next": "/audit/"})
    assert done.headers["Location"] == "/audit/"
    assert not _locked(client)


def test_nobody_is_led_away_after_unlocking(client: Client, ratna: User) -> None:
    _sign_in(client)
    client.post(reverse("agency:lock"))
    form = {"password": making.PASSWORD, "next": "https://evil.example/"}
    assert client.post(reverse("agency:unlock"), form).headers["Location"] == "/"


def test_a_session_nobody_touched_is_locked_without_the_browser_saying_so(
    client: Client, ratna: User
) -> None:
    _policy(idle_minutes=5)
    _sign_in(client)
    session = client.session
    session[entrance.ACTIVE] = int(time.time()) - 5 * 60 - 61
    session.save()
    assert _locked(client)


def test_a_tab_does_not_lock_another_in_which_somebody_works(client: Client, ratna: User) -> None:
    _policy(idle_minutes=5)
    _sign_in(client)
    client.post(reverse("agency:active"))
    assert client.post(reverse("agency:lock"), {"idle": "1"}).status_code == 409
    assert not _locked(client)


@pytest.mark.parametrize(
    ("session", "minutes", "locked"),
    [
        ({}, 5, False),
        ({"locked": True}, 0, True),
        ({"active_at": 1000}, 5, True),
        ({"active_at": 1700}, 5, False),
        ({"active_at": 1000}, 0, False),
    ],
)
def test_what_counts_as_locked(session: dict[str, int], minutes: int, locked: bool) -> None:
    assert entrance.is_locked(session, minutes, now=2000) is locked  # type: ignore[arg-type]


def test_other_sessions_are_listed_and_ended(client: Client, ratna: User) -> None:
    _sign_in(client)
    other = Client(headers={"User-Agent": "Somewhere else"})
    _sign_in(other)
    assert "Somewhere else" in client.get(reverse("usersessions_list")).content.decode()
    client.post(reverse("usersessions_list"))
    assert other.get("/staff/").status_code == 302
    assert client.get("/staff/").status_code == 200


def test_an_administrator_signs_somebody_out_everywhere(ratna: User) -> None:
    sari = making.account()
    hers = Client()
    _sign_in(hers, "sari@example.org")
    making.signed_in(ratna).post(reverse("agency:sign_out_account", args=[sari.pk]))
    assert hers.get("/account/").status_code == 302


def test_the_policy_is_changed_on_its_page_and_audited(ratna: User) -> None:
    form = {
        "second_factor": ["admin", "auditor"],
        "idle_minutes": "15",
        "names": "fixed",
        "bot_seen_by_queue_agents": "on",
    }
    client = making.signed_in(ratna)
    assert client.post(reverse("agency:policy"), form).status_code == 302
    held = queries.policy()
    assert held == Policy(second_factor=("admin", "auditor"), idle_minutes=15, names="fixed")
    entry = AuditEntry.objects.get(action="agency_policy_changed")
    assert entry.before["idle_minutes"] == 0
    assert entry.after["idle_minutes"] == 15


def test_a_policy_out_of_bounds_is_refused(ratna: User) -> None:
    form = {"idle_minutes": "-1", "names": "loud"}
    assert making.signed_in(ratna).post(reverse("agency:policy"), form).status_code == 422
    assert queries.policy() == Policy()
