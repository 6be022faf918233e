"""Measures the running system: one bounded query a subject, none of which grows with history."""

from __future__ import annotations

import shutil
import socket
from collections.abc import Iterable
from pathlib import Path
from typing import Any, LiteralString

from django.conf import settings
from django.db import connection

from resmi.agency import segments
from resmi.channels import partitions, weeks
from resmi.channels.whatsapp import errors
from resmi.conversations import blocks, opening, worker
from resmi.operations import facts
from resmi.registry import freshness

GROUP = 8
ENOUGH = 5
RECENT = 10_000

_INBOUND = """
    SELECT partition / %s, count(*), extract(epoch FROM now() - min(received_at))
    FROM channels_inbound WHERE status = 'new' GROUP BY 1 ORDER BY 1
"""
_FOR_PEOPLE = """
    SELECT status, count(*) FROM channels_inbound
    WHERE status IN ('parked', 'unparsed') GROUP BY status
"""
# The lock tells who is there, the connection's last change of state whether it is still at work.
_WORKERS = """
    SELECT l.pid, count(*) FILTER (WHERE l.objid < %s),
           extract(epoch FROM clock_timestamp() - max(a.state_change))
    FROM pg_locks l JOIN pg_stat_activity a USING (pid)
    WHERE l.locktype = 'advisory' AND l.classid = %s AND l.objsubid = 2 AND l.granted
      AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())
    GROUP BY l.pid ORDER BY l.pid
"""
# What is behind a message that waits on purpose is not due either. OFFSET 0 keeps the look at a
# lane from reading all that waits for each message: a plan made from old numbers would.
_DUE = """
    SELECT extract(epoch FROM now() - min(greatest(d.not_before, d.created_at)))
    FROM channels_delivery d JOIN channels_channel c ON c.id = d.channel_id
    WHERE d.pending = 1 AND d.status = 'queued' AND d.not_before <= now()
      AND d.purpose = 'message'
      AND c.paused_at IS NULL
      AND NOT EXISTS (
        SELECT 1 FROM channels_delivery e WHERE e.lane = d.lane AND e.id < d.id
          AND e.pending > 0 AND e.status = 'queued' AND e.not_before > now() AND NOT e.gives_way
        OFFSET 0)
"""
_SENDER = """
    SELECT extract(epoch FROM clock_timestamp() - max(state_change)) FROM pg_stat_activity
    WHERE datname = current_database() AND application_name = 'resmi send'
"""
_RECENT = """
    SELECT status, error_code, count(*) FROM (
        SELECT status, error_code FROM channels_delivery WHERE purpose = 'message'
        ORDER BY id DESC LIMIT %s) AS last
    GROUP BY status, error_code
"""
_CHANNELS = """
    SELECT id, name, CASE WHEN paused_at IS NULL THEN ''
                          WHEN paused_reason = '' THEN '—' ELSE paused_reason END
    FROM channels_channel ORDER BY id
"""
_HOURS = """
    SELECT c.id, (
        SELECT count(*) FROM (
            SELECT 1 FROM conversations_event e
            JOIN conversations_conversation k ON k.id = e.conversation_id
            WHERE e.type = 'message_received' AND k.channel_id = c.id
              AND e.at > now() - make_interval(days => d, hours => 1)
              AND e.at <= now() - make_interval(days => d)
            LIMIT %s) AS found)
    FROM channels_channel c CROSS JOIN generate_series(0, 7) AS d ORDER BY c.id, d
"""
# Who asked to be called back does not wait live: no promise runs.
_QUEUES = """
    SELECT q.key, q.name, q.target_s, count(c.id),
           extract(epoch FROM now() - min(c.waiting_since)), min(c.waiting_since), now()
    FROM routing_queue q
    LEFT JOIN conversations_conversation c ON c.queue = q.key AND c.status = 'waiting'
      AND coalesce(convert_from(c.state, 'UTF8')::jsonb->>'callback', '') = ''
    GROUP BY q.id ORDER BY q.id
"""
_AGENTS = """
    SELECT p.status, count(*) FROM routing_presence p
    JOIN agency_user u ON u.id = p.agent_id AND u.is_active GROUP BY p.status
"""
_JOBS_DUE = """
    SELECT extract(epoch FROM now() - min(coalesce(j.scheduled_at, e.at)))
    FROM procrastinate_jobs j
    LEFT JOIN procrastinate_events e ON e.job_id = j.id AND e.type = 'deferred'
    WHERE j.status = 'todo' AND (j.scheduled_at IS NULL OR j.scheduled_at <= now())
"""
_JOB_WORKERS = """
    SELECT extract(epoch FROM now() - max(last_heartbeat)) FROM procrastinate_workers
"""
_JOBS_FAILED = """
    SELECT j.task_name, count(DISTINCT j.id) FROM (
        SELECT job_id, type, at FROM procrastinate_events ORDER BY id DESC LIMIT %s) AS e
    JOIN procrastinate_jobs j ON j.id = e.job_id AND j.status = 'failed'
    WHERE e.type = 'failed' AND e.at > now() - interval '1 hour' GROUP BY j.task_name
"""


