"""The places in the top bar, and buttons on pages.

A room adds its own in `AppConfig.ready`; imports no models.
"""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.functional import Promise

from resmi.agency import rules


@dataclass(frozen=True, kw_only=True)
class Place:
    """A page in the top bar: `name` is its URL name, `order` sorts from the left."""

    name: str
    label: str | Promise
    icon: str
    permission: rules.Permission
    order: int


@dataclass(frozen=True, kw_only=True)
class Link:
    """A button at the head of the page `page`, for who holds `permission`; all are URL names."""

    page: str
    name: str
    label: str | Promise
    icon: str
    permission: rules.Permission


_places: dict[str, Place] = {}
_links: dict[tuple[str, str], Link] = {}


def add(place: Place) -> None:
    """Puts a place in the top bar; the same name again replaces it."""
    _places[place.name] = place


def add_link(link: Link) -> None:
    """Puts a button at the head of another room's page."""
    _links[link.page, link.name] = link


def links(page: str, role: str) -> list[Link]:
    """The buttons at the head of a page for an account of this role."""
    return [
        link for link in _links.values() if link.page == page and rules.can(role, link.permission)
    ]


def places() -> list[Place]:
    """All places from left to right."""
    return sorted(_places.values(), key=lambda place: place.order)
