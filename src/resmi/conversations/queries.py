"""What screens read: lists, one conversation, its thread. Each list is one query."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Literal

import msgspec
from django.db.models import Count, F, Min, QuerySet
from django.utils import timezone

from resmi.channels.models import Delivery, Inbound, MediaFile
from resmi.conversations.models import CannedReply, Conversation, Draft, Event
from resmi.engine import content, events
from resmi.routing import queries as routing

LineKind = Literal["citizen", "bot", "agent", "note", "system"]


class ConversationRow(msgspec.Struct, frozen=True, kw_only=True):
    """A conversation in a list. Times are aware UTC."""

    id: int
    contact_id: int
    contact_name: str
    channel_kind: str
    language: str
    status: str
    queue: str
    agent_id: int | None
    agent_name: str
    last_preview: str
    unanswered: int
    waiting_since: datetime | None
    offer_until: datetime | None
    last_message_at: datetime | None
    last_inbound_at: datetime | None
    window_closes_at: datetime | None
    opened_at: datetime
    closed_at: datetime | None
    wrap_up: str


class IdentityRow(msgspec.Struct, frozen=True, kw_only=True):
    """How the citizen is known on the channel; `phone` is digits, unmasked: mask it on screen."""

    kind: str
    phone: str
    username: str
    user_id: str
    profile_name: str


class ConversationDetail(msgspec.Struct, frozen=True, kw_only=True):
    """One conversation with the citizen and everything the desk's header needs."""

    row: ConversationRow
    seq: int
    channel_name: str
    identity: IdentityRow
    collected: dict[str, str]
    reason: str
    contact_since: datetime
    contacts_this_month: int
    draft: str = ""
    draft_is_note: bool = False


class DeliveryState(msgspec.Struct, frozen=True, kw_only=True):
    """How far a message got; of several parts the least advanced one counts."""

    ref: str
    status: str
    error_code: str
    error: str


