"""Drops what is older than the agency keeps: whole segments, said beforehand and written down.

Nothing is dropped without a policy. A segment stays while anything in it is still open, is younger,
or is of a contact under a hold; `plan` says which and why. Dropping is the only way an event ever
goes.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any, Literal

import msgspec
import structlog
from django.db import connection, transaction
from django.db.models import Q
from psycopg import sql

from resmi.agency import segments
from resmi.agency import services as agency
from resmi.agency.models import User
from resmi.channels import media, retaining, weeks
from resmi.channels.models import Delivery, MediaFile
from resmi.contacts.models import Contact, Identity
from resmi.conversations import blocks
from resmi.conversations.models import Conversation
from resmi.engine.address import Address
from resmi.operations.models import Hold, RetentionPolicy

log = structlog.get_logger()

# WhatsApp repeats for seven days; whatever comes again after its segment went counts as new.
FEWEST_DAYS = 30
PORTION = 2_000

Kind = Literal["inbound", "conversations"]

_OPEN_ITEMS = "SELECT count(*) FROM {} WHERE status <> 'done'"
_HELD_ITEMS = "SELECT count(*) FROM {} WHERE contact_key = ANY(%s)"
_BLOCK = """
    SELECT count(*), count(*) FILTER (WHERE status <> 'closed'),
           count(*) FILTER (WHERE status = 'closed' AND coalesce(closed_at, now()) >= %s),
           count(*) FILTER (WHERE contact_id = ANY(%s)), min(opened_at), max(closed_at)
    FROM conversations_conversation WHERE id >= %s AND id < %s
"""
_UNDATED = """
    WITH old AS (
        SELECT id, stamp FROM {} WHERE status = 'done' AND received_at < %s
          AND NOT contact_key = ANY(%s) LIMIT %s)
    DELETE FROM {} i USING old WHERE i.id = old.id AND i.stamp = old.stamp
"""


class Refused(Exception):
    """A policy or hold that can't be; the text says why."""


class Part(msgspec.Struct, frozen=True, kw_only=True):
    """Segments that go or stay together. `stays` is the reason they stay, empty when they go.

    `begin` and `end` are what they cover: moments for items, for conversations when the first was
    opened and the last was closed. `rows` counts conversations, `bytes` is on disk.
    """

    kind: Kind
    names: tuple[str, ...]
    begin: datetime | None
    end: datetime | None
    bytes: int
    rows: int = 0
    stays: str = ""


def policy() -> RetentionPolicy:
    """What holds now."""
    return RetentionPolicy.objects.first() or RetentionPolicy()


@transaction.atomic
def set_policy(
    *, actor: User | None, inbound_days: int | None, conversation_days: int | None
) -> None:
    """Keeps items and conversations for so many days, None for ever. Raises `Refused`."""
    for days in (inbound_days, conversation_days):
        if days is not None and days < FEWEST_DAYS:
            raise Refused(f"{days} days are too few: keep everything for {FEWEST_DAYS} at least.")
    before = policy()
    after = {"inbound_days": inbound_days, "conversation_days": conversation_days}
    agency.record_audit(
        actor=actor,
        action="retention_set",
        before={name: getattr(before, name) for name in after},
        after=after,
    )
    RetentionPolicy.objects.update_or_create(defaults=after)


@transaction.atomic
def hold(*, actor: User | None, contact_id: int, reason: str) -> None:
    """Keeps everything of a contact.

    Raises `Refused` without a reason, for nobody, or when it is held.
    """
    if not reason.strip():
        raise Refused("Say why this contact's data is held.")
    if not Contact.objects.filter(pk=contact_id).exists():
        raise Refused(f"There is no contact {contact_id}: nothing would be held.")
    _take_turns()
    if Hold.objects.filter(contact=contact_id, released_at=None).exists():
        raise Refused(f"Contact {contact_id} is held already.")
    Hold.objects.create(contact=contact_id, reason=reason)
    agency.record_audit(
        actor=actor,
        action="hold_placed",
        target=f"contact:{contact_id}",
        after={"reason": reason},
    )


