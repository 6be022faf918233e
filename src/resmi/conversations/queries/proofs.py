"""The notices of a conversation, each with the proof of what was sent, by whom, and how far."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

import msgspec

from resmi.channels.models import LINE_OF_REF, Delivery
from resmi.conversations.models import Event
from resmi.engine import content, events

NOTICE = events.type_name(events.NoticeSent)
WITHDRAWN = events.type_name(events.MessageWithdrawn)


class Part(msgspec.Struct, frozen=True, kw_only=True):
    """One message at the channel. `times` are when it reported each status first (UTC)."""

    message_id: str
    status: str
    error: str
    times: Mapping[str, datetime]


class NoticeProof(msgspec.Struct, frozen=True, kw_only=True):
    """A notice as it was sent. `text` is what the citizen reads, `mark` the log's chained hash."""

    notice: str
    seq: int
    at: datetime
    by: str
    text: str
    template: str
    withdrawn: bool
    mark: str
    parts: tuple[Part, ...]


def notice_proofs(conversation_id: int) -> list[NoticeProof]:
    """The notices sent in a conversation, in order. Three queries, however many there are."""
    log = Event.objects.filter(conversation_id=conversation_id)
    told = list(log.filter(type__in=(NOTICE, WITHDRAWN)).order_by("seq"))
    back = {str(event.data["ref"]) for event in told if event.type == WITHDRAWN}
    sent = [(int(e.data["ref"].partition(".")[2]), e) for e in told if e.type == NOTICE]
    if not sent:
        return []
    messages = {event.seq: event for event in log.filter(seq__in=[seq for seq, _ in sent])}
    parts = _parts(conversation_id, list(messages))
    return [
        _proof(messages[seq], event, parts.get(seq, ()), event.data["ref"] in back)
        for seq, event in sent
        if seq in messages
    ]


def _proof(message: Event, notice: Event, parts: tuple[Part, ...], withdrawn: bool) -> NoticeProof:
    payload = events.decode_payload(msgspec.json.encode(message.data))
    said = payload.content if isinstance(payload, events.MessageCreated) else None
    template = said if isinstance(said, content.Template) else None
    return NoticeProof(
        notice=str(notice.data["notice"]),
        seq=message.seq,
        at=message.at,
        by=str(message.actor.get("name", "")),
        text=template.preview if template else said.body if isinstance(said, content.Text) else "",
        template=template.name if template else "",
        withdrawn=withdrawn,
        mark=bytes(message.hash).hex(),
        parts=parts,
    )


def _parts(conversation_id: int, seqs: list[int]) -> dict[int, tuple[Part, ...]]:
    rows = (
        Delivery.objects.filter(conversation=conversation_id, purpose="message")
        .annotate(line=LINE_OF_REF)
        .filter(line__in=[str(seq) for seq in seqs])
        .order_by("id")
    )
    found: dict[int, tuple[Part, ...]] = {}
    for row in rows:
        seq = int(row.line)
        part = Part(
            message_id=row.provider_id or "",
            status=row.status,
            error=row.error,
            times=_times(row.statuses),
        )
        found[seq] = (*found.get(seq, ()), part)
    return found


def _times(statuses: list[dict[str, str]]) -> dict[str, datetime]:
    """When each status was reported first, by the channel's own clock."""
    times: dict[str, datetime] = {}
    for report in statuses:
        at = datetime.fromisoformat(report["at"])
        known = times.get(report["status"])
        times[report["status"]] = min(known, at) if known else at
    return times
