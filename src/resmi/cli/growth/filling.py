"""Fills the database of a measurement with years of conversations, in a few statements.

What is filled in has the shapes, sizes and indexes of the real thing, but nobody wrote it: ten
messages a conversation, each stored as it came in, logged, delivered, reported on three times and
known to search. Nothing here would pass as evidence: the lines are not chained.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from django.db import connection
from django.db.models import Max

from resmi.agency import segments
from resmi.channels import weeks
from resmi.channels.models import Channel
from resmi.contacts import findable
from resmi.contacts.models import Contact
from resmi.conversations import blocks
from resmi.conversations.models import Conversation

MESSAGES = 10  # in one conversation
CONVERSATIONS = 5  # of one citizen
SPAN = timedelta(days=90)
PORTION = 20_000

_CONTACTS = """
    INSERT INTO contacts_contact (id, name, language, created_at)
    SELECT n, 'Citizen ' || n, 'id', now() - interval '90 days'
    FROM generate_series({first}, {last}) AS n
"""
_IDENTITIES = """
    INSERT INTO contacts_identity (id, contact_id, kind, scope, phone, parent_user_id, username,
        profile_name, created_at, updated_at)
    SELECT n, n, 'whatsapp', '', '62811' || lpad(n::text, 9, '0'), '', '', 'Citizen ' || n,
        now(), now()
    FROM generate_series({first}, {last}) AS n
"""
_CONVERSATIONS = """
    INSERT INTO conversations_conversation (id, channel_id, contact_id, identity_id, status,
        language, queue, priority, seq, head, state, last_preview, unanswered, opened_at,
        last_inbound_at, last_message_at, window_closes_at, closed_at, wrap_up)
    SELECT c, {channel}, {someone} + mod(c, {people}), {someone} + mod(c, {people}), 'closed',
        'id', '', 0, 12, decode(repeat('ab', 32), 'hex'),
        convert_to('{{"id": 1, "reason": "' || repeat('x', 440) || '"}}', 'UTF8'),
        'Terima kasih', 0, {at}, {at}, {at}, {at} + interval '1 day', {at} + interval '1 hour',
        'done'
    FROM generate_series({first}, {last}) AS c
"""
_BODY = """
    CASE WHEN mod(c + s, 5) = 0 THEN 'Apakah pinjaman' ELSE 'Saya mau tanya' END
    || ' usaha' || mod(c * 31 + s * 7, 2000) || ' kode' || c || 'x' || s
    || ' apakah ini benar dan siapa yang mengawasi perusahaan itu'
"""
_EVENTS = """
    INSERT INTO conversations_event (conversation_id, seq, type, at, actor, data, hash)
    SELECT c, s,
        CASE WHEN s = 1 THEN 'conversation_started' WHEN s = 12 THEN 'conversation_closed'
             WHEN mod(s, 2) = 0 THEN 'message_received' ELSE 'message_created' END,
        {at} + make_interval(secs => s),
        CASE WHEN mod(s, 2) = 0 THEN '{{"kind": "citizen"}}'::jsonb
             ELSE '{{"kind": "bot"}}'::jsonb END,
        CASE WHEN s IN (1, 12) THEN jsonb_build_object('type', 'conversation_closed',
                'reason', 'idle')
             WHEN mod(s, 2) = 0 THEN jsonb_build_object('type', 'message_received',
                'provider_id', 'wamid.in' || c || '.' || s, 'sent_at', {at},
                'content', jsonb_build_object('type', 'text', 'body', {body}))
             ELSE jsonb_build_object('type', 'message_created', 'ref', c || '.' || s || '.0',
                'content', jsonb_build_object('type', 'text', 'body', {body})) END,
        decode(repeat('ab', 32), 'hex')
    FROM generate_series({first}, {last}) AS c, generate_series(1, 12) AS s
"""
_INBOUND = """
    INSERT INTO channels_inbound (channel_id, kind, subkind, key, contact_key, partition,
        occurred_at, received_at, raw, envelope, status, attempts, error, done_at, stamp)
    SELECT {channel}, CASE WHEN part = '' THEN 'message' ELSE 'status' END, part,
        'wa:900200:' || CASE WHEN part = '' THEN 'm:' ELSE 's:' END
            || 'wamid.' || encode(sha224((c || '.' || s)::bytea), 'base64') || ':' || part,
        'whatsapp::62811' || lpad(({someone} + mod(c, {people}))::text, 9, '0'),
        mod(c, 64)::smallint, {at}, {at}, convert_to(repeat('{{"item": 1}} ', 22), 'UTF8'),
        convert_to(repeat('{{"contact": 1}} ', 20), 'UTF8'), 'done', 1, '', {at}, {at}
    FROM generate_series({first}, {last}) AS c, generate_series(2, 10, 2) AS s,
        unnest(ARRAY['', 'sent', 'delivered', 'read']) AS part
