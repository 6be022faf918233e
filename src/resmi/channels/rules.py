"""How far a delivery got, how fast we may send, and when to try again. Pure.

Moments are whole microseconds since 1970, the resolution PostgreSQL keeps, so that limits are
exact.
"""

from __future__ import annotations

from typing import Literal

import msgspec
from django.utils.translation import gettext_noop

SECOND = 1_000_000

RANK: dict[str, int] = {
    "queued": 0,
    "sending": 5,
    "unknown": 8,
    "accepted": 10,
    "cancelled": 15,
    "sent": 20,
    "failed": 25,
    "delivered": 30,
    "read": 40,
}
"""How far along a status is. `failed` stands below `delivered`: a message that reached the phone
was delivered, whatever was said before (WhatsApp: `failed` replaces only `sent`)."""

ErrorClass = Literal[
    "retry_short", "retry_pair", "retry_long", "change", "user", "template", "account", "inbound"
]
"""What to do about a refusal: try again soon, slowly for this citizen, or much later; change the
message; leave the citizen alone; mend the template; mend the account; show it in the thread."""


def advance(current: str, reported: str) -> str:
    """The status after a report: the further of the two, so the order of reports is no matter.

    `played` (a voice message heard) counts as `read`. A status we do not know changes nothing.
    """
    status = "read" if reported == "played" else reported
    return status if RANK.get(status, -1) > RANK[current] else current


class Bucket(msgspec.Struct, frozen=True):
    """A token bucket kept as one moment (GCRA): `full_at`, when all tokens will be back.

    One token returns each `interval` microseconds, at most `burst` are saved up. In any span of `t`
    microseconds at most `burst + t // interval` are taken.
    """

    interval: int
    burst: int

    def latest(self, now: int) -> int:
        """The latest `full_at` with which one may still be taken `now`."""
        return now + (self.burst - 1) * self.interval

    def room(self, full_at: int, now: int) -> int:
        """How many may be taken now."""
        spare = self.latest(now) - max(full_at, now)
        return 0 if spare < 0 else spare // self.interval + 1

    def take(self, full_at: int, now: int, count: int = 1) -> int:
        """The bucket after taking `count`; the caller checked `room`."""
        return max(full_at, now) + count * self.interval

    def opens_at(self, full_at: int, now: int) -> int:
        """When the next one may be taken: `now` if there is room."""
        return max(now, full_at - (self.burst - 1) * self.interval)

    def shut_until(self, moment: int) -> int:
        """A bucket that gives nothing before `moment` and no burst just after it."""
        return moment + (self.burst - 1) * self.interval


PAIR = Bucket(interval=6 * SECOND, burst=45)
"""One message each 6 s to one citizen, 45 at once borrowed from the future (WhatsApp's limit)."""


def number_bucket(per_second: int) -> Bucket:
    """The bucket of one number that may send `per_second`: never more in any second.

    It sustains four fifths; the rest is the burst, and with it the headroom for what citizens send,
    which the channel counts too. Raises `ValueError` below 2.
    """
    if per_second < 2:
        raise ValueError(f"a number sends at least 2 messages per second, not {per_second}")
    sustained = per_second * 4 // 5
    return Bucket(interval=-(-SECOND // sustained), burst=per_second - sustained)


LONGEST_SHORT_WAIT_S = 60.0
LONGEST_PAIR_POWER = 6


def retry_after(
    kind: ErrorClass, tries: int, jitter: float, *, least_s: float = 0.0, most_tries: int = 0
) -> float | None:
    """Seconds until the next try after `tries` failed ones (1 or more); None: give up.

    `jitter` in [0, 1) spreads the short waits over half to all of their length. `least_s` is what
    the channel or its documentation asks for; `most_tries` 0 sets no limit.
    """
    if most_tries and tries >= most_tries:
        return None
    if kind == "retry_short":
        wait = min(LONGEST_SHORT_WAIT_S, 2.0 ** min(tries - 1, 10))
        return max(least_s, wait * (0.5 + jitter / 2))
    if kind == "retry_pair":
        return max(least_s, 4.0 ** min(tries, LONGEST_PAIR_POWER))
    if kind == "retry_long":
        return max(least_s, 60.0) * (1 + jitter / 10)
    return None


class Problem(msgspec.Struct, frozen=True, kw_only=True):
    """A channel's refusal, in words for the people who have to act on it.

    `key` is stable, for translation; `reason` says what happened and `next_step` what to do, in
    English. `least_s` and `most_tries` bound the retries (see `retry_after`). `whole_channel` says
    that the limit holds for everything on the channel, not for this message alone.
    """

    kind: ErrorClass
    key: str
    reason: str
    next_step: str
    code: str = ""
    least_s: float = 0.0
    most_tries: int = 0
    whole_channel: bool = False

    def words(self) -> str:
        """What happened and what to do, as one text."""
        return f"{self.reason} {self.next_step}".strip()


WINDOW_CLOSED = Problem(
    kind="change",
    key="window_closed",
    code="131047",
    reason=gettext_noop("The 24-hour window closed before the message left."),
    next_step=gettext_noop("Send an approved template, or wait for the citizen to write."),
)
