"""Loads conversations under a row lock and saves what a turn returned, set-based.

Everything here runs in the caller's transaction. The lock is the rule that stimuli of one
conversation never run concurrently: workers and agents' web actions take the same one.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import msgspec
from django.db import connection

from resmi.agency import arrays, bulk, live
from resmi.channels import kinds
from resmi.channels import services as channels
from resmi.contacts import consents
from resmi.contacts import services as contacts
from resmi.conversations import answers, charging, companions, logged, unasked
from resmi.conversations.building import Line
from resmi.conversations.loaded import Loaded as Loaded
from resmi.conversations.logged import Outcome as Outcome
from resmi.engine import events, lifecycle
from resmi.engine.address import Address
from resmi.engine.conversation import Conversation
from resmi.registry.receipts import services as receipts
from resmi.registry.watches import services as watches
from resmi.routing import services as routing

_state = msgspec.json.Decoder(Conversation)


_LOAD = """
    SELECT c.state, c.channel_id, c.contact_id, c.identity_id, ch.kind,
           i.scope, i.user_id, i.parent_user_id, i.phone, i.username, i.profile_name, c.charge
    FROM conversations_conversation c
    JOIN channels_channel ch ON ch.id = c.channel_id
    JOIN contacts_identity i ON i.id = c.identity_id
"""
_BY_ID = _LOAD + " WHERE c.id = ANY(%b) ORDER BY c.id FOR UPDATE OF c"
_OPEN = (
    _LOAD
    + """
    JOIN unnest(%b::bigint[], %b::bigint[]) AS w(channel, contact)
         ON c.channel_id = w.channel AND c.contact_id = w.contact
    WHERE c.status <> 'closed' AND c.contact_id = ANY(%b) ORDER BY c.id FOR UPDATE OF c
"""
)


def lock_by_id(ids: Iterable[int]) -> dict[int, Loaded]:
    """Locks conversations by id, in id order so that two lockers cannot embrace each other."""
    wanted = arrays.bigints(sorted(set(ids)))
    return {item.conversation.id: item for item in _load(_BY_ID, [wanted])}


def lock_open(places: Iterable[tuple[int, int]]) -> dict[tuple[int, int], Loaded]:
    """Locks the open conversation of each (channel id, contact id) that has one."""
    wanted = sorted(set(places))
    channels_of, contacts_of = [one[0] for one in wanted], [one[1] for one in wanted]
    contacts_array = arrays.bigints(contacts_of)
    found = _load(_OPEN, [arrays.bigints(channels_of), contacts_array, contacts_array])
    return {(item.line.channel, item.line.contact): item for item in found}


def _load(sql: str, parameters: list[Any]) -> list[Loaded]:
    return [_loaded(row) for row in bulk.execute(sql, parameters)]


def _loaded(row: tuple[Any, ...]) -> Loaded:
    (
        state,
        channel,
        contact,
        identity,
        kind,
        scope,
        user_id,
        parent,
        phone,
        username,
        name,
        charge,
    ) = row
    address = Address(
        kind=str(kind),
        scope=str(scope),
        user_id=str(user_id or ""),
        parent_user_id=str(parent),
        phone=str(phone or ""),
        username=str(username),
        profile_name=str(name),
    )
    return Loaded(
        conversation=_state.decode(bytes(state)),
        line=Line(
            channel=int(channel),
            contact=int(contact),
            address=address,
            capabilities=kinds.ADAPTERS[str(kind)].capabilities,
        ),
        identity=int(identity),
        kind=str(kind),
        charge=int(charge),
    )


# Nobody has two conversations open on one channel: one of two stays where it is.
_MOVE = """
    UPDATE conversations_conversation c SET contact_id = %(now)s
    WHERE c.contact_id = %(was)s AND c.identity_id = %(identity)s AND (
        c.status = 'closed' OR NOT EXISTS (
            SELECT 1 FROM conversations_conversation o
            WHERE o.channel_id = c.channel_id AND o.contact_id = %(now)s AND o.status <> 'closed'))
"""


def move(identity: int, was: int, now: int) -> None:
    """Gives the conversations held through an identity to the contact whose it is now."""
    with connection.cursor() as cursor:
        cursor.execute(_MOVE, {"identity": identity, "was": was, "now": now})


_NEW_IDS = """
    SELECT nextval(pg_get_serial_sequence('conversations_conversation', 'id'))
    FROM generate_series(1, %b)
