from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.db.models import QuerySet
from django.test.utils import CaptureQueriesContext

from resmi.agency import bulk
from resmi.channels.models import Delivery
from resmi.contacts.models import Contact, Identity
from resmi.conversations import queries
from resmi.conversations.models import Conversation
from resmi.conversations.queries import rows
from tests.conversations import factories

pytestmark = pytest.mark.django_db
WAITING = 3_000
LINES = 20_000

_WAITING = """
    INSERT INTO conversations_conversation (
        channel_id, contact_id, identity_id, status, language, queue, priority, seq, head, state,
        last_preview, unanswered, waiting_since, wrap_up)
    SELECT channel, contact, identity, 'waiting', 'id', 'general', mod(n, 3), 1, '',
        '{"id": 1}', 'Halo', 1, now() - make_interval(secs => mod(n, 1000)), ''
    FROM unnest(%b::bigint[], %b::bigint[], %b::bigint[])
        WITH ORDINALITY AS given (channel, contact, identity, n)
"""
_LINES = """
    INSERT INTO conversations_event (conversation_id, seq, type, at, actor, data, hash)
    SELECT %s, n, CASE WHEN n %% 2 = 0 THEN 'message_created' ELSE 'message_received' END, now(),
        CASE WHEN n %% 2 = 0 THEN '{"kind": "bot"}'::jsonb ELSE '{"kind": "citizen"}'::jsonb END,
        CASE WHEN n %% 2 = 0
            THEN jsonb_build_object('type', 'message_created', 'ref', 'r',
                'content', '{"type": "text", "body": "Baik"}'::jsonb)
            ELSE jsonb_build_object('type', 'message_received', 'provider_id', 'wamid.' || n,
                'sent_at', now(), 'content', '{"type": "text", "body": "Halo"}'::jsonb) END, ''
    FROM generate_series(1, %s) AS n
"""
_DELIVERIES = """
    INSERT INTO channels_delivery (ref, channel_id, conversation, lane, recipient, purpose, author,
        content, reply_to, status, rank, attempts, gives_way, superseded, error_code, error)
    SELECT %s || '.' || n || '.0', %s, %s, 'lane', '{}', 'message', 'bot', '{}', '', 'read', 40, 1,
        false, '[]', '', ''
    FROM generate_series(2, %s, 2) AS n
"""


def plan_of(sql: str) -> str:
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN (ANALYZE, TIMING off) {sql}")
        return "\n".join(row[0] for row in cursor.fetchall())


def people(count: int) -> list[Identity]:
    contacts = Contact.objects.bulk_create(Contact(name=f"C{n}") for n in range(count))
    return Identity.objects.bulk_create(
        Identity(contact=contact, kind="whatsapp", user_id=f"U{contact.pk}") for contact in contacts
    )


@pytest.fixture
def _many_wait() -> Iterator[None]:
    channel = factories.channel().pk
    who = people(WAITING)
    bulk.execute(
        _WAITING, [[channel] * WAITING, [one.contact_id for one in who], [one.pk for one in who]]
    )
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE conversations_conversation")
    return


@pytest.fixture
def long_thread() -> int:
    (who,) = people(1)
    talk = Conversation.objects.create(
        channel=factories.channel(),
        contact=who.contact,
        identity=who,
        status="assigned",
        head=b"",
        state=b"{}",
        seq=LINES,
    )
    with connection.cursor() as cursor:
        cursor.execute(_LINES, [talk.pk, LINES])
        cursor.execute(_DELIVERIES, [talk.pk, talk.channel_id, talk.pk, LINES])
        cursor.execute("ANALYZE conversations_event, channels_delivery")
    return talk.pk


@pytest.mark.usefixtures("_many_wait")
def test_pages_of_a_long_line_hold_everybody_once_in_order() -> None:
    seen: list[rows.ConversationRow] = []
    page = queries.waiting(limit=700)
    while page:
        seen += page
        last = Conversation.objects.get(pk=page[-1].id)
        assert last.waiting_since is not None
        behind = rows.InLine(last.priority, last.waiting_since, last.pk)
        page = queries.waiting(limit=700, behind=behind)
    assert len({row.id for row in seen}) == len(seen) == WAITING
    assert seen[0].waiting_since < datetime.now(UTC) - timedelta(seconds=990)  # type: ignore[operator]


@pytest.mark.usefixtures("_many_wait")
@pytest.mark.parametrize("deep", [False, True])
def test_a_page_of_a_line_of_3000_reads_only_what_it_shows(deep: bool) -> None:
    behind = None
    if deep:
        middle = Conversation.objects.order_by("-priority", "waiting_since", "id")[1500]
        assert middle.waiting_since is not None
        behind = rows.InLine(middle.priority, middle.waiting_since, middle.pk)
    with CaptureQueriesContext(
        connection,
    ) as asked:
        assert len(queries.waiting(limit=50, behind=behind)) == 50
    assert len(asked) == 1
    plan = plan_of(asked[0]["sql"])
    assert "conversation_in_line" in plan
    assert "Sort" not in plan


def test_a_page_of_a_thread_of_20000_lines_reads_only_what_it_shows(long_thread: int) -> None:
    with CaptureQueriesContext(connection) as asked:
        lines = queries.thread(long_thread, before=10_001, limit=100)
    assert [line.seq for line in lines] == list(range(9_901, 10_001))
    assert {line.delivery.status for line in lines if line.kind == "bot" and line.delivery} == {
        "read"
    }
    assert all(line.delivery for line in lines if line.kind == "bot")
    assert len(asked) == 3
    plans = [plan_of(one["sql"]) for one in asked]
    for plan in plans:
        assert "Seq Scan" not in plan
        assert "Rows Removed" not in plan
    assert any("delivery_of_line" in plan for plan in plans)


def test_what_holds_the_bot_is_listed_without_sorting() -> None:
    listed: QuerySet[Conversation] = Conversation.objects.filter(status="bot").order_by("-id")[:50]
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
    assert "conversation_held_by_bot" in plan_of(str(listed.query).replace(" = bot", " = 'bot'"))
    assert Delivery.objects.count() == 0
