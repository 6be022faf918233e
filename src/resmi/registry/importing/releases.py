"""Releases of a list: the newest, and making the next one."""

from __future__ import annotations

from datetime import date

from django.db import connection
from django.db.models import Count, Max, Q

from resmi.agency import live
from resmi.agency.models import User
from resmi.registry.models import Register, Release, ReleaseKind

_LOCK = 0x7265676973747279  # "registry": releases are made one after the other


def latest(register: Register) -> Release | None:
    """The release in force."""
    return register.releases.order_by("-version").first()


def latest_import(register: Register) -> Release | None:
    """The last release that changed rows: an import or the undoing of one."""
    return (
        register.releases.exclude(kind=ReleaseKind.CORRECTION)
        .select_related("register")
        .order_by("-version")
        .first()
    )


def before(release: Release) -> Release | None:
    """The last release before `release` that changed rows of the same list."""
    return (
        Release.objects.filter(register_id=release.register_id, version__lt=release.version)
        .exclude(kind=ReleaseKind.CORRECTION)
        .order_by("-version")
        .first()
    )


def one_at_a_time() -> None:
    """Waits until no other transaction makes a release. In the caller's transaction."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])


def begin(
    *, actor: User | None, register: Register, as_of: date, kind: ReleaseKind, sha256: str,
    reason: str = "",
) -> Release:  # fmt: skip
    """A new release without counts; its number is the next over all lists."""
    return Release.objects.create(
        version=(Release.objects.aggregate(last=Max("version"))["last"] or 0) + 1,
        register=register,
        as_of=as_of,
        kind=kind,
        reason=reason,
        imported_by=actor,
        sha256=sha256,
        rows=0,
    )


def finish(release: Release, *, added: int = 0, changed: int = 0, vanished: int = 0) -> None:
    """Writes down what the release holds and tells open screens."""
    counts = release.register.entities.filter(until=None).aggregate(
        rows=Count("id"),
        licensed=Count("id", filter=Q(status="licensed")),
        revoked=Count("id", filter=Q(status="revoked")),
        illegal=Count("id", filter=Q(status="illegal")),
    )
    for name, value in counts.items():
        setattr(release, name, value)
    release.added, release.changed, release.vanished = added, changed, vanished
    release.save()
    live.announce("alarms", register=release.register_id, version=release.version)