class ThreadLine(msgspec.Struct, frozen=True, kw_only=True):
    """One line of a thread. `payload` is the event's typed data; `media` our copy of its file.

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
    media_pending: bool = False


class FloorQueue(msgspec.Struct, frozen=True, kw_only=True):
    """A queue as the floor shows it; times in seconds."""

    key: str
    name: str
    waiting: int
    oldest_waiting_since: datetime | None
    offered: int
    assigned: int
    agents_available: int
    target_s: int


class FloorAgent(msgspec.Struct, frozen=True, kw_only=True):
    """An agent as the floor shows them."""

    user_id: int
    name: str
    status: str
    since: datetime
    load: int
    capacity: int
    conversations: tuple[ConversationRow, ...]


class FloorSnapshot(msgspec.Struct, frozen=True, kw_only=True):
    """The whole floor at one moment."""

    queues: tuple[FloorQueue, ...]
    agents: tuple[FloorAgent, ...]
    bot_talking: int


def _rows(conversations: QuerySet[Conversation]) -> list[ConversationRow]:
    return [_row(c) for c in conversations.select_related("contact", "channel", "agent")]


def _row(conversation: Conversation) -> ConversationRow:
    agent = conversation.agent
    return ConversationRow(
        id=conversation.pk,
        contact_id=conversation.contact_id,
        contact_name=conversation.contact.name,
        channel_kind=conversation.channel.kind,
        language=conversation.language,
        status=conversation.status,
        queue=conversation.queue,
        agent_id=conversation.agent_id,
        agent_name=agent.name if agent else "",
        last_preview=conversation.last_preview,
        unanswered=conversation.unanswered,
        waiting_since=conversation.waiting_since,
        offer_until=conversation.offer_until,
        last_message_at=conversation.last_message_at,
        last_inbound_at=conversation.last_inbound_at,
        window_closes_at=conversation.window_closes_at,
        opened_at=conversation.opened_at,
        closed_at=conversation.closed_at,
        wrap_up=conversation.wrap_up,
    )


def my_conversations(agent_id: int) -> list[ConversationRow]:
    """What the agent holds; who waits longest for an answer first."""
    held = Conversation.objects.filter(agent_id=agent_id, status="assigned")
    rows = _rows(held)
    return sorted(rows, key=lambda r: (r.unanswered == 0, r.last_inbound_at or r.opened_at, r.id))


def offers_for(agent_id: int) -> list[ConversationRow]:
    """What is offered to the agent now, soonest to pass on first."""
    offered = Conversation.objects.filter(agent_id=agent_id, status="offered")
    return _rows(offered.order_by("offer_until", "id"))


def bot_talking(before: int | None = None, limit: int = 50) -> list[ConversationRow]:
    """Conversations with the bot, newest id first; `before` pages on by id."""
    talking = Conversation.objects.filter(status="bot")
    if before is not None:
        talking = talking.filter(pk__lt=before)
    return _rows(talking.order_by("-id")[:limit])


def bot_talking_count() -> int:
    """How many conversations the bot holds."""
    return Conversation.objects.filter(status="bot").count()


def waiting(queue: str | None = None, limit: int = 50) -> list[ConversationRow]:
    """Who waits, in the order they will be served."""
    rows = Conversation.objects.filter(status="waiting")
    if queue is not None:
        rows = rows.filter(queue=queue)
    return _rows(rows.order_by("-priority", "waiting_since", "id")[:limit])


def waiting_summary() -> tuple[int, datetime | None]:
    """How many wait in all queues, and since when the longest does."""
    found = Conversation.objects.filter(status="waiting").aggregate(
        count=Count("id"), oldest=Min("waiting_since")
    )
    return int(found["count"]), found["oldest"]


def conversation(conversation_id: int, agent_id: int | None = None) -> ConversationDetail | None:
    """One conversation, or None. With `agent_id`, that agent's draft comes along."""
    found = (
        Conversation.objects.filter(pk=conversation_id)
        .select_related("contact", "channel", "agent", "identity")
        .first()
    )
    if found is None:
        return None
    state = msgspec.json.decode(bytes(found.state))
    month = timezone.now() - timedelta(days=30)
    draft = Draft.objects.filter(conversation=found, agent_id=agent_id).first()
    return ConversationDetail(
        row=_row(found),
        seq=found.seq,
        channel_name=found.channel.name,
        identity=IdentityRow(
            kind=found.identity.kind,
            phone=found.identity.phone or "",
            username=found.identity.username,
            user_id=found.identity.user_id or "",
            profile_name=found.identity.profile_name,
        ),
        collected=state.get("collected", {}),
        reason=state.get("reason", ""),
        contact_since=found.contact.created_at,
        contacts_this_month=Conversation.objects.filter(
            contact_id=found.contact_id, opened_at__gte=month
        ).count(),
        draft=draft.body if draft else "",
        draft_is_note=draft.is_note if draft else False,
    )


def history(contact_id: int, limit: int = 20) -> list[ConversationRow]:
    """The citizen's conversations, newest first."""
    return _rows(Conversation.objects.filter(contact_id=contact_id).order_by("-id")[:limit])


def thread(
    conversation_id: int, after: int = 0, before: int | None = None, limit: int = 100
) -> list[ThreadLine]:
    """Lines of a thread in order: those after `after`, or the last ones before `before`."""
    log = Event.objects.filter(conversation_id=conversation_id, seq__gt=after)
    if before is not None:
        log = log.filter(seq__lt=before)
    chosen = log.order_by("seq")[:limit] if after else reversed(log.order_by("-seq")[:limit])
    return _lines(conversation_id, list(chosen))


def thread_lines(conversation_id: int, seqs: list[int]) -> list[ThreadLine]:
    """Certain lines of a thread again, for their newer delivery or media state."""
    log = Event.objects.filter(conversation_id=conversation_id, seq__in=seqs).order_by("seq")
    return _lines(conversation_id, list(log))