"""


def new_ids(count: int) -> list[int]:
    """Ids for conversations that are about to start."""
    return [row[0] for row in bulk.execute(_NEW_IDS, [count])]


def begin(
    conversation_id: int,
    *,
    channel: int,
    kind: str,
    contact: int,
    identity: int,
    address: Address,
    language: str,
) -> Loaded:
    """A conversation that is about to start under an id from `new_ids`."""
    return Loaded(
        conversation=Conversation(id=conversation_id, language=language),
        line=Line(
            channel=channel,
            contact=contact,
            address=address,
            capabilities=kinds.ADAPTERS[kind].capabilities,
        ),
        identity=identity,
        kind=kind,
        stored=False,
    )


def save(outcomes: Sequence[Outcome]) -> None:
    """Writes everything that follows from turns; one statement per table."""
    changed = [outcome for outcome in outcomes if outcome.turn.events or outcome.turn.timers]
    if not changed:
        return
    _save_conversations(changed)
    log = [event for outcome in changed for event in outcome.turn.events]
    _save_events(log)
    receipts.issue(logged.answers(log))
    watches.record(logged.watches_of(changed))
    consents.record(logged.consents_of(changed))
    answers.take_disputes(log)
    _save_timers(changed)
    channels.enqueue([d for outcome in changed for d in outcome.turn.deliveries])
    routing.hold(_let_go(changed))
    for outcome in changed:
        _follow(outcome)
    _remember_contacts(changed)
    _announce(changed)


_UPSERT = """
    INSERT INTO conversations_conversation (
        id, channel_id, contact_id, identity_id, status, language, queue, priority, agent_id, seq,
        head, state, last_preview, unanswered, opened_at, waiting_since, assigned_at, offer_until,
        last_inbound_at, last_message_at, window_closes_at, closed_at, wrap_up)
    SELECT * FROM unnest(
        %b::bigint[], %b::bigint[], %b::bigint[], %b::bigint[], %b::text[], %b::text[], %b::text[],
        %b::smallint[], %b::bigint[], %b::int[], %b::bytea[], %b::bytea[], %b::text[], %b::int[],
        %b::timestamptz[], %b::timestamptz[], %b::timestamptz[], %b::timestamptz[],
        %b::timestamptz[], %b::timestamptz[], %b::timestamptz[], %b::timestamptz[], %b::text[])
    ON CONFLICT (id) DO UPDATE SET
        identity_id = excluded.identity_id, status = excluded.status,
        language = excluded.language, queue = excluded.queue,
        priority = excluded.priority, agent_id = excluded.agent_id, seq = excluded.seq,
        head = excluded.head, state = excluded.state, last_preview = excluded.last_preview,
        unanswered = excluded.unanswered, waiting_since = excluded.waiting_since,
        assigned_at = excluded.assigned_at, offer_until = excluded.offer_until,
        last_inbound_at = excluded.last_inbound_at, last_message_at = excluded.last_message_at,
        window_closes_at = excluded.window_closes_at, closed_at = excluded.closed_at,
        wrap_up = excluded.wrap_up
"""


def _save_conversations(outcomes: Sequence[Outcome]) -> None:
    bulk.execute(_UPSERT, arrays.columns(_COLUMNS, [_row(outcome) for outcome in outcomes]))


_COLUMNS: Sequence[arrays.Encode] = (
    *(arrays.bigints,) * 4,
    *(arrays.texts,) * 3,
    *(arrays.bigints,) * 3,
    *(arrays.byte_strings,) * 2,
    arrays.texts,
    arrays.bigints,
    *(arrays.moments,) * 8,
    arrays.texts,
)


def _row(outcome: Outcome) -> tuple[object, ...]:
    c, line = outcome.turn.conversation, outcome.loaded.line
    return (
        c.id,
        line.channel,
        line.contact,
        outcome.loaded.identity,
        c.status,
        c.language,
        c.queue,
        c.priority,
        int(c.agent) if c.agent else None,
        c.seq,
        c.head,
        msgspec.json.encode(c),
        c.last_preview,
        c.unanswered,
        c.started_at,
        c.waiting_since,
        c.assigned_at,
        c.offer_until,
        c.last_inbound_at,
        c.last_message_at,
        lifecycle.window_closes_at(c.last_inbound_at, line.capabilities),
        c.closed_at,
        c.wrap_up,
    )


_INSERT_EVENTS = """
    INSERT INTO conversations_event (conversation_id, seq, type, at, actor, data, hash)
    SELECT conversation, seq, type, at, actor::jsonb, data::jsonb, hash
    FROM unnest(%b::bigint[], %b::int[], %b::text[], %b::timestamptz[], %b::text[], %b::text[],
                %b::bytea[]) AS n(conversation, seq, type, at, actor, data, hash)
