"""Why a service gave no text: kept in English with the conversation, read in one's own language."""

from __future__ import annotations

import re

from django.utils.translation import gettext, gettext_noop

SILENT = gettext_noop("The service did not answer within a minute.")
AWAY = gettext_noop("The service could not be reached.")
EMPTY = gettext_noop("The service answered without a text.")
UNREADABLE = gettext_noop("The service answered something that can't be read.")
REFUSED = gettext_noop("The service refused with status %(status)s.")
TOO_LONG = gettext_noop("The sound has more than %(most)s MB.")

_ALL = (SILENT, AWAY, EMPTY, UNREADABLE, REFUSED, TOO_LONG)


def refused(status: int, words: str) -> str:
    """What is kept when the service refuses; `words` are its own, empty if it gave none."""
    text = REFUSED % {"status": status}
    return f"{text.removesuffix('.')}: {words}" if words else text


def said(kept: str) -> str:
    """A kept reason in the reader's language; what the service said itself stays as it is."""
    for text in _ALL:
        if found := _pattern(text).match(kept):
            words, rest = gettext(text) % found.groupdict(), kept[found.end() :]
            return words.removesuffix(".") + rest if rest else words
    return kept


def _pattern(text: str) -> re.Pattern[str]:
    """A text with values in its places, ended by a full stop or by what the service said."""
    words = re.escape(text.removesuffix(".")).replace("%\\(", "%(").replace("\\)s", ")s")
    return re.compile(re.sub(r"%\((\w+)\)s", r"(?P<\1>\\d+)", words) + r"(?:\.|(?=: )|$)")