@transaction.atomic
def release(*, actor: User | None, contact_id: int, now: datetime) -> None:
    """Lets the policy hold for a contact again. Raises `Refused` when it is not held."""
    if not Hold.objects.filter(contact=contact_id, released_at=None).update(released_at=now):
        raise Refused(f"Contact {contact_id} is not held.")
    agency.record_audit(actor=actor, action="hold_released", target=f"contact:{contact_id}")


def plan(now: datetime, *, only: str = "") -> list[Part]:
    """Every segment old enough to go by its age, and whether it goes; changes nothing.

    With `only` the part of which this is the first segment, if it is old enough.
    """
    keep = policy()
    parts: list[Part] = []
    if keep.inbound_days is not None:
        parts += _weeks(now - timedelta(days=keep.inbound_days), only)
    if keep.conversation_days is not None:
        parts += _blocks(now - timedelta(days=keep.conversation_days), only)
    return parts


def apply(*, actor: User | None, now: datetime) -> list[Part]:
    """Drops what `plan` says goes, each part by itself; what went.

    A part that something holds meanwhile stays: an item to be handled that came into its week, a
    hold, another policy.

    Interrupted, the next run finishes it. A part whose lock is not to be had raises
    `OperationalError`; those before it are gone.
    """
    gone = [part for part in plan(now) if not part.stays and _drop(actor, part, now)]
    keep = policy()
    if keep.inbound_days is not None:
        _delete_undated(now - timedelta(days=keep.inbound_days))
    if keep.conversation_days is not None:
        _sweep(now - timedelta(days=keep.conversation_days))
    return gone


def remove_old_files(now: datetime) -> int:
    """Deletes some of the files older than the settings keep them; how many.

    Those of a contact under a hold stay.
    """
    talks = Conversation.objects.filter(contact__in=_held())
    return retaining.remove_old(now, spared=list(talks.values_list("pk", flat=True)))


def _weeks(cut: datetime, only: str) -> Iterator[Part]:
    held, sizes = _held_keys(), segments.sizes(weeks.TABLE)
    for segment in segments.of_table(weeks.TABLE):
        begin = weeks.begin_named(segment.name)
        if begin is None or begin + weeks.WEEK > cut or only not in ("", segment.name):
            continue
        waiting = _one(_named(_OPEN_ITEMS, segment.name))
        stays = f"{waiting} items are not done" if waiting else ""
        if not stays and held and _one(_named(_HELD_ITEMS, segment.name), [held]):
            stays = "it holds items of a contact under a hold"
        yield Part(
            kind="inbound",
            names=(segment.name,),
            begin=begin,
            end=begin + weeks.WEEK,
            bytes=sizes.get(segment.name, 0),
            stays=stays,
        )


def _held_keys() -> list[str]:
    """The keys under which items of held contacts are kept, by user id and by phone."""
    return [
        Address(kind=one.kind, scope=one.scope, user_id=user_id, phone=phone).key()
        for one in Identity.objects.filter(contact_id__in=_held())
        for user_id, phone in ((one.user_id or "", ""), ("", one.phone or ""))
        if user_id or phone
    ]


def _held() -> list[int]:
    """The contacts held, with those they are one with, were, or came out of."""
    held = set(Hold.objects.filter(released_at=None).values_list("contact", flat=True))
    while held:
        near = Q(absorbed__in=held) | Q(split_from__in=held)
        more = set(Contact.objects.filter(near).values_list("pk", flat=True)) - held
        if not more:
            break
        held |= more
    return sorted(held)