def measure(*, hours: dict[int, tuple[int, ...]] | None = None) -> facts.Facts:
    """Everything, in the caller's transaction if there is one.

    `hours` is what `lively_hours` gave lately: that measurement is the dearest, and left out here.
    """
    return facts.Facts(
        inbound=_inbound(),
        workers=_workers(),
        outbound=_outbound(),
        channels=_channels(hours or {}),
        queues=tuple(map(_queue, _rows(_QUEUES))),
        agents=dict(_rows(_AGENTS)),
        registers=tuple(
            facts.Register(
                source=one.register.source,
                age_days=one.age_days if one.seen else None,
                stale=one.stale,
                trouble=one.register.trouble,
            )
            for one in freshness.standings()
        ),
        jobs=facts.Jobs(
            due_s=_age(_JOBS_DUE),
            heard_s=_age(_JOB_WORKERS),
            failed=dict(_rows(_JOBS_FAILED, RECENT)),
        ),
        lacking=_lacking(),
    )


def _queue(row: tuple[Any, ...]) -> facts.Queue:
    key, name, target_s, waiting, oldest, since, now = row
    time = opening.time_of(key)
    return facts.Queue(
        key=key,
        name=name,
        target_s=target_s,
        waiting=waiting,
        oldest_s=_seconds(oldest),
        counted_s=time.elapsed_s(since, now) if since else None,
        is_open=time.is_open(now),
    )


def _lacking() -> tuple[str, ...]:
    soon = _first(_rows("SELECT now() + interval '7 days'"))
    names = {segment.name for segment in segments.of_table(weeks.TABLE)}
    behind = [] if weeks.name_of(weeks.begin_of(soon)) in names else [weeks.TABLE]
    return (*behind, *(table for table in blocks.TABLES if segments.lacking(table)))


def lively_hours() -> dict[int, tuple[int, ...]]:
    """By channel: messages of the last hour, then of the same hour on each of seven days."""
    found: dict[int, list[int]] = {}
    for channel, count in _rows(_HOURS, ENOUGH):
        found.setdefault(channel, []).append(count)
    return {channel: tuple(counts) for channel, counts in found.items()}


def workers_query() -> tuple[LiteralString, tuple[int, int]]:
    """For asking ahead of Django: rows of (database process, partitions held, last heard of)."""
    return _WORKERS, (partitions.COUNT, worker.LEASES)


def disks() -> list[facts.Disk]:
    """The disks of this machine that hold data of ours, each once."""
    host = socket.gethostname()
    found: dict[int, facts.Disk] = {}
    for folder in (settings.HOME, settings.MEDIA_ROOT):
        nearest = next(path for path in (folder, *Path(folder).parents) if path.exists())
        usage = shutil.disk_usage(nearest)
        disk = facts.Disk(host=host, folder=str(nearest), free=usage.free, total=usage.total)
        found.setdefault(nearest.stat().st_dev, disk)
    return list(found.values())


def _inbound() -> facts.Inbound:
    rows = _rows(_INBOUND, GROUP)
    for_people = dict(_rows(_FOR_PEOPLE))
    return facts.Inbound(
        oldest_s=max((float(age) for _, _, age in rows), default=None),
        backlog={group_name(group): count for group, count, _ in rows},
        parked=for_people.get("parked", 0),
        unparsed=for_people.get("unparsed", 0),
    )


def group_name(group: int) -> str:
    """The partitions of a group, as `first-last`."""
    return f"{group * GROUP}-{group * GROUP + GROUP - 1}"


def groups() -> list[str]:
    """All groups of partitions."""
    return [group_name(group) for group in range(partitions.COUNT // GROUP)]


def _workers() -> facts.Workers:
    rows = _rows(_WORKERS, partitions.COUNT, worker.LEASES)
    return facts.Workers(
        present=len(rows),
        heard_s=min((float(age) for _, _, age in rows if age is not None), default=None),
        leases={pid: held for pid, held, _ in rows},
    )


def _outbound() -> facts.Outbound:
    recent: dict[str, int] = {}
    refusals: dict[tuple[str, str], int] = {}
    for status, code, count in _rows(_RECENT, RECENT):
        recent[status] = recent.get(status, 0) + count
        if code:
            refusals[(code, errors.classify(code).kind)] = (
                refusals.get((code, errors.classify(code).kind), 0) + count
            )
    return facts.Outbound(
        due_s=_age(_DUE), sender_heard_s=_age(_SENDER), recent=recent, refusals=refusals
    )


def _channels(hours: dict[int, tuple[int, ...]]) -> tuple[facts.Channel, ...]:
    return tuple(
        facts.Channel(id=key, name=name, paused=paused, hours=hours.get(key, ()))
        for key, name, paused in _rows(_CHANNELS)
    )


def _rows(query: str, *values: int) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(query, values)
        return list(cursor.fetchall())


def _age(query: str) -> float | None:
    return _seconds(_first(_rows(query)))


def _first(rows: Iterable[Any]) -> Any:
    return next((row[0] for row in rows), None)


def _seconds(age: Any) -> float | None:
    return None if age is None else max(0.0, float(age))
