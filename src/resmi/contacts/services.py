"""Writes of people: finding or creating the contact behind an address, and following changes.

A user id names one person for good; a phone number can move to another person. So a user id wins
over a phone, and a phone that turns up under a new user id is taken from its old identity.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import msgspec
from django.db import connection

from resmi.agency import arrays, bulk
from resmi.engine.address import Address

REARRANGING = 0x7265736D_00000005  # "resm", people
PATIENCE = "5s"


def stand_still() -> None:
    """Lets nobody rearrange people until the transaction ends; others may do the same."""
    bulk.execute("SELECT pg_advisory_xact_lock_shared(%b)", [REARRANGING])


def rearrange_alone() -> None:
    """Waits for all who are finding people, and makes others wait, until the transaction ends.

    Raises `django.db.OperationalError` when it takes too long.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('lock_timeout', %s, true)", [PATIENCE])
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [REARRANGING])


class Known(msgspec.Struct, frozen=True, kw_only=True):
    """A contact we know, reached through one identity. `language` is their last one, or empty."""

    contact: int
    identity: int
    language: str


_FIND = """
    SELECT a.ord, i.id, i.contact_id, c.language, i.user_id, i.phone, i.username, i.profile_name
    FROM unnest(%b::text[], %b::text[], %b::text[], %b::text[])
         WITH ORDINALITY AS a(kind, scope, user_id, phone, ord)
    CROSS JOIN LATERAL (
        SELECT id, contact_id, user_id, phone, username, profile_name
        FROM contacts_identity u
        WHERE u.kind = a.kind AND u.scope = a.scope AND u.user_id = nullif(a.user_id, '')
        UNION
        SELECT id, contact_id, user_id, phone, username, profile_name
        FROM contacts_identity p
        WHERE p.kind = a.kind AND p.scope = a.scope AND p.phone = nullif(a.phone, '')) AS i
    JOIN contacts_contact c ON c.id = i.contact_id
"""


class _Row(msgspec.Struct, frozen=True):
    identity: int
    contact: int
    language: str
    user_id: str
    phone: str
    username: str
    profile_name: str


def resolve(addresses: Iterable[Address]) -> dict[str, Known]:
    """The contact behind each address, by `Address.key()`; unknown ones are created.

    Runs in the caller's transaction. The newest details of an address win. Until its end nobody
    rearranges people: who is found here stays who they are.
    """
    latest = {address.key(): address for address in addresses}
    if not latest:
        return {}
    stand_still()
    ordered = list(latest.values())
    found = _find(ordered)
    known: dict[str, Known] = {}
    strangers: list[Address] = []
    for position, address in enumerate(ordered, start=1):
        row = _match(address, found.get(position, ()))
        if row is None:
            if position in found:
                _free_phone(address, keep=0)
            strangers.append(address)
            continue
        _refresh(row, address)
        known[address.key()] = Known(
            contact=row.contact, identity=row.identity, language=row.language
        )
    known.update(_create(strangers))
    return known


def _find(addresses: list[Address]) -> dict[int, list[_Row]]:
    rows: dict[int, list[_Row]] = {}
    columns = [
        arrays.texts([a.kind for a in addresses]),
        arrays.texts([a.scope for a in addresses]),
        arrays.texts([a.user_id for a in addresses]),
        arrays.texts([a.phone for a in addresses]),
    ]
    for ordinal, identity, contact, language, user_id, phone, username, name in bulk.execute(
        _FIND, columns
    ):
        row = _Row(identity, contact, language, user_id or "", phone or "", username, name)
        rows.setdefault(ordinal, []).append(row)
    return rows


def _match(address: Address, rows: Iterable[_Row]) -> _Row | None:
    by_phone = None
    for row in rows:
        if address.user_id and row.user_id == address.user_id:
            return row
        if address.phone and row.phone == address.phone:
            by_phone = row
    if by_phone is not None and address.user_id and by_phone.user_id:
        return None
    return by_phone


def _refresh(row: _Row, address: Address) -> None:
    changed = (
        (address.user_id and address.user_id != row.user_id)
        or (address.phone and address.phone != row.phone)
        or (address.username and address.username != row.username)
        or (address.profile_name and address.profile_name != row.profile_name)
    )
    if not changed:
        return
    with connection.cursor() as cursor:
        if address.phone and address.phone != row.phone:
            _free_phone(address, keep=row.identity)
        cursor.execute(
            """
            UPDATE contacts_identity SET
                user_id = coalesce(nullif(%s, ''), user_id),
                phone = coalesce(nullif(%s, ''), phone),
                username = coalesce(nullif(%s, ''), username),
                profile_name = coalesce(nullif(%s, ''), profile_name),
                parent_user_id = coalesce(nullif(%s, ''), parent_user_id),
                updated_at = now()
            WHERE id = %s
            """,
            [
                address.user_id,
                address.phone,
                address.username,
                address.profile_name[:200],
                address.parent_user_id,
                row.identity,
            ],
        )
        if address.profile_name and not row.profile_name:
            cursor.execute(
                "UPDATE contacts_contact SET name = %s WHERE id = %s AND name = ''",
                [address.profile_name[:200], row.contact],
            )


