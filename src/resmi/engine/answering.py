"""What an agent's answer settles, and what stands again when it is taken back. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import msgspec

KEPT = 4
"""How many of the newest answers can be taken back; it is a matter of seconds."""


class Standing(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """How far a citizen has been answered; the fields are those of `Conversation`."""

    unanswered: int = 0
    unanswered_since: datetime | None = None
    answered_at: datetime | None = None
    levels_told: tuple[str, ...] = ()
    callback: str = ""
    last_preview: str = ""


class Answer(msgspec.Struct, frozen=True):
    """The agent's message `ref`, and what stood before it."""

    ref: str
    before: Standing


def answered(now: Standing, at: datetime, *, is_asked: bool) -> Standing:
    """After an agent answered; `is_asked`: it had been handed over to people."""
    return msgspec.structs.replace(
        now,
        unanswered=0,
        unanswered_since=None,
        answered_at=(now.answered_at or at) if is_asked else now.answered_at,
        levels_told=tuple(
            told for told in now.levels_told if not told.startswith("next_response:")
        ),
    )


def remembered(answers: Sequence[Answer], ref: str, before: Standing) -> tuple[Answer, ...]:
    """The answers that can be taken back, with the one that is given now."""
    return (*answers, Answer(ref, before))[-KEPT:]


def taken_back(
    answers: Sequence[Answer], ref: str, now: Standing
) -> tuple[tuple[Answer, ...], Standing]:
    """What can still be taken back, and what stands, once the answer `ref` was never given."""
    place = next((at for at, one in enumerate(answers) if one.ref == ref), None)
    if place is None:
        return tuple(answers), now
    before, later = answers[place].before, list(answers[place + 1 :])
    if later:
        later[0] = Answer(later[0].ref, _without(before, later[0].before))
        return (*answers[:place], *later), now
    return tuple(answers[:place]), _without(before, now)


def _without(before: Standing, after: Standing) -> Standing:
    """What stood `before` an answer, with all that the citizen wrote until `after`."""
    return msgspec.structs.replace(
        before,
        unanswered=before.unanswered + after.unanswered,
        unanswered_since=before.unanswered_since or after.unanswered_since,
        last_preview=after.last_preview if after.unanswered else before.last_preview,
    )
