from __future__ import annotations

import re
from datetime import UTC, datetime

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone, translation

from resmi.agency import durations
from resmi.agency.models import User
from tests.agency import making


@pytest.mark.django_db
def test_a_page_is_in_the_accounts_language() -> None:
    page = making.signed_in(making.account(language="ko")).get("/account/").content.decode()
    assert '<html lang="ko"' in page


@pytest.mark.django_db
def test_one_accounts_language_does_not_stay_for_the_next(client: Client) -> None:
    making.signed_in(making.account(language="ko")).get("/account/")
    assert '<html lang="en"' in client.get("/accounts/login/").content.decode()


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("headers", "begins"),
    [
        ({"Accept": "text/html", "Sec-Fetch-Dest": "document"}, r"\d+-\d+"),
        ({"Accept": "text/html"}, r"\d+-\d+"),  # as browsers ask without HTTPS
        ({"Accept": "text/html", "HX-Request": "true"}, ""),
        ({"Accept": "text/html", "Sec-Fetch-Dest": "iframe"}, ""),
        ({"Accept": "*/*"}, ""),
    ],
)
def test_a_whole_page_says_where_its_stream_begins(headers: dict[str, str], begins: str) -> None:
    client = making.signed_in(making.account())
    page = client.get("/account/", headers=headers).content.decode()
    assert re.search(rf'data-live-last="{begins}"', page)


@pytest.mark.django_db
def test_the_theme_is_stored_on_the_account() -> None:
    client = making.signed_in(making.account())
    client.post(reverse("agency:set_theme"), {"theme": "dark"})
    assert User.objects.get().theme == "dark"


@pytest.mark.django_db
def test_before_sign_in_the_theme_is_kept_in_a_cookie(client: Client) -> None:
    client.post(reverse("agency:set_theme"), {"theme": "dark"})
    assert 'data-theme="dark"' in client.get("/accounts/login/").content.decode()


@pytest.mark.django_db
def test_before_sign_in_the_language_is_kept_in_a_cookie(client: Client) -> None:
    client.post(reverse("agency:set_language"), {"language": "id"})
    assert '<html lang="id"' in client.get("/accounts/login/").content.decode()


@pytest.mark.django_db
@pytest.mark.parametrize("name", ["set_theme", "set_language"])
def test_a_choice_that_does_not_exist_is_refused(client: Client, name: str) -> None:
    values = {"theme": "pink", "language": "xx"}
    assert client.post(reverse(f"agency:{name}"), values).status_code == 400


@pytest.mark.django_db
def test_the_way_back_never_leaves_the_site(client: Client) -> None:
    values = {"theme": "dark", "next": "https://evil.example/"}
    assert client.post(reverse("agency:set_theme"), values).headers["Location"] == "/"


@pytest.mark.django_db
def test_preferences_are_saved_together() -> None:
    client = making.signed_in(making.account())
    values = {
        "name": "Sari",
        "display_name": "Sari",
        "language": "id",
        "theme": "light",
        "time_zone": "Asia/Makassar",
    }
    client.post(reverse("agency:profile"), values)
    sari = User.objects.get()
    assert (sari.language, sari.time_zone, sari.shortcuts) == ("id", "Asia/Makassar", False)


@pytest.mark.parametrize(
    ("seconds", "style", "language", "text"),
    [
        (42, "clock", "en", "0:42"),
        (3_785, "clock", "en", "1:03:05"),
        (200, "short", "en", "3 min"),
        (200, "short", "id", "3 mnt"),
        (200, "short", "ko", "3분"),
        (90_000, "short", "en", "1 day"),
        (-5, "clock", "en", "0:00"),
    ],
)
def test_durations_read_naturally(seconds: float, style: str, language: str, text: str) -> None:
    with translation.override(language):
        assert durations.text(seconds, style) == text


def test_exact_times_are_local() -> None:
    at = datetime(2026, 11, 22, 2, 0, 5, tzinfo=UTC)
    with timezone.override("Asia/Jakarta"), translation.override("en"):
        assert "9:00:05" in durations.exact(at)


@pytest.mark.parametrize(
    ("way", "seconds", "limit", "state"),
    [
        ("ago", 61, 60, "over"),
        ("ago", 59, 60, ""),
        ("ago", 999, 0, ""),
        ("until", 59, 60, "soon"),
        ("until", 0, 60, "over"),
        ("until", 61, 60, ""),
    ],
)
def test_a_ticking_time_says_when_it_is_late(
    way: str, seconds: float, limit: int, state: str
) -> None:
    assert durations.state(way, seconds, limit) == state
