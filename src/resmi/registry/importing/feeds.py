"""Lists that come by themselves: where they are looked for, when, and what came of it."""

from __future__ import annotations

from contextlib import suppress
from datetime import date, timedelta

from django.db.models import Q
from django.utils import timezone

from resmi.agency import live
from resmi.agency import services as agency
from resmi.agency.models import User
from resmi.registry.errors import ImportRefused, NotNow
from resmi.registry.importing import comparing, confirming, fetching, releases, staging
from resmi.registry.importing.fetching import Fetched
from resmi.registry.models import Register, Staged, StagedState

_WAITING = (StagedState.COLUMNS, StagedState.READING, StagedState.READY)


def follow(
    *, actor: User, register_id: int, feed: str, every_hours: int, stale_days: int
) -> Register:
    """Says where a list comes from by itself (an empty feed: nowhere) and when it is old."""
    register = Register.objects.get(pk=register_id)
    before = {
        "feed": register.feed,
        "every_hours": register.every_hours,
        "stale_days": register.stale_days,
    }
    after = {"feed": feed, "every_hours": every_hours, "stale_days": stale_days}
    if feed != register.feed:
        register.feed_etag, register.trouble, register.checked_at = "", "", None
        register.verified_on = None
    for name, value in after.items():
        setattr(register, name, value)
    register.save()
    agency.record_audit(
        actor=actor, action="feed_changed", target=f"list:{register.pk}", before=before, after=after
    )
    return register


def due() -> list[int]:
    """Lists whose feed should be looked at now."""
    now = timezone.now()
    rows = Register.objects.filter(every_hours__gt=0).exclude(feed="")
    rows = rows.filter(Q(checked_at=None) | Q(checked_at__lte=now - timedelta(hours=1)))
    return [
        register.pk
        for register in rows.order_by("id")
        if register.checked_at is None
        or register.checked_at + timedelta(hours=register.every_hours) <= now
    ]


def look(register_id: int, *, today: date | None = None) -> Staged | None:
    """Looks at a feed; stages and reads a new file, and puts it in force if the brake is off.

    The outcome is noted on the list. None when there was nothing new, when the feed can't be had,
    or while a file of the list waits for a person. Reading that was cut off goes on.
    """
    register = Register.objects.get(pk=register_id)
    today = today or timezone.localdate()
    if waiting := _newest(register, *_WAITING):
        return _go_on(register, waiting)
    try:
        fetched = fetching.fetch(register.feed, register.feed_etag)
        staged = _take(register, fetched, today) if fetched else None
    except (fetching.Unreachable, ImportRefused) as error:
        _note(register, trouble=str(error))
        return None
    _verify(register, staged, today)
    _note(register, trouble=_trouble(staged or _newest(register)), fetched=fetched)
    return staged


def _newest(register: Register, *states: StagedState) -> Staged | None:
    rows = Staged.objects.filter(source=register.source)
    return (rows.filter(state__in=states) if states else rows).order_by("-pk").first()


def _go_on(register: Register, waiting: Staged) -> Staged | None:
    """A file that came by itself and was not read to its end, for the process was killed."""
    if waiting.state != StagedState.READING or not waiting.fed:
        return None
    staged = _confirmed(comparing.read(waiting.pk))
    _note(register, trouble=_trouble(staged))
    return staged


def _take(register: Register, fetched: Fetched, today: date) -> Staged | None:
    with fetched.file as file:
        staged = staging.stage(
            actor=None,
            file=file,
            filename=fetched.filename,
            source=register.source,
            authority=register.authority,
            as_of=today,
            fed=True,
        )
    if staged.sha256 == _in_force(register):
        staging.discard(actor=None, staged_id=staged.pk)
        return None
    return _confirmed(comparing.read(staged.pk))


def _in_force(register: Register) -> str:
    latest = releases.latest(register)
    return latest.sha256 if latest else ""


def _confirmed(staged: Staged) -> Staged:
    if staged.state == StagedState.READY and not staged.brakes:
        with suppress(NotNow):  # it waits for a person then, as told on the floor
            confirming.confirm(actor=None, staged_id=staged.pk)
        staged.refresh_from_db()
    return staged


def _verify(register: Register, staged: Staged | None, today: date) -> None:
    """Notes that the publisher still shows the list in force.

    A folder where nothing new lies proves nothing: perhaps nobody put the file there.
    """
    newest = staged or _newest(register)
    shown = newest is None or newest.sha256 == _in_force(register)
    if shown and not register.feed.startswith("/"):
        register.verified_on = today


def _trouble(newest: Staged | None) -> str:
    """What is wrong with the newest file, for as long as it is the newest."""
    if newest is None or not newest.fed:
        return ""
    if newest.state == StagedState.REFUSED:
        return (
            f"{newest.filename} was refused: {newest.problem_count} faults, see import {newest.pk}."
        )
    if newest.state == StagedState.COLUMNS:
        return f"The columns of {newest.filename} are not as before: see import {newest.pk}."
    return ""


def _note(register: Register, *, trouble: str, fetched: Fetched | None = None) -> None:
    register.trouble, register.checked_at = trouble[:2000], timezone.now()
    if fetched is not None:
        register.feed_etag = fetched.etag
    register.save(update_fields=["trouble", "checked_at", "feed_etag", "verified_on"])
    live.announce("alarms", register=register.pk)