"""


def _save_events(log: Sequence[events.Event]) -> None:
    if not log:
        return
    bulk.execute(
        _INSERT_EVENTS,
        [
            arrays.bigints([event.conversation for event in log]),
            arrays.bigints([event.seq for event in log]),
            arrays.texts([events.type_name(event.data) for event in log]),
            arrays.moments([event.at for event in log]),
            arrays.byte_texts([msgspec.json.encode(event.actor) for event in log]),
            arrays.byte_texts([events.encode_payload(event.data) for event in log]),
            arrays.byte_strings([event.hash for event in log]),
        ],
    )


_SET_TIMERS = """
    INSERT INTO conversations_timer (conversation_id, kind, due_at)
    SELECT * FROM unnest(%b::bigint[], %b::text[], %b::timestamptz[])
    ON CONFLICT (conversation_id, kind) DO UPDATE SET due_at = excluded.due_at
"""
_FORGET_TIMERS = """
    DELETE FROM conversations_timer t USING unnest(%b::bigint[], %b::text[]) AS f(id, kind)
    WHERE t.conversation_id = f.id AND t.kind = f.kind
"""


_TIMERS: Sequence[arrays.Encode] = (arrays.bigints, arrays.texts, arrays.moments)


def _save_timers(outcomes: Sequence[Outcome]) -> None:
    changes = [
        (outcome.turn.conversation.id, change.kind, change.due_at)
        for outcome in outcomes
        for change in outcome.turn.timers
    ]
    due = [change for change in changes if change[2] is not None]
    gone = [change for change in changes if change[2] is None]
    if due:
        bulk.execute(_SET_TIMERS, arrays.columns(_TIMERS, due))
    if gone:
        bulk.execute(_FORGET_TIMERS, arrays.columns(_TIMERS[:2], [g[:2] for g in gone]))


def _let_go(outcomes: Sequence[Outcome]) -> Iterator[int]:
    """The agents who have a conversation no longer."""
    for outcome in outcomes:
        before, after = outcome.loaded.conversation.agent, outcome.turn.conversation.agent
        if before and before != after:
            yield int(before)


def _follow(outcome: Outcome) -> None:
    before, turn, line = outcome.loaded.conversation, outcome.turn, outcome.loaded.line
    answers.draw_pictures(line.channel, turn.conversation.id, turn.pictures)
    if before.agent and before.agent != turn.conversation.agent:
        charging.give_back(outcome.loaded, outcome.turn.conversation)
    companions.record(before, turn.conversation)
    for media in turn.media:
        channels.request_media(
            channel_id=line.channel, conversation_id=turn.conversation.id, media=media
        )
    for event in turn.events:
        if isinstance(event.data, events.OfferEnded) and event.data.why == "expired":
            routing.record_missed_offer(int(event.data.agent))
        elif isinstance(event.data, events.StopAsked):
            contacts.set_opted_out(line.contact, opted_out=True)
    if turn.silence_bot:
        unasked.take_back(channels.cancel_bot_deliveries(turn.conversation.id))


def _remember_contacts(outcomes: Sequence[Outcome]) -> None:
    contacts.set_languages(
        {
            outcome.loaded.line.contact: outcome.turn.conversation.language
            for outcome in outcomes
            if outcome.turn.conversation.language
            and outcome.turn.conversation.language != outcome.loaded.conversation.language
        }
    )


def _announce(outcomes: Sequence[Outcome]) -> None:
    hints: list[tuple[str, dict[str, Any]]] = []
    floor_changed = routing_asked = False
    agents: set[str] = set()
    for outcome in outcomes:
        before, after = outcome.loaded.conversation, outcome.turn.conversation
        hints.append((f"conversation:{after.id}", {"seq": after.seq}))
        agents |= companions.interested(before, after)
        moved = (before.status, before.queue) != (after.status, after.queue)
        floor_changed |= moved or not outcome.loaded.stored
        routing_asked |= moved and (before.status, after.status) != ("bot", "closed")
    hints += [(f"agent:{agent}", {}) for agent in sorted(agents - {""})]
    if floor_changed:
        hints.append(("queues", {}))
    if routing_asked:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_notify('resmi_routing', '')")
    live.announce_all(hints)
