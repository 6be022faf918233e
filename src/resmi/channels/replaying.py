"""Hands items that could not be handled to the workers again, after a fix."""

from __future__ import annotations

from dataclasses import dataclass

import msgspec
from django.db import connection, transaction

from resmi.agency import services as agency
from resmi.agency.models import AuditEntry, User
from resmi.channels.intake import NOTIFY_CHANNEL
from resmi.channels.models import Channel, Inbound, InboundStatus
from resmi.channels.whatsapp import people

WAITING_FOR_PEOPLE = (InboundStatus.PARKED, InboundStatus.UNPARSED)
OF_MANY = ("inbound_all_replayed", "number_taken_on")


@transaction.atomic
def replay_inbound(*, actor: User, inbound_id: int) -> bool:
    """Makes a parked or unparsed item new again and writes down who did; False if it is neither.

    An item without a channel stays: there is nobody to read it for.
    """
    changed = Inbound.objects.filter(
        pk=inbound_id, status__in=WAITING_FOR_PEOPLE, channel__isnull=False
    ).update(status=InboundStatus.NEW, attempts=0)
    if changed:
        agency.record_audit(actor=actor, action="inbound_replayed", target=f"inbound:{inbound_id}")
        _wake_workers()
    return bool(changed)


@transaction.atomic
def replay_all(*, actor: User) -> int:
    """Makes every parked or unparsed item of a channel new again; how many.

    Workers take them in the order in which they came.
    """
    waiting = Inbound.objects.filter(status__in=WAITING_FOR_PEOPLE, channel__isnull=False)
    changed = waiting.update(status=InboundStatus.NEW, attempts=0)
    if changed:
        agency.record_audit(actor=actor, action="inbound_all_replayed", after={"items": changed})
        _wake_workers()
    return changed


@dataclass(frozen=True, kw_only=True)
class Progress:
    """How far the workers got with what was replayed together."""

    items: int
    left: int

    @property
    def done(self) -> int:
        """How many of them were handled, well or not."""
        return self.items - self.left


def progress() -> Progress | None:
    """How far the last replay of many items got; None once all of them were handled."""
    asked = AuditEntry.objects.filter(action__in=OF_MANY).order_by("-id").first()
    if asked is None:
        return None
    items = int((asked.after or {}).get("items", 0))
    left = Inbound.objects.filter(status=InboundStatus.NEW, received_at__lte=asked.at).count()
    return Progress(items=items, left=min(left, items)) if left and items else None


@dataclass(frozen=True, kw_only=True)
class UnknownNumber:
    """A WhatsApp number that is no channel of ours, and how many of its items are parked."""

    number: str
    display: str
    account: str
    items: int


_UNKNOWN = """
    SELECT split_part(key, ':', 2), count(*), (array_agg(envelope ORDER BY id))[1]
    FROM channels_inbound
    WHERE status = 'parked' AND channel_id IS NULL AND key LIKE 'wa:%%' AND kind <> 'account'
    GROUP BY 1 ORDER BY min(id)
"""


def unknown_numbers() -> list[UnknownNumber]:
    """The numbers whose items are parked because nobody said that they are ours."""
    with connection.cursor() as cursor:
        cursor.execute(_UNKNOWN)
        return [_unknown(number, count, envelope) for number, count, envelope in cursor.fetchall()]


def _unknown(number: str, count: int, envelope: bytes) -> UnknownNumber:
    try:
        around = msgspec.json.decode(bytes(envelope) or b"{}", type=_Envelope)
    except (msgspec.MsgspecError, UnicodeDecodeError):
        around = _Envelope()
    shown = (around.metadata.display_phone_number if around.metadata else "") or number
    return UnknownNumber(number=number, display=shown, account=around.entry, items=count)


class _Metadata(msgspec.Struct):
    display_phone_number: str = ""


class _Envelope(msgspec.Struct):
    entry: str = ""
    metadata: _Metadata | None = None


@transaction.atomic
def take_on_number(*, actor: User, number: str) -> int:
    """Makes an unknown number a channel of ours and replays what was parked for it; how many.

    0 when nothing of that number is parked.
    """
    found = next((one for one in unknown_numbers() if one.number == number), None)
    if found is None:
        return 0
    channel, _ = Channel.objects.get_or_create(
        kind=people.KIND,
        address=number[:100],
        defaults={
            "name": found.display[:100],
            "account": found.account[:100],
            "display_address": found.display[:100],
        },
    )
    changed = Inbound.objects.filter(
        status=InboundStatus.PARKED, channel__isnull=True, key__startswith=f"wa:{number}:"
    ).update(status=InboundStatus.NEW, attempts=0, channel=channel)
    agency.record_audit(
        actor=actor,
        action="number_taken_on",
        target=f"channel:{channel.pk}",
        after={"name": channel.name, "address": number, "items": changed},
    )
    _wake_workers()
    return changed


def _wake_workers() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_notify(%s, '')", [NOTIFY_CHANNEL])
