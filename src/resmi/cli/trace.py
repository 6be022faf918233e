"""`resmi trace`: what became of one message."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Annotated

import msgspec
import typer
from django.db.models import Q
from django.utils import timezone

from resmi.channels.arriving import Kept
from resmi.channels.models import Channel, Delivery, Inbound

app = typer.Typer()

NOT_FOUND = 3
STATUSES_SHOWN = 20

# Items for a number that is no channel of ours: we can't name it, but they are few.
_NOBODYS = Q(status__in=("parked", "unparsed"), channel=None)


@app.command()
def trace(
    name: Annotated[
        str,
        typer.Argument(help="The channel's id (wamid.…), a reference like 48.12.0, or a key."),
    ],
) -> None:
    """Says what became of a message, in or out, without showing what it says.

    Exits with 3 when nothing of that name was ever stored.
    Example: resmi trace wamid.HBgMNjI4MTEx
    """
    lines = [*_incoming(name), *_outgoing(name)]
    for line in lines:
        print(line)
    if not lines:
        print(f"Nothing named {name} was ever stored here: it did not reach the webhook.")
        raise typer.Exit(NOT_FOUND)


def _incoming(name: str) -> Iterator[str]:
    """The item itself and what the channel reported about it, by their unique keys."""
    addresses = Channel.objects.values_list("address", flat=True)
    keys = [name, *(f"wa:{address}:m:{name}" for address in addresses)]
    wanted = Q(key__in=keys)
    for address in addresses:
        wanted |= Q(key__startswith=f"wa:{address}:s:{name}:")
    rows = _shown(wanted) or _shown(_NOBODYS & Q(key__endswith=f":m:{name}"))
    for row in rows:
        yield f"in   item {row.pk} ({row.kind}), {row.channel or 'no channel'}"
        yield f"     received {_at(row.received_at)}, {row.status} {_at(row.done_at)}".rstrip()
        if row.error:
            yield f"     {row.error}"
        if row.status in ("parked", "unparsed"):
            yield f"     look and replay: /floor/inbound/{row.pk}/"


def _shown(wanted: Q) -> list[Inbound]:
    rows = Inbound.objects.filter(wanted).select_related("channel").defer("raw", "envelope")
    return list(rows.order_by("id")[:STATUSES_SHOWN])


def _outgoing(name: str) -> Iterator[str]:
    rows = Delivery.objects.filter(Q(provider_id=name) | Q(ref=name)).select_related("channel")
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
