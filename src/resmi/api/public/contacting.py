"""Where a visitor goes on in a conversation: our WhatsApp number, with words ready to send."""

from __future__ import annotations

import re
from urllib.parse import urlencode

from django.conf import settings

from resmi.bot import services as bot
from resmi.bot import wording as words
from resmi.channels.models import Channel

SHORTEST_NUMBER = 8
_NOT_DIGITS = re.compile(r"[^0-9]")


def watch_link(name: str, language: str) -> str:
    """Opens WhatsApp with "tell me if this changes" about a name; "" without a number of ours."""
    pack = bot.current_pack()
    reply = pack.replies[pack.spoken(language)]["watch_request"]
    return link(reply.render({"name": words.plain(name)}))


def link(text: str = "") -> str:
    """Opens WhatsApp with a text ready to send; "" while no number can be written to.

    In a demo it is the phone on the screen, for its number is nobody's.
    """
    number = _number()
    if not number:
        return ""
    query = f"?{urlencode({'text': text})}" if text else ""
    if settings.MODE == "demo" and settings.SIMULATOR_URL:
        return f"{settings.SIMULATOR_URL}/phone{query}"
    return f"https://wa.me/{number}{query}"


def _number() -> str:
    """What people dial to reach the first WhatsApp number that sends, as digits."""
    rows = Channel.objects.filter(kind="whatsapp", paused_at=None).exclude(display_address="")
    for dialled in rows.order_by("id").values_list("display_address", flat=True):
        digits = _NOT_DIGITS.sub("", dialled)
        if len(digits) >= SHORTEST_NUMBER:
            return digits
    return ""
