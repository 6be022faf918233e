"""What every template knows: theme, places, permissions, languages."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import Promise

from resmi.agency import access, navigation, queries

THEMES = ("auto", "dark", "light")
THEME_COOKIE = "resmi_theme"


@dataclass(frozen=True, kw_only=True)
class Link:
    """A place as shown to one person on one page."""

    url: str
    label: str | Promise
    icon: str
    current: bool


class May:
    """`{% if may.manage_staff %}` in templates. An unknown permission raises `ValueError`."""

    def __init__(self, user: object) -> None:
        self._user = user

    def __getitem__(self, permission: str) -> bool:
        return access.can(self._user, permission)


def chrome(request: HttpRequest) -> dict[str, Any]:
    """Context processor for what stands round the content of every page."""
    user = getattr(request, "user", None)
    chosen = theme(request)
    return {
        "theme": chosen,
        "next_theme": THEMES[(THEMES.index(chosen) + 1) % len(THEMES)],
        "places": links(request) if user is not None else [],
        "may": May(user),
        "languages": settings.LANGUAGES,
        "live_position": getattr(request, "live_position", ""),
        "idle_minutes": _idle_minutes(user),
        "sign_on": [app["name"] for app in settings.SIGN_ON["apps"]],
    }


def _idle_minutes(user: object) -> int:
    return queries.policy().idle_minutes if getattr(user, "is_authenticated", False) else 0


def theme(request: HttpRequest) -> str:
    """The account's theme, or what the browser's cookie remembers before sign-in."""
    user = getattr(request, "user", None)
    chosen = str(getattr(user, "theme", "") or request.COOKIES.get(THEME_COOKIE, ""))
    return chosen if chosen in THEMES else "auto"


def links(request: HttpRequest) -> list[Link]:
    """The places this request's account may enter, from left to right."""
    allowed = [p for p in navigation.places() if access.can(request.user, p.permission)]
    urls = {place.name: reverse(place.name) for place in allowed}
    here = [url for url in urls.values() if request.path.startswith(url)]
    current = max(here, key=len, default="")
    return [_link(place, urls[place.name], current) for place in allowed]


def _link(place: navigation.Place, url: str, current: str) -> Link:
    return Link(url=url, label=place.label, icon=place.icon, current=url == current)
