"""The lines of a thread, with how far each message got and our copies of its files."""

from __future__ import annotations

import uuid
from contextlib import suppress
from datetime import datetime
from typing import Any, Literal

import msgspec
from django.db.models import Q

from resmi.channels.models import LINE_OF_REF, Delivery, MediaFile
from resmi.conversations.models import Event
from resmi.engine import content, events
from resmi.engine.machine import MachineRead

WORST = 1000
LineKind = Literal["citizen", "bot", "agent", "note", "system"]


class DeliveryState(msgspec.Struct, frozen=True, kw_only=True):
    """How far a message got; of several parts the least advanced one counts.

    It does not leave before `not_before`.
    """

    ref: str
    status: str
    error_code: str
    error: str
    not_before: datetime | None = None


class ThreadLine(msgspec.Struct, frozen=True, kw_only=True):
    """One line of a thread. `payload` is the event's typed data; `media` its file, here or not.
    `readings` are what services made of it, oldest first.

    `actor` is who did it (`citizen`, `bot`, `agent`, `system`), `author_id` the account if staff.
    """

    seq: int
    at: datetime
    kind: LineKind
    author: str
    actor: str
    author_id: str
    type: str
    payload: events.Payload
    delivery: DeliveryState | None = None
    media: MediaFile | None = None
    readings: tuple[MachineRead, ...] = ()


def thread(
    conversation_id: int, after: int = 0, before: int | None = None, limit: int = 100
) -> list[ThreadLine]:
    """Lines of a thread in order: those after `after`, or the last ones before `before`."""
    log = Event.objects.filter(conversation_id=conversation_id, seq__gt=after)
    if before is not None:
        log = log.filter(seq__lt=before)
    chosen = log.order_by("seq")[:limit] if after else reversed(log.order_by("-seq")[:limit])
    return _lines(conversation_id, list(chosen))


def thread_around(
    conversation_id: int, seq: int, *, before: int = 20, limit: int = 150
) -> list[ThreadLine]:
    """Lines round line `seq`: `before` older ones, then from it on."""
    log = Event.objects.filter(conversation_id=conversation_id)
    older = log.filter(seq__lt=seq).order_by("-seq")[:before]
    newer = log.filter(seq__gte=seq).order_by("seq")[:limit]
    return _lines(conversation_id, [*reversed(older), *newer])


def thread_lines(conversation_id: int, seqs: list[int]) -> list[ThreadLine]:
    """Certain lines of a thread again, for their newer delivery or media state."""
    log = Event.objects.filter(conversation_id=conversation_id, seq__in=seqs).order_by("seq")
    return _lines(conversation_id, list(log))


def _lines(conversation_id: int, log: list[Event]) -> list[ThreadLine]:
    decoded = [events.decode_payload(msgspec.json.encode(event.data)) for event in log]
    deliveries = _deliveries(conversation_id, log)
    files = _files(conversation_id, decoded)
    readings = _readings(conversation_id, log)
    return [
        _line(event, payload, deliveries, files, readings)
        for event, payload in zip(log, decoded, strict=True)
    ]


def _line(
    event: Event,
    payload: events.Payload,
    deliveries: dict[int, DeliveryState],
    files: dict[str, MediaFile],
    readings: dict[int, list[MachineRead]],
) -> ThreadLine:
    kind, author = _speaker(event, payload)
    media = files.get(_media_key(payload))
    return ThreadLine(
        seq=event.seq,
        at=event.at,
        kind=kind,
        author=author,
        actor=str(event.actor["kind"]),
        author_id=str(event.actor.get("id", "")),
        type=event.type,
        payload=payload,
        delivery=deliveries.get(event.seq),
        media=media,
        readings=tuple(readings.get(event.seq, ())),
    )


def _speaker(event: Event, payload: events.Payload) -> tuple[LineKind, str]:
    actor: dict[str, Any] = event.actor
    name = str(actor.get("name", ""))
    match payload:
        case events.MessageReceived():
            return "citizen", ""
        case events.MessageCreated():
            return ("bot" if actor["kind"] == "bot" else "agent" if name else "system"), name
        case events.NoteAdded():
            return "note", name
        case _:
            return "system", name


def _deliveries(conversation_id: int, log: list[Event]) -> dict[int, DeliveryState]:
    messages = [str(event.seq) for event in log if event.type == "message_created"]
    if not messages:
        return {}
    found: dict[int, DeliveryState] = {}
    rank: dict[int, int] = {}
    rows = (
        Delivery.objects.filter(conversation=conversation_id, purpose="message")
        .annotate(line=LINE_OF_REF)
        .filter(line__in=messages)
        .values_list("line", "ref", "status", "rank", "error_code", "error", "not_before")
    )
    for line, ref, status, row_rank, code, error, held in rows:
        seq = int(line)
        if row_rank <= rank.get(seq, WORST):
            rank[seq] = row_rank
            found[seq] = DeliveryState(
                ref=ref, status=status, error_code=code, error=error, not_before=held
            )
    return found


def _readings(conversation_id: int, log: list[Event]) -> dict[int, list[MachineRead]]:
    said = [event.seq for event in log if event.type.startswith("message_")]
    if not said:
        return {}
    found: dict[int, list[MachineRead]] = {}
    rows = Event.objects.filter(
        conversation_id=conversation_id, seq__gt=min(said), type=events.type_name(MachineRead)
    )
    for data in rows.order_by("seq").values_list("data", flat=True):
        reading = events.decode_payload(msgspec.json.encode(data))
        if isinstance(reading, MachineRead):
            found.setdefault(reading.line, []).append(reading)
    return found


def _media_key(payload: events.Payload) -> str:
    match payload:
        case events.MessageReceived(content=content.Media(provider_id=provider_id)):
            return provider_id
        case events.MessageCreated(content=content.Media(media=media)):
            return media
        case _:
            return ""


def _files(conversation_id: int, payloads: list[events.Payload]) -> dict[str, MediaFile]:
    keys = {_media_key(payload) for payload in payloads} - {""}
    if not keys:
        return {}
    wanted = MediaFile.objects.filter(conversation=conversation_id)
    files: dict[str, MediaFile] = {}
    for file in wanted.filter(Q(provider_id__in=keys) | Q(pk__in=_uuids(keys))):
        files[file.provider_id or ""] = files[str(file.pk)] = file
    return files


def _uuids(keys: set[str]) -> list[uuid.UUID]:
    """The keys that are ids of our own files, not the channel's."""
    found: list[uuid.UUID] = []
    for key in keys:
        with suppress(ValueError):
            found.append(uuid.UUID(key))
    return found