def _lines(conversation_id: int, log: list[Event]) -> list[ThreadLine]:
    decoded = [events.decode_payload(msgspec.json.encode(event.data)) for event in log]
    deliveries = _deliveries(conversation_id, log)
    files = _files(conversation_id, decoded)
    return [
        _line(event, payload, deliveries, files)
        for event, payload in zip(log, decoded, strict=True)
    ]


def _line(
    event: Event,
    payload: events.Payload,
    deliveries: dict[int, DeliveryState],
    files: dict[str, MediaFile],
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
        media=media if media is not None and media.state == "stored" else None,
        media_pending=media is not None and media.state == "pending",
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
    messages = [event.seq for event in log if event.type == "message_created"]
    if not messages:
        return {}
    found: dict[int, DeliveryState] = {}
    rank: dict[int, int] = {}
    rows = Delivery.objects.filter(conversation=conversation_id, purpose="message").values_list(
        "ref", "status", "rank", "error_code", "error"
    )
    wanted = set(messages)
    for ref, status, row_rank, code, error in rows:
        seq = int(ref.split(".")[1])
        if seq in wanted and row_rank <= rank.get(seq, 1000):
            rank[seq] = row_rank
            found[seq] = DeliveryState(ref=ref, status=status, error_code=code, error=error)
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
    files: dict[str, MediaFile] = {}
    for file in MediaFile.objects.filter(conversation=conversation_id):
        files[file.provider_id or ""] = files[str(file.pk)] = file
    return files


def floor() -> FloorSnapshot:
    """Queues, agents and what each agent holds, in four queries."""
    facts = routing.queues()
    agents = routing.agents()
    counts = {
        (row["queue"], row["status"]): row
        for row in Conversation.objects.exclude(status="closed")
        .values("queue", "status")
        .annotate(count=Count("id"), oldest=Min("waiting_since"))
    }
    held: dict[int, list[ConversationRow]] = {}
    for row in _rows(Conversation.objects.filter(status__in=["assigned", "offered"])):
        if row.agent_id is not None:
            held.setdefault(row.agent_id, []).append(row)
    return FloorSnapshot(
        queues=tuple(_floor_queue(queue, counts, agents) for queue in facts.values()),
        agents=tuple(
            FloorAgent(
                user_id=agent.user_id,
                name=agent.name,
                status=agent.status,
                since=agent.since,
                load=agent.load,
                capacity=agent.capacity,
                conversations=tuple(held.get(agent.user_id, ())),
            )
            for agent in agents
        ),
        bot_talking=sum(row["count"] for key, row in counts.items() if key[1] == "bot"),
    )


def _floor_queue(
    queue: routing.QueueFacts,
    counts: Mapping[tuple[str, str], Mapping[str, Any]],
    agents: list[routing.AgentRow],
) -> FloorQueue:
    def count(status: str) -> int:
        return int(counts.get((queue.key, status), {}).get("count", 0))

    return FloorQueue(
        key=queue.key,
        name=queue.name,
        waiting=count("waiting"),
        oldest_waiting_since=counts.get((queue.key, "waiting"), {}).get("oldest"),
        offered=count("offered"),
        assigned=count("assigned"),
        agents_available=sum(
            agent.status == "available" and queue.skills <= set(agent.skills) for agent in agents
        ),
        target_s=queue.target_s,
    )


def canned_replies(language: str) -> list[CannedReply]:
    """Canned replies in a language, else English, by shortcut."""
    replies = CannedReply.objects.filter(language__in=[language, "en"]).order_by("shortcut")
    chosen: dict[str, CannedReply] = {}
    for canned in replies.order_by(F("language").desc()):
        if canned.shortcut not in chosen or canned.language == language:
            chosen[canned.shortcut] = canned
    return sorted(chosen.values(), key=lambda canned: canned.shortcut)


def inbound_for_people(before: int | None = None, limit: int = 50) -> list[Inbound]:
    """Parked and unparsed items, newest first; `before` pages on by id."""
    rows = Inbound.objects.filter(status__in=["parked", "unparsed"]).select_related("channel")
    if before is not None:
        rows = rows.filter(pk__lt=before)
    return list(rows.order_by("-id")[:limit])
