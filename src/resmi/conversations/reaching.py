"""Finds, or begins, the conversation in which somebody is told something we start."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

import msgspec
from django.db import connection

from resmi.conversations import storing
from resmi.conversations.storing import Loaded
from resmi.engine.address import Address
from resmi.registry.watches.queries import Place

# One identity of a contact on a channel: the one that wrote last, else the newest.
_REACH = """
    SELECT DISTINCT ON (ch.id, c.id)
        ch.id, ch.kind, c.id, c.language, c.opted_out_at,
        i.id, i.scope, i.user_id, i.parent_user_id, i.phone, i.username, i.profile_name,
        (SELECT max(v.last_inbound_at) FROM conversations_conversation v
         WHERE v.channel_id = ch.id AND v.contact_id = c.id)
    FROM unnest(%s::bigint[], %s::bigint[]) AS w(channel, contact)
    JOIN channels_channel ch ON ch.id = w.channel
    JOIN contacts_contact c ON c.id = w.contact
    JOIN contacts_identity i
        ON i.contact_id = c.id AND i.kind = ch.kind AND i.scope = ch.portfolio
    ORDER BY ch.id, c.id, i.updated_at DESC, i.id DESC
"""


class Reachable(msgspec.Struct, frozen=True, kw_only=True):
    """How somebody is reached on a channel. `last_inbound_at` is when they last wrote there."""

    place: Place
    kind: str
    language: str
    opted_out_at: datetime | None
    identity: int
    address: Address
    last_inbound_at: datetime | None


def find(places: Iterable[Place]) -> dict[Place, Reachable]:
    """How each contact is reached; those who left the channel are missing."""
    wanted = sorted(set(places))
    with connection.cursor() as cursor:
        cursor.execute(_REACH, [[place[0] for place in wanted], [place[1] for place in wanted]])
        return {(row[0], row[2]): _reachable(row) for row in cursor.fetchall()}


def _reachable(row: tuple[Any, ...]) -> Reachable:
    channel, kind, contact, language, opted_out_at, identity, scope, user_id, parent = row[:9]
    phone, username, name, last_inbound_at = row[9:]
    return Reachable(
        place=(channel, contact),
        kind=kind,
        language=language,
        opted_out_at=opted_out_at,
        identity=identity,
        address=Address(
            kind=kind,
            scope=scope,
            user_id=user_id or "",
            parent_user_id=parent,
            phone=phone or "",
            username=username,
            profile_name=name,
        ),
        last_inbound_at=last_inbound_at,
    )


def open_for(people: Iterable[Reachable]) -> dict[Place, Loaded]:
    """The open conversation of each, under lock; where there is none, one that is about to begin.

    What begins knows when the citizen last wrote, so that free text is allowed as long as it is.
    """
    by_place = {person.place: person for person in people}
    found = storing.lock_open(by_place) if by_place else {}
    missing = [person for place, person in by_place.items() if place not in found]
    for person, new_id in zip(missing, storing.new_ids(len(missing)), strict=True):
        found[person.place] = _about_to_begin(person, new_id)
    return found


def _about_to_begin(person: Reachable, new_id: int) -> Loaded:
    loaded = storing.begin(
        new_id,
        channel=person.place[0],
        kind=person.kind,
        contact=person.place[1],
        identity=person.identity,
        address=person.address,
        language=person.language,
    )
    known = msgspec.structs.replace(loaded.conversation, last_inbound_at=person.last_inbound_at)
    return msgspec.structs.replace(loaded, conversation=known)
