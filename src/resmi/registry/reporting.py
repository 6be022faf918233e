"""Answers somebody calls false: taken down, looked at, decided."""

from __future__ import annotations

from typing import Any

import msgspec
from django.db import transaction
from django.utils import timezone

from resmi.agency import live
from resmi.agency import services as agency
from resmi.agency.models import User
from resmi.registry import services
from resmi.registry.errors import NotNow
from resmi.registry.models import FalseAnswer
from resmi.registry.receipts import changes
from resmi.registry.receipts.changes import Today
from resmi.registry.rules import Verdict

COMMENT_LENGTH = 1000
MOST_ALIKE = 20


@transaction.atomic
def report(
    *,
    actor: User | None,
    query: str,
    verdict: dict[str, Any],
    conversation: int | None = None,
    seq: int | None = None,
    comment: str = "",
) -> FalseAnswer:
    """Takes down that an answer was wrong; the same line of the log only once.

    Words that come later are added while there are none and nobody has decided.
    """
    given = msgspec.convert(verdict, Verdict)
    made, new = FalseAnswer.objects.get_or_create(
        conversation=conversation,
        seq=seq,
        defaults={
            "query": query,
            "verdict": verdict,
            "version": given.version,
            "comment": comment.strip()[:COMMENT_LENGTH],
            "reported_by": actor,
        },
    )
    if not new and comment.strip() and not (made.comment or made.outcome):
        made.comment = comment.strip()[:COMMENT_LENGTH]
        made.save(update_fields=["comment"])
    if new:
        target = f"answer:{made.pk}"
        agency.record_audit(actor=actor, action="false_answer_reported", target=target)
        live.announce("alarms", false_answer=made.pk)
    return made


@transaction.atomic
def report_by_visitor(*, query: str, verdict: dict[str, Any], comment: str = "") -> FalseAnswer:
    """Takes down what a visitor of the public pages says was wrong.

    Visitors have no line in a log: the same answer with the same words is taken down once while
    nobody has looked at it.
    """
    given = msgspec.convert(verdict, Verdict)
    comment = comment.strip()[:COMMENT_LENGTH]
    same = FalseAnswer.objects.filter(
        conversation=None, query=query, version=given.version, outcome="", comment=comment
    )
    for known in same[:MOST_ALIKE]:
        if known.verdict.get("status") == given.status:
            return known
    made = FalseAnswer.objects.create(
        query=query, verdict=verdict, version=given.version, comment=comment
    )
    agency.record_audit(actor=None, action="false_answer_reported", target=f"answer:{made.pk}")
    live.announce("alarms", false_answer=made.pk)
    return made


@transaction.atomic
def decide(*, actor: User, report_id: int, outcome: str, decision: str) -> None:
    """Says what came of a report. Raises `NotNow`: `gone`, or `unnamed` without words."""
    if not decision.strip():
        raise NotNow("unnamed")
    made = FalseAnswer.objects.select_for_update().filter(pk=report_id, outcome="").first()
    if made is None:
        raise NotNow("gone")
    made.outcome, made.decision = outcome, decision.strip()[:COMMENT_LENGTH]
    made.decided_by, made.decided_at = actor, timezone.now()
    made.save()
    agency.record_audit(
        actor=actor,
        action="false_answer_decided",
        target=f"answer:{made.pk}",
        after={"outcome": outcome, "decision": made.decision},
    )
    live.announce("alarms", false_answer=made.pk)


def replay(made: FalseAnswer) -> tuple[Verdict, Today]:
    """The answer as it was given, and today's to the same question."""
    then = msgspec.convert(made.verdict, Verdict)
    index = services.current_index()
    today = changes.today(
        then,
        # Asked again even of the same version, for what reads the register may have been mended.
        version=-1,
        source=index.source,
        as_of=index.as_of,
        verify=lambda name: index.verify(name, whole=True),
    )
    return then, today
