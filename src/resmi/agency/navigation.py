"""The places in the top bar. A room adds its own in `AppConfig.ready`; imports no models."""

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


_places: dict[str, Place] = {}


def add(place: Place) -> None:
    """Puts a place in the top bar; the same name again replaces it."""
    _places[place.name] = place


def places() -> list[Place]:
    """All places from left to right."""
    return sorted(_places.values(), key=lambda place: place.order)
