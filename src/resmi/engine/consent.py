"""When a citizen may be asked for consent, and what their answer changes. Pure.

They are asked with one version of the agency's wording, and their answer is about that version. Who
was asked is not asked again within an interval, whatever they said; a no always ends a consent.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Literal

import msgspec

Said = Literal["yes", "no", "withdraw"]
Answer = Literal["given", "refused", "withdrawn"]


class ConsentAsked(msgspec.Struct, frozen=True, tag="consent_asked", kw_only=True):
    """The message that follows asks the citizen for consent, with `version` of the wording.

    `language` is the text they read.
    """

    version: int
    language: str


class ConsentAnswered(msgspec.Struct, frozen=True, tag="consent_answered", kw_only=True):
    """The citizen said yes or no to `version` of the wording, or took a consent back.

    `version` 0: whatever they had agreed to.
    """

    version: int
    answer: Answer


class Known(msgspec.Struct, frozen=True, kw_only=True):
    """What is known of a citizen's consent.

    `version` and `texts` (by language) are the wording in force, 0 without one. `asked` is the
    version they were asked with last, at `at` (aware); 0: never. `answer` is what they said to it,
    "" nothing yet. `agreed`: a consent is in force, to that version or an older one.
    """

    version: int = 0
    texts: dict[str, str] = {}
    asked: int = 0
    at: datetime | None = None
    answer: Answer | Literal[""] = ""
    agreed: bool = False


def may_ask(known: Known, now: datetime, every: timedelta) -> bool:
    """Whether they may be asked now, with the wording in force."""
    if not known.version or (known.asked == known.version and known.answer == "given"):
        return False
    return known.at is None or now - known.at >= every


def heard(known: Known, said: Said, version: int = 0) -> Answer | None:
    """What a yes or no to `version`, or taking it back, changes; None when nothing.

    An answer to another version than they were asked with last is none.
    """
    if said == "withdraw":
        return "withdrawn" if known.agreed else None
    if not version or version != known.asked:
        return None
    if said == "yes":
        return None if known.answer == "given" else "given"
    if known.answer == "given":
        return "withdrawn"
    return "refused" if not known.answer else None


def asked(known: Known, now: datetime) -> Known:
    """After they were asked with the wording in force."""
    return msgspec.structs.replace(known, asked=known.version, at=now, answer="")


def answered(known: Known, answer: Answer) -> Known:
    """After an answer of `heard`."""
    if answer == "withdrawn":
        is_newest = known.answer == "given"
        return msgspec.structs.replace(
            known, agreed=False, answer=answer if is_newest else known.answer
        )
    return msgspec.structs.replace(known, answer=answer, agreed=answer == "given")


def in_language(texts: Mapping[str, str], language: str) -> tuple[str, str]:
    """The language somebody of `language` is asked in (else English, else any), and the text."""
    found = next((one for one in (language, "en") if one in texts), min(texts))
    return found, texts[found]