def _free_phone(address: Address, keep: int) -> None:
    """Takes a phone number from whoever had it: numbers move, and one number is one person."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            UPDATE contacts_identity SET phone = NULL,
                user_id = coalesce(user_id, 'former:' || phone || ':' || id), updated_at = now()
            WHERE kind = %s AND scope = %s AND phone = %s AND id <> %s
            """,
            [address.kind, address.scope, address.phone, keep],
        )


_NEW_IDS = """
    SELECT nextval(pg_get_serial_sequence('contacts_contact', 'id')),
        nextval(pg_get_serial_sequence('contacts_identity', 'id'))
    FROM generate_series(1, %b)
"""
_ADD_CONTACTS = """
    INSERT INTO contacts_contact (id, name, language, created_at)
    SELECT id, name, '', now() FROM unnest(%b::bigint[], %b::text[]) AS n(id, name)
"""
_ADD_IDENTITIES = """
    INSERT INTO contacts_identity (id, contact_id, kind, scope, user_id, parent_user_id, phone,
        username, profile_name, created_at, updated_at)
    SELECT id, contact, kind, scope, nullif(user_id, ''), parent, nullif(phone, ''), username,
        name, now(), now()
    FROM unnest(%b::bigint[], %b::bigint[], %b::text[], %b::text[], %b::text[], %b::text[],
        %b::text[], %b::text[], %b::text[])
        AS n(id, contact, kind, scope, user_id, parent, phone, username, name)
"""


def _create(addresses: list[Address]) -> dict[str, Known]:
    if not addresses:
        return {}
    ids = bulk.execute(_NEW_IDS, [len(addresses)])
    contacts, identities = (arrays.bigints(column) for column in zip(*ids, strict=True))
    names = arrays.texts([(a.profile_name or a.username)[:200] for a in addresses])
    bulk.execute(_ADD_CONTACTS, [contacts, names])
    bulk.execute(
        _ADD_IDENTITIES,
        [
            identities,
            contacts,
            arrays.texts([a.kind for a in addresses]),
            arrays.texts([a.scope for a in addresses]),
            arrays.texts([a.user_id for a in addresses]),
            arrays.texts([a.parent_user_id for a in addresses]),
            arrays.texts([a.phone for a in addresses]),
            arrays.texts([a.username for a in addresses]),
            arrays.texts([a.profile_name[:200] for a in addresses]),
        ],
    )
    return {
        address.key(): Known(contact=contact, identity=identity, language="")
        for address, (contact, identity) in zip(addresses, ids, strict=True)
    }


class Followed(msgspec.Struct, frozen=True):
    """Whose an identity is after a change, and whose it was: another contact if it had written."""

    identity: int
    contact: int
    was: int


def follow_change(before: Address, after: Address) -> Followed | None:
    """A citizen has a new number or user id: their identity keeps its contact.

    None when nobody is known under `before`; then there is nothing to follow.
    """
    stand_still()
    row = _match(before, _find([before]).get(1, ()))
    if row is None:
        return None
    taken = _match(after, _find([after]).get(1, ()))
    if taken is not None and taken.identity != row.identity and taken.user_id:
        _join(taken, row)
        return Followed(taken.identity, row.contact, taken.contact)
    _refresh(row, after)
    return Followed(row.identity, row.contact, row.contact)


def _join(taken: _Row, row: _Row) -> None:
    """The new id wrote before the change was announced: both identities are one person."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE contacts_identity SET contact_id = %s, updated_at = now() WHERE id = %s",
            [row.contact, taken.identity],
        )


_SET_LANGUAGES = """
    UPDATE contacts_contact c SET language = n.language
    FROM unnest(%b::bigint[], %b::text[]) AS n(id, language)
    WHERE c.id = n.id AND c.language <> n.language
"""


def set_languages(languages: Mapping[int, str]) -> None:
    """Remembers the language each contact last used (contact id to ISO 639-1)."""
    if not languages:
        return
    bulk.execute(_SET_LANGUAGES, [arrays.bigints(languages), arrays.texts(languages.values())])


def set_opted_out(contact: int, opted_out: bool) -> None:
    """Notes that a contact wants no messages we start, or wants them again."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE contacts_contact SET opted_out_at = CASE WHEN %s THEN now() END WHERE id = %s",
            [opted_out, contact],
        )
