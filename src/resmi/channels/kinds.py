"""Which kinds of channels there are: what each can carry and how its items are read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from resmi.channels.items import Item
from resmi.channels.whatsapp import people, reading
from resmi.engine.capabilities import Capabilities


class Reader(Protocol):
    """Turns a stored item into what it means."""

    def __call__(self, kind: str, raw: bytes, envelope: bytes, *, scope: str) -> Item:
        """Raises `channels.errors.Unreadable`."""


@dataclass(frozen=True, kw_only=True)
class Adapter:
    """One kind of channel."""

    capabilities: Capabilities
    read: Reader


# Meta, "Interactive messages" and "Send messages" (2025-11); lengths in characters.
WHATSAPP = Capabilities(
    text_length=4096,
    caption_length=1024,
    buttons=3,
    button_title_length=20,
    buttons_body_length=1024,
    list_rows=10,
    list_title_length=24,
    list_description_length=72,
    list_button_length=20,
    list_body_length=4096,
    header_length=60,
    footer_length=60,
    window_s=24 * 60 * 60,
    templates=True,
    typing=True,
    read_marks=True,
    reactions=True,
    location_request=True,
    contact_request=True,
    media_kinds=frozenset({"image", "video", "audio", "voice", "document", "sticker"}),
)

ADAPTERS: Mapping[str, Adapter] = {
    people.KIND: Adapter(capabilities=WHATSAPP, read=reading.read),
}