"""
_DELIVERIES = """
    INSERT INTO channels_delivery (id, ref, channel_id, conversation, contact, lane, recipient,
        purpose, author, content, reply_to, status, rank, provider_id, attempts, gives_way,
        superseded, error_code, error, created_at, updated_at, not_before)
    SELECT c * 5 + (s - 3) / 2, c || '.' || s || '.0', {channel}, c, {someone} + mod(c, {people}),
        '{channel}:whatsapp::62811' || lpad(({someone} + mod(c, {people}))::text, 9, '0'),
        '{{"kind": "whatsapp"}}', 'message', 'bot', convert_to(repeat('{{"a": 1}} ', 20), 'UTF8'),
        '', 'read', 40, 'wamid.' || encode(sha224((c || '.' || s)::bytea), 'base64'), 1, false,
        '[]', '', '', {at}, {at}, {at}
    FROM generate_series({first}, {last}) AS c, generate_series(3, 11, 2) AS s
"""
_REPORTS = """
    INSERT INTO channels_deliveryreport (delivery_id, conversation, status, at, received_at, data)
    SELECT c * 5 + (s - 3) / 2, c, part, {at}, {at}, '{{"status": "read", "ref": "1.1.0"}}'
    FROM generate_series({first}, {last}) AS c, generate_series(3, 11, 2) AS s,
        unnest(ARRAY['sent', 'delivered', 'read']) AS part
"""
_SEARCH = """
    INSERT INTO conversations_searchline (conversation_id, seq, words)
    SELECT c, s, array_to_tsvector(string_to_array(
        '#' || (c >> 12) || ' ' || lower({body}), ' '))
    FROM generate_series({first}, {last}) AS c, generate_series(2, 11) AS s
"""
_PARTS = (*(_CONVERSATIONS, _EVENTS, _INBOUND, _DELIVERIES, _REPORTS, _SEARCH),)
_SEQUENCES = (
    *("conversations_conversation", "contacts_contact", "contacts_identity", "channels_delivery"),
)
_CATCH_UP = """
    SELECT setval(pg_get_serial_sequence('TABLE', 'id'), greatest((SELECT max(id) FROM TABLE), 1))
"""


def fill(count: int, say: Callable[[str], None]) -> None:
    """Adds so many messages, of citizens of their own, behind what is there."""
    _be_durable("off")
    first = (Conversation.objects.aggregate(top=Max("id"))["top"] or 0) + 1
    last = first + count // MESSAGES - 1
    someone = (Contact.objects.aggregate(top=Max("id"))["top"] or 0) + 1
    people = count // MESSAGES // CONVERSATIONS
    _make_room(last)
    channel = Channel.objects.values_list("pk", flat=True).get()
    _run(_CONTACTS, first=someone, last=someone + people - 1)
    _run(_IDENTITIES, first=someone, last=someone + people - 1)
    findable.fill(most=4 * people)
    given = {"channel": channel, "people": people, "someone": someone}
    for begin in range(first, last + 1, PORTION):
        end = min(begin + PORTION - 1, last)
        for part in _PARTS:
            _run(part, first=begin, last=end, of=(first, last), **given)
        say(f"{(end - first + 1) * MESSAGES:,} of {count:,} messages")
    for table in _SEQUENCES:
        _run(_CATCH_UP.replace("TABLE", table))
    _run("VACUUM ANALYZE")
    _run("CHECKPOINT")
    _be_durable("on")


def _run(statement: str, *, of: tuple[int, int] = (0, 1), **values: int) -> None:
    days = f"{SPAN.days} * (c - {of[0]})::float8 / {max(1, of[1] - of[0])}"
    at = f"(now() - make_interval(hours => 24 * {SPAN.days}) + ({days}) * interval '1 day')"
    with connection.cursor() as cursor:
        cursor.execute("SET synchronous_commit = off")
        cursor.execute(statement.format(at=at, body=f"({_BODY})", **values))


def _be_durable(word: str) -> None:
    """Whether the server, which is ours alone, survives a power cut; not needed while filling."""
    for setting in (f"fsync = {word}", f"full_page_writes = {word}", "max_wal_size = '8GB'"):
        _run(f"ALTER SYSTEM SET {setting}")
    _run("SELECT pg_reload_conf()")


def _make_room(last: int) -> None:
    """Segments for the past, and for as many conversations as are to come."""
    week, now = weeks.begin_of(datetime.now(UTC) - SPAN), datetime.now(UTC)
    present = {segment.name for segment in segments.of_table(weeks.TABLE)}
    while week < now:
        if weeks.name_of(week) not in present:
            bounds = week.isoformat(), (week + weeks.WEEK).isoformat()
            segments.add(weeks.TABLE, weeks.name_of(week), *bounds)
        week += weeks.WEEK
    for table in blocks.TABLES:
        end = blocks.of_table(table)[-1].upper
        while end <= last + blocks.NARROWEST:
            block = blocks.Block(end, end + blocks.NARROWEST)
            segments.add(table, blocks.name_of(table, block), str(block.lower), str(block.upper))
            end = block.upper