def _blocks(cut: datetime, only: str) -> Iterator[Part]:
    sizes = {name: size for one in blocks.TABLES for name, size in segments.sizes(one).items()}
    held, newest = _held(), blocks.newest_id()
    for block in blocks.of_table(blocks.TABLES[0]):
        # Here conversations begin: what the segments of this block lose, new ones would miss.
        if block.upper > newest or only not in ("", blocks.name_of(blocks.TABLES[0], block)):
            continue
        with connection.cursor() as cursor:
            cursor.execute(_BLOCK, [cut, held, block.lower, block.upper])
            count, alive, young, kept, begin, end = cursor.fetchone()
        if not count or begin >= cut or young == count:
            continue
        names = tuple(blocks.name_of(table, block) for table in blocks.TABLES)
        yield Part(
            kind="conversations",
            names=tuple(name for name in names if name in sizes),
            begin=begin,
            end=end,
            bytes=sum(sizes.get(name, 0) for name in names),
            rows=count,
            stays=_why(alive, young, kept),
        )


def _why(alive: int, young: int, kept: int) -> str:
    if alive:
        return f"{alive} of its conversations are not closed"
    if young:
        return f"{young} of its conversations are younger"
    return f"{kept} of its conversations are of a contact under a hold" if kept else ""


def _take_turns() -> None:
    """Lets a hold be placed before a part is dropped or after it, never meanwhile."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('retention'))")


@transaction.atomic
def _drop(actor: User | None, part: Part, now: datetime) -> bool:
    _take_turns()
    segments.be_patient()
    if part.kind == "inbound":
        segments.hold_still(part.names[0])
    if not any(one.names == part.names and not one.stays for one in plan(now, only=part.names[0])):
        return False
    for name in part.names:
        segments.drop(name)
        table, _, begin = name.rpartition("_b")
        if part.kind == "conversations" and begin == "0":
            # The first block also took what belongs to no conversation.
            segments.add(table, f"{table}_none", None, "1")
    agency.record_audit(
        actor=actor,
        action="segment_dropped",
        target=part.names[0],
        before=msgspec.to_builtins(part, str_keys=True),
    )
    log.info("segment_dropped", action="segment_dropped", segment=part.names[0], rows=part.rows)
    return True


def _delete_undated(cut: datetime) -> None:
    """What lies in no week goes row by row; it is little."""
    held = _held_keys()
    for name in (f"{weeks.TABLE}_undated", f"{weeks.TABLE}_other"):
        while _deleted(_named(_UNDATED, name, name), [cut, held, PORTION]) == PORTION:
            pass


def _sweep(cut: datetime) -> None:
    """Removes the conversations whose log was dropped, with all that hangs on them."""
    end = 0
    for block in blocks.of_table(blocks.TABLES[0]):
        if block.lower > end:
            _remove(end, block.lower, cut)
        end = block.upper


def _remove(lower: int, upper: int, cut: datetime) -> None:
    here = Conversation.objects.filter(
        pk__gte=lower, pk__lt=upper, status="closed", closed_at__lt=cut
    ).order_by("pk")
    while ids := list(here.values_list("pk", flat=True)[:PORTION]):
        files = list(MediaFile.objects.filter(conversation__in=ids))
        # First of all: what can't be deleted now is found again by the next run.
        for file in files:
            media.forget_bytes(file)
        with transaction.atomic():
            Delivery.objects.filter(conversation__in=ids).delete()
            MediaFile.objects.filter(pk__in=[file.pk for file in files]).delete()
            Conversation.objects.filter(pk__in=ids).delete()


def _named(statement: str, *names: str) -> sql.Composed:
    return sql.SQL(statement).format(*(sql.Identifier(name) for name in names))


def _one(statement: sql.Composed, parameters: Sequence[Any] = ()) -> Any:
    with connection.cursor() as cursor:
        cursor.execute(statement, list(parameters) or None)
        return cursor.fetchone()[0]


def _deleted(statement: sql.Composed, parameters: Sequence[Any]) -> int:
    with connection.cursor() as cursor:
        cursor.execute(statement, list(parameters))
        return int(cursor.rowcount)
