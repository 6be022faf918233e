"""Writes of notices. Each runs in its own transaction; who sends and who ends is audited."""

from __future__ import annotations

from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from resmi.agency import live
from resmi.agency import rules as roles
from resmi.agency import services as agency
from resmi.agency.models import User
from resmi.routing.models import Notice, NoticeReading
from resmi.routing.notices import queries, rules


@transaction.atomic
def send(*, actor: User, body: str, queue: str, minutes: int) -> Notice:
    """Puts a notice on the desks of all agents, or of those of `queue` (a key), for `minutes`.

    Raises `roles.Forbidden`, and `ValueError` for no text, too long a text or another duration.
    """
    roles.check_may(actor.role, "move_conversations")
    body = " ".join(body.replace("\0", "").split())
    if not body or len(body) > rules.LONGEST or minutes not in rules.MINUTES:
        raise ValueError("A notice has a text of at most 300 characters and a known duration.")
    notice = Notice.objects.create(
        body=body, queue=queue, by=actor, until=timezone.now() + timedelta(minutes=minutes)
    )
    agency.record_audit(
        actor=actor,
        action="notice_sent",
        target=f"notice:{notice.pk}",
        after={"body": body, "queue": queue, "until": notice.until.isoformat()},
    )
    _tell(notice)
    return notice


@transaction.atomic
def end(*, actor: User, notice_id: int) -> None:
    """Takes a notice off all desks before its time. One that is over stays as it is."""
    roles.check_may(actor.role, "move_conversations")
    now = timezone.now()
    running = Notice.objects.select_for_update().filter(pk=notice_id, ended_at=None, until__gt=now)
    notice = running.first()
    if notice is None:
        return
    notice.ended_at = now
    notice.save(update_fields=["ended_at"])
    agency.record_audit(actor=actor, action="notice_ended", target=f"notice:{notice.pk}")
    _tell(notice)


def note_seen(*, actor: User, notice_id: int) -> None:
    """Notes that a notice stood before the agent's eyes; only the first time counts."""
    if any(one.pk == notice_id for one in queries.showing(actor)):
        NoticeReading.objects.bulk_create(
            [NoticeReading(notice_id=notice_id, agent=actor)], ignore_conflicts=True
        )


@transaction.atomic
def dismiss(*, actor: User, notice_id: int) -> None:
    """Puts a notice away from the agent's own desk, and from their other tabs."""
    note_seen(actor=actor, notice_id=notice_id)
    NoticeReading.objects.filter(notice=notice_id, agent=actor, dismissed_at=None).update(
        dismissed_at=timezone.now()
    )
    live.announce(f"agent:{actor.pk}", notice=notice_id)


def _tell(notice: Notice) -> None:
    accounts = queries.agents_of(notice.queue)
    live.announce_all([(f"agent:{account}", {"notice": notice.pk}) for account in accounts])
