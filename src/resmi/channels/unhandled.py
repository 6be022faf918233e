"""Why an inbound item could not be handled: kept in English with it, read in one's own language.

What is kept is known again by its form, so that old rows read as new ones do. Of each reason follow
its code, the values in it, and what to do next. Pure but for the reader's language.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple

from django.utils.translation import gettext, gettext_noop


class Why(NamedTuple):
    """A kept reason as known again: `code` is stable, empty for words nobody knows."""

    code: str
    values: dict[str, str]
    reason: str
    next_step: str


class _Known(NamedTuple):
    code: str
    kept: re.Pattern[str]
    reason: str
    next_step: str


_TAKE_ON = gettext_noop(
    "If the number is ours, take it on in the list of these items. Otherwise another account is "
    "set to write to this address: change that in its settings at WhatsApp."
)
_UPDATE = gettext_noop(
    "WhatsApp may have changed its form. Update Resmi, then replay; until then the item is kept."
)
_LOOK_BETWEEN = gettext_noop(
    "A replay changes nothing. If more of them come, look at what stands between WhatsApp and this "
    "server, such as a proxy."
)
REPORT = gettext_noop(
    "Replay it. If it comes back, this is a fault of Resmi: report it with these words and the "
    "number of the item, and replay after an update."
)
# A part of a post that could not be read stands before the reason.
_PART = re.compile(
    r"(?P<part>entry|change|messages|statuses|calls|message_echoes|user_preferences|errors): "
)


def _known(code: str, kept: str, reason: str, next_step: str = _UPDATE) -> _Known:
    return _Known(code, re.compile(kept, re.DOTALL), reason, next_step)


_QUOTED = r"""['"](?P<value>.*)['"]"""
_ALL = (
    _known(
        "unknown_number",
        r"phone number id (?P<number>\S+) is no channel of ours",
        gettext_noop("The phone number with the id %(number)s is no channel of ours."),
        _TAKE_ON,
    ),
    _known(
        "unknown_account",
        r"no phone number id and no channel of that account",
        gettext_noop("It names no phone number, and no channel of ours is of its account."),
        _TAKE_ON,
    ),
    _known(
        "no_number",
        r"it names no number of ours",
        gettext_noop("It names no number of ours."),
        _TAKE_ON,
    ),
    _known("no_entry", r"no entry", gettext_noop("The post holds no entry.")),
    _known(
        "empty_entry", r"entry without changes", gettext_noop("It is an entry without content.")
    ),
    _known(
        "stored_unread",
        r"it was stored as unreadable",
        gettext_noop("It could not be read when it came, and still can not."),
    ),
    _known(
        "damaged",
        r"(?P<own>JSON is malformed.*|Input data was truncated.*|.*codec can't decode.*)",
        gettext_noop("The bytes are damaged or cut off: %(own)s"),
        _LOOK_BETWEEN,
    ),
    _known("nested", r"nested too deeply", gettext_noop("It is nested too deeply to be read.")),
    _known(
        "shape",
        r"(?P<own>(?:Expected|Object|Invalid|Integer|Number|String) .*)",
        gettext_noop("It has another form than expected: %(own)s"),
    ),
    _known("nobody", r"nobody is named", gettext_noop("It does not say who it is from.")),
    _known("no_time", r"no time", gettext_noop("It does not say when it was sent.")),
    _known(
        "no_reader",
        rf"no reader for items of kind {_QUOTED}",
        gettext_noop("Items of the kind “%(value)s” are not known here."),
    ),
    _known(
        "status_of_nothing",
        r"a status of no message",
        gettext_noop("It is a status, but does not say of which message."),
    ),
    _known(
        "no_such_status",
        rf"no such status: {_QUOTED}",
        gettext_noop("The status “%(value)s” is not known here."),
    ),
    _known(
        "no_such_preference",
        rf"no such preference: {_QUOTED}",
        gettext_noop("The wish “%(value)s” about messages is not known here."),
    ),
    _known(
        "call_without_event",
        r"a call without event",
        gettext_noop("It is a call, but does not say what happened."),
    ),
    _known(
        "half_identity",
        r"(?P<value>\S+) does not name both the old and the new",
        gettext_noop(
            "It tells of a new number (%(value)s), but does not name the old and the new."
        ),
    ),
    _known(
        "no_content",
        r"a message of type (?P<value>.*) without (?P=value)",
        gettext_noop("It is a message of the kind “%(value)s” without its content."),
    ),
    _known("no_body", r"a text without body", gettext_noop("It is a text message without a text.")),
    _known(
        "no_file",
        r"(?P<value>\S+) without a file",
        gettext_noop("It is a message with a file (%(value)s), but names none."),
    ),
    _known(
        "no_contact",
        r"contacts without a contact",
        gettext_noop("It is a shared contact without a contact in it."),
    ),
    _known(
        "no_choice",
        r"a choice without id|a button without payload and text",
        gettext_noop("The citizen chose or pressed something, but it does not say what."),
    ),
    _known(
        "no_target",
        r"a change to an earlier message that names none",
        gettext_noop("It changes an earlier message, but does not say which."),
    ),
    _known(
        "failed",
        r"(?P<value>[A-Z]\w*): ?(?P<own>.*)",
        gettext_noop("Work on it failed: %(own)s (%(value)s)"),
        REPORT,
    ),
)


def why(kept: str) -> Why:
    """A kept reason in the reader's language; what programs said in it stays as it is."""
    part, rest = _split(kept)
    known, values = _found(rest)
    reason = gettext(known.reason) % values if known.reason else kept
    if part and known.reason:
        words = gettext("In the part “%(part)s”: %(reason)s")
        reason = words % {"part": part, "reason": reason}
        values = {**values, "part": part}
    return Why(known.code, values, reason, gettext(known.next_step) if kept else "")


def _split(kept: str) -> tuple[str, str]:
    found = _PART.match(kept)
    return (found["part"], kept[found.end() :]) if found else ("", kept)


@lru_cache(maxsize=256)  # many items have the same reason
def _found(kept: str) -> tuple[_Known, dict[str, str]]:
    for known in _ALL:
        if found := known.kept.fullmatch(kept):
            return known, found.groupdict()
    return _known("", "", "", REPORT), {}
