"""What a channel can carry, declared once so that no room asks which channel it is."""

from __future__ import annotations

import msgspec


class Capabilities(msgspec.Struct, frozen=True, kw_only=True):
    """Limits and abilities of one kind of channel.

    Lengths are in Unicode code points; 0 means the channel has no such control at all.
    `window_s` is how long after a citizen's message free text is allowed, in seconds; 0 = always.
    """

    text_length: int
    caption_length: int
    buttons: int = 0
    button_title_length: int = 0
    buttons_body_length: int = 0
    list_rows: int = 0
    list_title_length: int = 0
    list_description_length: int = 0
    list_button_length: int = 0
    list_body_length: int = 0
    header_length: int = 0
    footer_length: int = 0
    window_s: int = 0
    templates: bool = False
    typing: bool = False
    read_marks: bool = False
    reactions: bool = False
    location_request: bool = False
    contact_request: bool = False
    media_kinds: frozenset[str] = frozenset()
