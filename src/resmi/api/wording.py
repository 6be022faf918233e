"""How a status looks and is called where people without an account see it."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


@dataclass(frozen=True, kw_only=True)
class Word:
    """A status in words, beside a `sign`, in the colour of its `tone`."""

    short: str | Promise
    tone: str
    sign: str


WORDS: dict[str, Word] = {
    "licensed": Word(short=_("Licensed"), tone="healthy", sign="check"),
    "confirm": Word(short=_("Not exactly this name"), tone="waiting", sign="question"),
    "revoked": Word(short=_("Licence revoked"), tone="breach", sign="stop"),
    "illegal": Word(short=_("On the illegal list"), tone="breach", sign="stop"),
    "ambiguous": Word(short=_("Several names fit"), tone="waiting", sign="question"),
    "similar": Word(short=_("Not in the register, only similar"), tone="window", sign="warning"),
    "unknown": Word(short=_("Not in the register"), tone="plain", sign="none"),
}
"""Every status of `resmi.registry.rules.Status`."""
