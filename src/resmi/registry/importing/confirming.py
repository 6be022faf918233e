"""Puts a staged import in force, or takes the last one back. Each is one transaction."""

from __future__ import annotations

from django.db import IntegrityError, connection, transaction

from resmi.agency import services as agency
from resmi.agency.models import User
from resmi.registry.errors import NotNow
from resmi.registry.importing import releases, staging
from resmi.registry.models import Register, Release, ReleaseKind, Staged, StagedState

_CLOSE = """
    UPDATE registry_entity held SET until_id = %s
    FROM registry_stagedrow own
    WHERE own.staged_id = %s AND own.change IN ('changed', 'vanished')
      AND held.external_id = own.external_id AND held.until_id IS NULL AND held.register_id = %s
"""
_INSERT = """
    INSERT INTO registry_entity (register_id, since_id, external_id, kind, status, name, legal_form,
        licence_no, licence_date, scope, website, note, owner, digest)
    SELECT %s, %s, external_id,
        CASE WHEN data->>'status' = 'illegal' THEN 'illegal' ELSE 'licensed' END,
        data->>'status', data->>'name', data->>'legal_form', data->>'licence_no',
        (data->>'licence_date')::date, data->>'scope', coalesce(data->'website'->>0, ''),
        data->>'note', data->>'owner', data->>'digest'
    FROM registry_stagedrow
    WHERE staged_id = %s AND change IN ('added', 'changed') ORDER BY number
"""
_PARTS = """
    INSERT INTO {table} (entity_id, kind, {value})
    SELECT held.id, part.kind, item.value
    FROM registry_stagedrow own
    JOIN registry_entity held ON held.external_id = own.external_id AND held.since_id = %s
    CROSS JOIN (VALUES {parts}) AS part (place, kind, field)
    CROSS JOIN LATERAL jsonb_array_elements_text(own.data->part.field)
        WITH ORDINALITY AS item (value, place)
    WHERE own.staged_id = %s AND own.change IN ('added', 'changed')
    ORDER BY held.id, part.place, item.place
"""
_LEGAL = """
    INSERT INTO registry_entityname (entity_id, kind, name)
    SELECT id, 'legal', name FROM registry_entity WHERE since_id = %s ORDER BY id
"""
_NAMES = _PARTS.format(
    table="registry_entityname",
    value="name",
    parts="(1, 'brand', 'brands'), (2, 'alias', 'aliases'), (3, 'former', 'former_names')",
)
_IDENTIFIERS = _PARTS.format(
    table="registry_identifier",
    value="value",
    parts="(1, 'domain', 'website'), (2, 'email', 'emails'), (3, 'phone', 'phones'),"
    " (4, 'app', 'app_packages')",
)
_COPY = """
    WITH old AS (
        SELECT * FROM registry_entity WHERE register_id = %(register)s AND until_id = %(undone)s
    ), copied AS (
        INSERT INTO registry_entity (register_id, since_id, external_id, kind, status, name,
            legal_form, licence_no, licence_date, scope, website, note, owner, digest)
        SELECT register_id, %(release)s, external_id, kind, status, name, legal_form, licence_no,
            licence_date, scope, website, note, owner, digest
        FROM old ORDER BY id
        RETURNING id, external_id
    ), names AS (
        INSERT INTO registry_entityname (entity_id, kind, name)
        SELECT copied.id, part.kind, part.name FROM registry_entityname part
        JOIN old ON old.id = part.entity_id JOIN copied USING (external_id) ORDER BY part.id
    )
    INSERT INTO registry_identifier (entity_id, kind, value)
    SELECT copied.id, part.kind, part.value FROM registry_identifier part
    JOIN old ON old.id = part.entity_id JOIN copied USING (external_id) ORDER BY part.id
"""

# Else the server reads the new list as if the tables were small, for minutes, until it looks.
_COUNT = "ANALYZE registry_entity, registry_entityname, registry_identifier"


