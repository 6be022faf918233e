"""`resmi trace`: what became of one message."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Annotated

import msgspec
import typer
from django.db.models import Q, QuerySet
from django.utils import timezone

from resmi.channels.arriving import Kept
from resmi.channels.models import Channel, Delivery, Inbound
from resmi.operations.personal import finding

app = typer.Typer()

NOT_FOUND = 3
STATUSES_SHOWN = 20
TALKS_SHOWN = 3
MESSAGES_SHOWN = 10

# Items for a number that is no channel of ours: we can't name it, but they are few.
_NOBODYS = Q(status__in=("parked", "unparsed"), channel=None)


@app.command()
def trace(
    name: Annotated[
        str,
        typer.Argument(
            help="The channel's id (wamid.…), a reference like 48.12.0, a key, or a whole phone "
            "number."
        ),
    ],
    days: Annotated[
        int, typer.Option(min=1, help="With a phone number: how far back to look.")
    ] = 7,
) -> None:
    """Says what became of a message, in or out, without showing what it says.

    With a phone number: where the citizen's talks stand, and their last messages both ways. Exits
    with 3 when nothing of that name was ever stored.
    Example: resmi trace wamid.HBgMNjI4MTEx
    """
    phone = _phone(name)
    since = datetime.now(UTC) - timedelta(days=days)
    lines = [*_incoming(name), *_outgoing(name), *(_of_citizen(phone, since) if phone else ())]
    for line in lines:
        print(line)
    if not lines:
        what = f"Nothing named {name} was ever stored here"
        if phone:
            what = f"No talk with {name}, and nothing from there in {days} days, is stored here"
        print(f"{what}: it did not reach the webhook.")
        raise typer.Exit(NOT_FOUND)


def _phone(name: str) -> str:
    """The digits, when it can be a whole phone number; else empty."""
    digits = name.translate(dict.fromkeys(map(ord, "+ -()")))
    is_phone = digits.isascii() and digits.isdecimal()
    return digits if is_phone and finding.SHORTEST_PHONE <= len(digits) <= 18 else ""


def _of_citizen(phone: str, since: datetime) -> Iterator[str]:
    """The newest first: talks of everybody with that number, what came, what went."""
    keys = Q(contact_key__endswith=f":{phone}")
    talks: list[int] = []
    for contact in finding.find(phone):
        keys |= Q(contact_key__in=finding.addresses(contact))
        for talk in finding.conversations(contact).order_by("-pk")[:TALKS_SHOWN]:
            talks.append(talk.pk)
            yield f"talk /desk/{talk.pk}/ of citizen {contact}: {talk.status}"
            yield f"     last message {_at(talk.last_message_at)}".rstrip()
    rows = Inbound.objects.filter(keys, kind="message", stamp__gte=since)
    yield from _told_in(_newest(rows)[:MESSAGES_SHOWN])
    out = Delivery.objects.filter(conversation__in=talks, created_at__gte=since)
    yield from _told_out(out.select_related("channel").order_by("-id")[:MESSAGES_SHOWN])


def _incoming(name: str) -> Iterator[str]:
    """The item itself and what the channel reported about it, by their unique keys."""
    addresses = Channel.objects.values_list("address", flat=True)
    keys = [name, *(f"wa:{address}:m:{name}" for address in addresses)]
    wanted = Q(key__in=keys)
    for address in addresses:
        wanted |= Q(key__startswith=f"wa:{address}:s:{name}:")
    yield from _told_in(_shown(wanted) or _shown(_NOBODYS & Q(key__endswith=f":m:{name}")))


def _told_in(rows: Iterable[Inbound]) -> Iterator[str]:
    for row in rows:
        yield f"in   item {row.pk} ({row.kind}), {row.channel or 'no channel'}"
        yield f"     received {_at(row.received_at)}, {row.status} {_at(row.done_at)}".rstrip()
        if row.error:
            yield f"     {row.error}"
        if row.status in ("parked", "unparsed"):
            yield f"     look and replay: /floor/inbound/{row.pk}/"


def _shown(wanted: Q) -> list[Inbound]:
    rows = Inbound.objects.filter(wanted)
    return list(_light(rows).order_by("id")[:STATUSES_SHOWN])


def _newest(rows: QuerySet[Inbound]) -> QuerySet[Inbound]:
    return _light(rows).order_by("-stamp", "-id")


def _light(rows: QuerySet[Inbound]) -> QuerySet[Inbound]:
    return rows.select_related("channel").defer("raw", "envelope")


def _outgoing(name: str) -> Iterator[str]:
    named = Delivery.objects.filter(Q(provider_id=name) | Q(ref=name))
    yield from _told_out(named.select_related("channel"))


def _told_out(rows: Iterable[Delivery]) -> Iterator[str]:
    for row in rows:
        yield f"out  {row.ref} on {row.channel}, conversation /desk/{row.conversation}/"
        yield f"     {row.status} since {_at(row.updated_at)}, {row.attempts} tries"
        if row.error:
            yield f"     {row.error} ({row.error_code or 'no code'})"
        earlier = [Kept(r.status, r.at, r.received_at) for r in row.reports.order_by("id")]
        for report in earlier + msgspec.convert(row.statuses, list[Kept]):
            yield f"     {report.status} {_at(report.at)}, heard {_at(report.heard)}"


def _at(moment: datetime | None) -> str:
    return f"{timezone.localtime(moment):%Y-%m-%d %H:%M:%S}" if moment else ""
