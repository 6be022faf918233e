"""What the hot parts cost in a database of some size. Times in milliseconds."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime

import msgspec
from django.db import connection
from django.test import Client

from resmi.agency.models import User
from resmi.channels.models import Channel, Inbound
from resmi.channels.partitions import partition_of
from resmi.contacts import finding
from resmi.contacts.models import Identity
from resmi.conversations import handle, queries, worker
from resmi.conversations.models import Conversation
from resmi.conversations.queries import search
from resmi.engine.address import Address

BATCH = 50
ROUNDS = 12
REPEATS = 40
PAGES = 100
WAITING = 3_000
LINES = 20_000
HELD = 4
EVERY = set(range(64))

_WAIT = """
    UPDATE conversations_conversation SET status = 'waiting', closed_at = NULL, queue = %s,
        waiting_since = now() - make_interval(secs => mod(id, 1000)), priority = mod(id, 3),
        unanswered = 1
    WHERE id > %s AND id <= %s
"""
_HOLD = """
    UPDATE conversations_conversation SET status = 'assigned', closed_at = NULL, agent_id = %s
    WHERE id > %s AND id <= %s
"""
_LENGTHEN = """
    INSERT INTO conversations_event (conversation_id, seq, type, at, actor, data, hash)
    SELECT conversation_id, seq + n * 12, type, at, actor, data, hash
    FROM conversations_event, generate_series(1, %s / 12) AS n WHERE conversation_id = %s
"""


def furnish() -> dict[str, int]:
    """Puts 3,000 citizens in line, gives an agent four, and makes one thread long; their ids."""
    last = Conversation.objects.latest("id").pk
    agent = User.objects.create_user(email="bench@example.org", name="Bench", role="agent")
    long = last - WAITING - HELD - 1
    with connection.cursor() as cursor:
        cursor.execute(_WAIT, ["", last - WAITING, last])
        cursor.execute(_HOLD, [agent.pk, last - WAITING - HELD, last - WAITING])
        cursor.execute(_LENGTHEN, [LINES, long])
    return {"agent": agent.pk, "long": long}


def measure(furniture: dict[str, int]) -> dict[str, float]:
    """Each part's least time of many tries, for other work on the machine only ever adds."""
    latest = Conversation.objects.latest("id").pk
    old = latest // 3
    contact = Conversation.objects.values_list("contact_id", flat=True).get(pk=old)
    long, agent = furniture["long"], furniture["agent"]
    found = _turns()
    looks: dict[str, Callable[[], object]] = {
        "desk_list_ms": lambda: queries.around(agent).mine,
        "waiting_list_ms": lambda: queries.waiting(limit=50),
        "bot_list_ms": lambda: queries.bot_talking(limit=50),
        "thread_ms": lambda: queries.thread(old),
        "thread_of_20000_ms": lambda: queries.thread(long, before=LINES // 2),
        "find_citizen_ms": lambda: finding.find(f"{contact:04}"[-4:], but=0),
        "find_nobody_ms": lambda: finding.find("citizen nobody", but=0),
        "history_ms": lambda: queries.history(contact),
        "search_frequent_ms": lambda: search.search("pinjaman"),
        "search_medium_ms": lambda: search.search("usaha1234"),
        "search_rare_ms": lambda: search.search(f"kode{old}x4"),
        "search_nothing_ms": lambda: search.search("tidakadakata"),
        "search_in_thread_ms": lambda: search.search_conversation(old, "pinjaman"),
    }
    return found | {name: _time(look) for name, look in looks.items()} | _pages(agent)


def _pages(agent: int) -> dict[str, float]:
    """What a web process takes for a page until its first byte, and of that its own work."""
    client = Client(headers={"host": "localhost"})
    client.force_login(User.objects.get(pk=agent))
    held = queries.around(agent).mine[0].id
    found: dict[str, float] = {}
    for name, address in (("desk", "/desk/"), ("conversation", f"/desk/{held}/")):
        walls, works = [], []
        for turn in range(PAGES + 2):
            begin, work = time.perf_counter(), time.process_time()
            answer = client.get(address)
            assert answer.status_code == 200, f"{address} answers {answer.status_code}"
            if turn > 1:
                walls.append(time.perf_counter() - begin)
                works.append(time.process_time() - work)
        found[f"{name}_page_ms"] = _least(walls)
        found[f"{name}_page_p95_ms"] = round(sorted(walls)[int(PAGES * 0.95)] * 1000, 3)
        found[f"{name}_page_cpu_ms"] = round(sorted(works)[int(PAGES * 0.95)] * 1000, 3)
    return found


def _turns() -> dict[str, float]:
    """Claiming a batch of questions, and answering them: per batch and per answer."""
    claims, answers = [], []
    for turn in range(ROUNDS + 2):
        _ask()
        begin = time.perf_counter()
        rows = worker.claim(EVERY, BATCH)
        claimed = time.perf_counter()
        done = handle.handle(rows)
        ended = time.perf_counter()
        assert done == BATCH, f"{done} of {len(rows)} were answered"
        if turn > 1:
            claims.append(claimed - begin)
            answers.append((ended - claimed) / BATCH)
    return {"claim_ms": _least(claims), "reply_ms": _least(answers)}


def _ask() -> None:
    """As many citizens as make a batch write; each time others, who have no conversation open."""
    channel = Channel.objects.get()
    now = datetime.now(UTC).replace(microsecond=0)
    busy = Conversation.objects.exclude(status="closed").values("identity")
    rows = []
    for one in Identity.objects.exclude(pk__in=busy).order_by("pk")[:BATCH]:
        key = Address(kind="whatsapp", phone=one.phone or "").key()
        number = f"wamid.bench{time.time_ns()}"
        body = {
            "from": one.phone,
            "id": number,
            "timestamp": str(int(now.timestamp())),
            "type": "text",
            "text": {"body": "Apakah PT Dana Babeka terdaftar?"},
        }
        around = {"metadata": {}, "contact": {"wa_id": one.phone, "profile": {"name": "C"}}}
        rows.append(
            Inbound(
                channel=channel,
                kind="message",
                key=f"wa:{channel.address}:m:{number}",
                contact_key=key,
                partition=partition_of(key),
                occurred_at=now,
                stamp=now,
                raw=msgspec.json.encode(body),
                envelope=msgspec.json.encode(around),
            )
        )
    Inbound.objects.bulk_create(rows)


def _time(look: Callable[[], object]) -> float:
    look()
    times = []
    for _ in range(REPEATS):
        begin = time.perf_counter()
        look()
        times.append(time.perf_counter() - begin)
    return _least(times)


def _least(times: list[float]) -> float:
    return round(min(times) * 1000, 3)
