"""What follows for a delivery from what became of one try. Pure."""

from __future__ import annotations

from datetime import datetime, timedelta

import msgspec
from django.utils.translation import gettext_noop

from resmi.channels import rules
from resmi.channels.outcomes import Accepted, Held, Job, NotSent, Outcome, Refused, Uncertain
from resmi.channels.rules import Problem
from resmi.engine.content import Template

TRIED_FOR = timedelta(hours=24)
PAUSED_WAIT_S = 60.0
TYPING_USEFUL_FOR = timedelta(seconds=5)

IN_DOUBT = gettext_noop(
    "WhatsApp gave no answer: the message may have arrived or not. "
    "It is not sent again by itself; wait for a tick, or retry."
)
TOO_LATE = gettext_noop(
    "The message could not be sent in time and was taken back. Retry if it is still wanted."
)
UNCONNECTED = gettext_noop("No connection to the channel:")
SPOILT = Problem(
    kind="change",
    key="spoilt",
    reason=gettext_noop("The message as it is stored can't be read:"),
    next_step=gettext_noop("Write it again."),
)


class Claimed(msgspec.Struct, frozen=True, kw_only=True):
    """A delivery this sender alone may try now. `claim` marks the try; times are aware UTC.

    `spoilt` says what is wrong with a row that can't be read (any more).
    """

    id: int
    job: Job
    channel: int
    kind: str
    conversation: int | None
    lane: str
    attempts: int
    claim: datetime
    created_at: datetime
    window_closes_at: datetime | None = None
    spoilt: str = ""


class Settlement(msgspec.Struct, frozen=True, kw_only=True):
    """What to write. `shut_until` holds the lane (or the whole channel) back until then.

    `status` empty: the row goes, for it was a read mark or a typing sign. `pause` holds the reason
    to stop the channel.
    """

    status: str
    provider_id: str = ""
    not_before: datetime | None = None
    gives_way: bool = False
    code: str = ""
    error: str = ""
    pause: str = ""
    shut_lane_until: datetime | None = None
    shut_channel_until: datetime | None = None


def check_before(claimed: Claimed, now: datetime) -> Refused | Held | None:
    """Why it must not leave now: unreadable, after the window, or a late typing sign. Else None."""
    if claimed.spoilt:
        return Refused(msgspec.structs.replace(SPOILT, reason=f"{SPOILT.reason} {claimed.spoilt}"))
    if claimed.job.purpose == "typing" and now - claimed.created_at > TYPING_USEFUL_FOR:
        return Held(dropped=True)
    closes = claimed.window_closes_at
    is_free = claimed.job.purpose == "message" and not isinstance(claimed.job.content, Template)
    if is_free and closes is not None and now >= closes:
        return Refused(rules.WINDOW_CLOSED)
    return None


def settle(claimed: Claimed, outcome: Outcome | Held, now: datetime, jitter: float) -> Settlement:
    """What follows from a try; `jitter` in [0, 1) spreads the retries."""
    if claimed.job.purpose != "message":
        return _settle_mark(outcome)
    match outcome:
        case Accepted():
            return Settlement(status="accepted", provider_id=outcome.provider_id)
        case Uncertain():
            held = now + timedelta(seconds=outcome.hold_s) if outcome.hold_s else None
            said = f"{IN_DOUBT} ({outcome.reason})"
            return Settlement(status="unknown", error=said, shut_channel_until=held)
        case NotSent():
            wait = rules.retry_after("retry_short", claimed.attempts, jitter)
            return _again(now, wait or 0.0, error=f"{UNCONNECTED} {outcome.reason}")
        case Held():
            return _again(now, 0.0)
        case Refused():
            return _settle_refusal(claimed, outcome.problem, now, jitter)


def settle_late(settlement: Settlement) -> Settlement:
    """What follows if the try was given up on before it ended: it never begins another one."""
    if settlement.status == "queued":
        return Settlement(status="failed", code=settlement.code, error=TOO_LATE)
    return settlement


def _settle_mark(outcome: Outcome | Held) -> Settlement:
    """Read marks and typing signs are tried once: late ones would only confuse."""
    if isinstance(outcome, Refused) and outcome.problem.kind == "account":
        return Settlement(status="", pause=outcome.problem.words())
    return Settlement(status="")


def _settle_refusal(claimed: Claimed, problem: Problem, now: datetime, jitter: float) -> Settlement:
    if problem.kind == "account":
        again = _again(now, PAUSED_WAIT_S, code=problem.code, error=problem.words())
        return msgspec.structs.replace(again, pause=problem.words())
    wait = rules.retry_after(
        problem.kind,
        claimed.attempts,
        jitter,
        least_s=problem.least_s,
        most_tries=problem.most_tries,
    )
    if wait is None or now - claimed.created_at > TRIED_FOR:
        return Settlement(status="failed", code=problem.code, error=problem.words())
    again = _again(now, wait, code=problem.code, error=problem.words())
    return msgspec.structs.replace(
        again,
        gives_way=problem.kind == "retry_long" and not problem.whole_channel,
        shut_lane_until=again.not_before if problem.kind == "retry_pair" else None,
        shut_channel_until=again.not_before if problem.whole_channel else None,
    )


def _again(now: datetime, wait_s: float, *, code: str = "", error: str = "") -> Settlement:
    return Settlement(
        status="queued", not_before=now + timedelta(seconds=wait_s), code=code, error=error
    )
