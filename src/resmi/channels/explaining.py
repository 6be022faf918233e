"""Why a message did not arrive: kept in English with it, read in one's own language."""

from __future__ import annotations

from functools import lru_cache

from django.utils.translation import gettext

from resmi.channels import rules, settling
from resmi.channels.whatsapp import errors, outlet


def said(kept: str) -> str:
    """A kept reason in the reader's language; what the channel itself said stays as it is."""
    for reason, step in _known():
        if kept.startswith(reason) and kept[len(reason) :].endswith(step):
            own = kept[len(reason) : len(kept) - len(step)].strip()
            parts = (reason and gettext(reason), own, step and gettext(step))
            return " ".join(part for part in parts if part)
    return kept


@lru_cache(maxsize=1)
def _known() -> tuple[tuple[str, str], ...]:
    """What a kept text begins and ends with, the most particular first."""
    problems = (*errors.known(), rules.WINDOW_CLOSED, settling.SPOILT)
    whole = ((text, "") for text in (settling.IN_DOUBT, settling.TOO_LATE, settling.UNCONNECTED))
    pairs = {(one.reason, one.next_step) for one in problems}
    return (*sorted(pairs, key=lambda pair: -len(pair[0])), *whole, ("", outlet.CHANGE_IT))
