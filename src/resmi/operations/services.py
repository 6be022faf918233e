"""Opens and closes alarms, and queues word of it for those who are to be told."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.conf import settings
from django.db import connection, transaction

from resmi.agency import live
from resmi.operations.models import Alarm, Notice
from resmi.operations.rules import Condition

LOCK = 0x72657377  # "resw": the class of the advisory locks under which a scope is looked at
# Rounds are begun early rather than late: several processes take turns.
EARLY = 0.8
HOSTS_KEPT = timedelta(minutes=10)
# What was noted so far ahead was noted under a clock that was set back since.
AHEAD = timedelta(minutes=1)

_CLAIM = """
    INSERT INTO operations_round (scope, at) VALUES (%s, now())
    ON CONFLICT (scope) DO UPDATE SET at = excluded.at
    WHERE operations_round.at <= excluded.at - make_interval(secs => %s)
       OR operations_round.at > excluded.at + interval '1 min'  -- the clock was set back since
    RETURNING at
"""


def begin_round(*, scope: str, period_s: float) -> datetime | None:
    """The database's time if this process is the one to look at `scope` now, else None.

    Call it inside the transaction that looks: whoever else asks meanwhile is turned away.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s, hashtext(%s))", [LOCK, scope])
        if not cursor.fetchone()[0]:
            return None
        cursor.execute(_CLAIM, [scope, period_s * EARLY])
        row = cursor.fetchone()
    return row[0] if row else None


@transaction.atomic
def reconcile(
    *, scope: str, conditions: Sequence[Condition], now: datetime, clear_s: float
) -> None:
    """Makes the open alarms of a scope those conditions.

    A new one is told once, and again when it becomes urgent; one that has not been seen for
    `clear_s` is over, and that is told too.
    """
    held = {
        alarm.key: alarm
        for alarm in Alarm.objects.select_for_update().filter(scope=scope, closed_at=None)
    }
    changed = False
    for condition in conditions:
        alarm = held.pop(condition.key, None)
        if alarm is None:
            _open(scope, condition, now)
            changed = True
        else:
            changed |= _see(alarm, condition, now)
    for alarm in held.values():
        is_ahead = alarm.seen_at > now + AHEAD
        if alarm.seen_at <= now - timedelta(seconds=clear_s) or is_ahead:
            _close(alarm, now)
            changed = True
    if changed:
        live.announce("alarms")


def close_forgotten(*, now: datetime) -> None:
    """Ends alarms of machines on which nothing of ours runs any more."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE operations_alarm a SET closed_at = %s FROM operations_round r "
            "WHERE a.scope <> '' AND a.closed_at IS NULL AND r.scope = a.scope AND r.at < %s",
            [now, now - HOSTS_KEPT],
        )


def _open(scope: str, condition: Condition, now: datetime) -> None:
    alarm = Alarm.objects.create(
        scope=scope,
        kind=condition.kind,
        key=condition.key[:400],
        level=condition.level,
        values=condition.values,
        opened_at=now,
        seen_at=now,
    )
    _tell(alarm, "opened")


def _see(alarm: Alarm, condition: Condition, now: datetime) -> bool:
    """Notes that it still holds; whether a screen would show something else now."""
    is_worse = condition.level == "urgent" and alarm.level != "urgent"
    is_other = (alarm.kind, alarm.level) != (condition.kind, condition.level)
    alarm.kind, alarm.level = condition.kind, condition.level
    alarm.values, alarm.seen_at = condition.values, now
    alarm.save(update_fields=["kind", "level", "values", "seen_at"])
    if is_worse:
        _tell(alarm, "opened")
    return is_other


def _close(alarm: Alarm, now: datetime) -> None:
    alarm.closed_at = now
    alarm.save(update_fields=["closed_at"])
    _tell(alarm, "closed")


def _tell(alarm: Alarm, what: str) -> None:
    ways = ["webhook"] if settings.ALARM_WEBHOOK else []
    was_mailed = alarm.notices.filter(way="mail").exists()
    if settings.ALARM_EMAILS and (alarm.level == "urgent" or (what == "closed" and was_mailed)):
        ways.append("mail")
    Notice.objects.bulk_create(Notice(alarm=alarm, what=what, way=way) for way in ways)
