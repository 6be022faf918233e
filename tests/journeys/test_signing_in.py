"""Signing in as people do it: second factors, passkeys, the lock, a session that ran out."""

from __future__ import annotations

import time
from typing import Any

import pytest
from allauth.mfa.totp.internal import auth as totp
from django.contrib.sessions.models import Session
from django.core.cache import cache
from playwright.sync_api import Page, expect

from resmi.agency import services as agency
from resmi.agency.models import User
from resmi.agency.policy import Policy
from resmi.conversations.models import Draft
from tests import processes
from tests.agency import making
from tests.desk import scenes
from tests.journeys.conftest import PageFor, violations

pytestmark = [pytest.mark.browser, pytest.mark.slow]
POLICY_SEEN_S = 1.2  # web processes look for a new policy each second


@pytest.fixture
def sari(transactional_db: None) -> User:
    cache.clear()
    scenes.office()
    user = scenes.agent("Sari")
    user.set_password(making.PASSWORD)
    user.save()
    return user


def _localhost(page: Page, site: processes.Running) -> str:
    """Browsers offer passkeys for names, not for addresses."""
    return site.url.replace("127.0.0.1", "localhost")


def _sign_in(page: Page, base: str, user: User) -> None:
    page.goto(f"{base}/accounts/login/")
    page.get_by_label("E-mail address").fill(user.email)
    page.get_by_label("Password", exact=True).fill(making.PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()


def _confirm(page: Page) -> None:
    page.locator("#id_password").fill(making.PASSWORD)
    page.get_by_role("button", name="Confirm").click()


def _key(page: Page) -> Any:
    """A device that holds passkeys and says yes."""
    session = page.context.new_cdp_session(page)
    session.send("WebAuthn.enable")
    options = {
        "protocol": "ctap2",
        "transport": "internal",
        "hasResidentKey": True,
        "hasUserVerification": True,
        "isUserVerified": True,
        "automaticPresenceSimulation": True,
    }
    session.send("WebAuthn.addVirtualAuthenticator", {"options": options})
    return session


def test_a_role_that_needs_a_factor_sets_up_an_app_and_works_on(
    page_for: PageFor, site: processes.Running, sari: User
) -> None:
    agency.put_policy(actor=None, data=Policy(second_factor=("agent",)))
    time.sleep(POLICY_SEEN_S)
    page = page_for(width=360, height=740)
    _sign_in(page, site.url, sari)
    expect(page.get_by_role("heading", name="Second factor", exact=True)).to_be_visible()
    page.goto("/desk/")
    expect(page.get_by_text("Your role needs a second factor")).to_be_visible()
    assert violations(page) == []
    page.get_by_role("link", name="Set up an app").click()
    _confirm(page)
    secret = page.locator("#authenticator_secret").inner_text()
    assert violations(page) == []
    code = totp.format_hotp_value(totp.hotp_value(secret, int(time.time()) // 30))
    page.get_by_label("Code the app shows").fill(code)
    page.get_by_role("button", name="Set up").click()
    expect(page.get_by_text("You see these codes only now")).to_be_visible()
    page.goto("/desk/")
    expect(page.locator("#lists")).to_be_visible()


def test_a_passkey_is_added_and_signs_in_alone(
    page_for: PageFor, site: processes.Running, sari: User
) -> None:
    page = page_for()
    base = _localhost(page, site)
    _key(page)
    _sign_in(page, base, sari)
    page.goto(f"{base}/accounts/2fa/keys/add/")
    _confirm(page)
    assert violations(page) == []
    page.get_by_role("button", name="Add a key").click()
    page.wait_for_url(lambda url: "/keys/add" not in url)
    page.goto(f"{base}/accounts/2fa/keys/")
    expect(page.locator("main li").first).to_contain_text("added")
    assert violations(page) == []
    page.context.clear_cookies()
    page.goto(f"{base}/accounts/login/")
    page.get_by_role("button", name="Sign in with a passkey").click()
    page.wait_for_url("**/desk/")


def test_the_lock_keeps_what_was_typed_and_opens_with_the_password(
    page_for: PageFor, sari: User
) -> None:
    agency.put_policy(actor=None, data=Policy(idle_minutes=5))
    time.sleep(POLICY_SEEN_S)
    conversation = scenes.held(sari)
    page = page_for(sari)
    page.clock.install()
    page.goto(f"/desk/{conversation.pk}/")
    page.locator("#composer-body").fill("Baik Pak, saya periksa")
    page.route("**/account/lock/", lambda way: way.abort())  # locked all the same
    page.clock.fast_forward(6 * 60_000)
    dialog = page.locator("#lock-dialog")
    expect(dialog).to_be_visible()
    expect(page.locator("main")).to_be_hidden()
    page.keyboard.press("Escape")
    page.mouse.click(5, 5)
    expect(dialog).to_be_visible()
    error = page.locator("#lock-error")
    page.route("**/account/unlock/", lambda way: way.abort(), times=2)
    page.get_by_role("button", name="Use a passkey").click()
    expect(error).to_contain_text("The server did not answer")
    page.locator("#lock-password").fill("wrong")
    page.get_by_role("button", name="Unlock").click()
    expect(error).to_contain_text("The server did not answer")
    page.get_by_role("button", name="Unlock").click()
    expect(error).not_to_contain_text("The server did not answer")
    expect(error).to_be_visible()
    page.locator("#lock-password").fill(making.PASSWORD)
    with page.expect_request("**/desk/lists/**"):  # what stirred meanwhile
        page.get_by_role("button", name="Unlock").click()
    expect(dialog).to_be_hidden()
    expect(page.locator("#composer-body")).to_have_value("Baik Pak, saya periksa")


def test_a_session_that_ran_out_while_typing_goes_on_exactly_there(
    page_for: PageFor, sari: User
) -> None:
    conversation = scenes.held(sari)
    page = page_for(sari)
    page.goto(f"/desk/{conversation.pk}/")
    page.locator("body[data-live-state=open]").wait_for()
    Session.objects.all().delete()
    page.locator("#composer-body").fill("Selamat pagi Pak Budi")
    expect(page.get_by_role("heading", name="You are signed out")).to_be_visible()
    assert not Draft.objects.exists()
    assert violations(page) == []
    page.get_by_role("link", name="Sign in", exact=True).click()
    page.get_by_label("E-mail address").fill(sari.email)
    page.get_by_label("Password", exact=True).fill(making.PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()
    page.wait_for_url(f"**/desk/{conversation.pk}/")
    expect(page.locator("#composer-body")).to_have_value("Selamat pagi Pak Budi")
    page.locator("body[data-live-state=open]").wait_for()
    page.keyboard.press("Control+Enter")
    expect(page.locator("#thread-lines")).to_contain_text("Selamat pagi Pak Budi")


def test_a_tab_older_than_the_sign_in_keeps_its_text_and_loads_again(
    page_for: PageFor, site: processes.Running, sari: User
) -> None:
    conversation = scenes.held(sari)
    old = page_for()
    _sign_in(old, site.url, sari)
    old.wait_for_url("**/desk/")
    old.goto(f"/desk/{conversation.pk}/")
    old.locator("body[data-live-state=open]").wait_for()
    other = old.context.new_page()
    other.goto("/desk/")
    other.context.clear_cookies()
    _sign_in(other, site.url, sari)
    other.wait_for_url("**/desk/")
    old.locator("#composer-body").fill("Mohon tunggu")
    expect(old.get_by_role("heading", name="older than your sign-in")).to_be_visible()
    old.get_by_role("button", name="Load again").click()
    expect(old.locator("#composer-body")).to_have_value("Mohon tunggu")


@pytest.mark.parametrize(("theme", "width"), [("light", 1440), ("dark", 360)])
def test_pages_of_signing_in_are_accessible(
    page_for: PageFor, sari: User, theme: str, width: int
) -> None:
    making.admin()
    ratna = User.objects.get(email="ratna@example.org")
    stranger, page = page_for(theme=theme, width=width), page_for(ratna, theme=theme, width=width)
    stranger.goto("/accounts/login/")
    assert violations(stranger) == []
    for path in ("/accounts/2fa/", "/accounts/sessions/", "/staff/policy/", "/audit/"):
        page.goto(path)
        assert violations(page) == [], path
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), path