def confirm(*, actor: User | None, staged_id: int, reason: str = "") -> Release:
    """Puts a staged import in force and returns its release.

    Raises `NotNow`: `gone` when it does not wait any more, `braked` when the brake is on and
    `reason` empty, `outdated` when the list changed since the comparison (`staging.start_again`
    makes it anew), `taken` when an id meanwhile stands in another list.
    """
    try:
        with transaction.atomic():
            releases.one_at_a_time()
            staged = _ready(staged_id, reason)
            if _is_outdated(staged):
                raise NotNow("outdated")
            return _put_in_force(actor, staged, reason.strip())
    except IntegrityError as error:
        raise NotNow("taken") from error


def _ready(staged_id: int, reason: str) -> Staged:
    rows = Staged.objects.select_for_update().filter(pk=staged_id, state=StagedState.READY)
    staged = rows.first()
    if staged is None:
        raise NotNow("gone")
    if staged.brakes and not reason.strip():
        raise NotNow("braked")
    return staged


def _is_outdated(staged: Staged) -> bool:
    register = Register.objects.filter(source=staged.source).first()
    latest = releases.latest_import(register) if register else None
    return (latest.version if latest else 0) != staged.base


def _put_in_force(actor: User | None, staged: Staged, reason: str) -> Release:
    register, _made = Register.objects.update_or_create(
        source=staged.source,
        defaults={
            "authority": staged.authority,
            "format": staged.format,
            "mapping": staged.mapping,
            "options": staged.options,
        },
    )
    release = releases.begin(
        actor=actor,
        register=register,
        as_of=staged.as_of,
        kind=ReleaseKind.IMPORT,
        sha256=staged.sha256,
        reason=reason,
    )
    with connection.cursor() as cursor:
        cursor.execute(_CLOSE, [release.pk, staged.pk, register.pk])
        cursor.execute(_INSERT, [register.pk, release.pk, staged.pk])
        cursor.execute(_LEGAL, [release.pk])
        cursor.execute(_NAMES, [release.pk, staged.pk])
        cursor.execute(_IDENTIFIERS, [release.pk, staged.pk])
        cursor.execute(_COUNT)
    releases.finish(release, added=staged.added, changed=staged.changed, vanished=staged.vanished)
    staged.release = release
    staging.end(staged, StagedState.CONFIRMED)
    after = staging.told(staged) | ({"reason": reason} if reason else {})
    agency.record_audit(
        actor=actor, action="import_register", target=f"release:{release.version}", after=after
    )
    return release


def undo(*, actor: User | None, register_id: int, reason: str) -> Release:
    """Restores what the list held before its last import, as a new release.

    Undoing an undo brings the import back. Rows keep what was known when. Raises `NotNow`:
    `nothing`, `unnamed` without a reason, `taken` when a restored id now stands in another list.
    """
    try:
        with transaction.atomic():
            return _undo(actor, register_id, reason)
    except IntegrityError as error:
        raise NotNow("taken") from error


def _undo(actor: User | None, register_id: int, reason: str) -> Release:
    releases.one_at_a_time()
    register = Register.objects.select_for_update().filter(pk=register_id).first()
    undone = releases.latest_import(register) if register else None
    if register is None or undone is None:
        raise NotNow("nothing")
    if not reason.strip():
        raise NotNow("unnamed")
    restored = releases.before(undone)
    release = releases.begin(
        actor=actor,
        register=register,
        as_of=(restored or undone).as_of,
        kind=ReleaseKind.UNDO,
        sha256=restored.sha256 if restored else "",
        reason=reason.strip(),
    )
    register.entities.filter(since=undone, until=None).update(until=release)
    values = {"register": register.pk, "undone": undone.pk, "release": release.pk}
    with connection.cursor() as cursor:
        cursor.execute(_COPY, values)
    releases.finish(release, added=undone.vanished, changed=undone.changed, vanished=undone.added)
    agency.record_audit(
        actor=actor,
        action="import_undone",
        target=f"release:{release.version}",
        after={"source": register.source, "undone": undone.version, "reason": release.reason},
    )
    return release
