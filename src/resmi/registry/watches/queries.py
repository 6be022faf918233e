"""Reads of watches."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

import msgspec
from django.db import connection

from resmi.agency import arrays, bulk
from resmi.registry.watches.models import Held, Watch
from resmi.registry.watches.rules import Watched

Place = tuple[int, int]
"""A channel's and a contact's number."""


class Following(msgspec.Struct, frozen=True, kw_only=True):
    """A watch that goes on, with who is to be told, where and in which language."""

    id: int
    place: Place
    language: str
    started_at: datetime
    watched: Watched


_ACTIVE = """
    SELECT w.channel, w.contact, w.subject, w.name, w.standing
    FROM registry_watch w
    JOIN unnest(%b::bigint[], %b::bigint[]) AS p(channel, contact)
         ON p.channel = w.channel AND p.contact = w.contact
    WHERE w.ended_at IS NULL ORDER BY w.started_at, w.id
"""


def active(places: Iterable[Place]) -> dict[Place, tuple[Watched, ...]]:
    """What is watched at each place, oldest first; places without a watch are left out."""
    wanted = sorted(set(places))
    found: dict[Place, tuple[Watched, ...]] = {}
    if not wanted:
        return found
    columns = [arrays.bigints(column) for column in zip(*wanted, strict=True)]
    for channel, contact, subject, name, standing in bulk.execute(_ACTIVE, columns):
        one = Watched(subject=subject, name=name, standing=standing)
        found[channel, contact] = (*found.get((channel, contact), ()), one)
    return found


def of_contact(contact: int) -> list[Watch]:
    """What a citizen watches on any channel, oldest first."""
    return list(Watch.objects.filter(contact=contact, ended_at=None).order_by("started_at", "id"))


def held_for_staff() -> int:
    """How many citizens wait for news that staff can bring on its way."""
    rows = Watch.objects.filter(ended_at=None, held=Held.NO_TEMPLATE)
    return rows.values("contact").distinct().count()


_BEHIND = """
    SELECT id, channel, contact, language, started_at, subject, name, standing
    FROM registry_watch
    WHERE ended_at IS NULL AND id > %s AND checked <> %s ORDER BY id LIMIT %s
"""
_LOCK = """
    SELECT id, channel, contact, language, started_at, subject, name, standing
    FROM registry_watch
    WHERE ended_at IS NULL AND id = ANY(%s) AND checked <> %s ORDER BY id FOR UPDATE
"""


def behind(checked: str, after: int, limit: int) -> list[Following]:
    """Watches with ids above `after` that were not compared with the register `checked` yet."""
    return _followed(_BEHIND, [after, checked, limit])


def lock_behind(ids: Sequence[int], checked: str) -> list[Following]:
    """Those of `ids` that still go on and are still behind, locked for the transaction."""
    return _followed(_LOCK, [list(ids), checked])


def _followed(sql: str, parameters: list[Any]) -> list[Following]:
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        return [
            Following(
                id=id_,
                place=(channel, contact),
                language=language,
                started_at=started_at,
                watched=Watched(subject=subject, name=name, standing=standing),
            )
            for id_, channel, contact, language, started_at, subject, name, standing in cursor
        ]
