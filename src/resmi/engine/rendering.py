"""Fits a message to what a channel can carry, so that no room asks which channel it is. Pure.

Nothing a citizen should read is dropped: what does not fit a control becomes text, what does not
fit one text becomes several. Rendering what was rendered changes nothing.
"""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Sequence
from typing import Literal

import msgspec

from resmi.engine import splitting
from resmi.engine.capabilities import Capabilities
from resmi.engine.content import (
    Choices,
    ContactRequest,
    LocationRequest,
    Media,
    Option,
    Outbound,
    Reaction,
    Template,
    Text,
)

Control = Literal["buttons", "list", "numbers"]
WITH_CAPTION = frozenset({"image", "video", "document"})
NO_LABEL = "☰"
NO_BODY = "…"


def render(content: Outbound, capabilities: Capabilities) -> tuple[Outbound, ...]:
    """The messages that say `content` on this channel, in order.

    Empty only if there is nothing to say: a blank text, or a reaction where there are none.
    """
    match content:
        case Text():
            return _texts(content.body, capabilities, link_preview=content.link_preview)
        case Choices():
            return _choices(content, capabilities)
        case Media():
            return _media(content, capabilities)
        case Template():
            return _template(content, capabilities)
        case LocationRequest():
            return _request(content, capabilities.location_request, capabilities)
        case ContactRequest():
            return _request(content, capabilities.contact_request, capabilities)
        case Reaction():
            return (content,) if capabilities.reactions else ()


def control_for(options: Sequence[Option], capabilities: Capabilities) -> Control:
    """How the options are shown: as buttons, as rows of a list, or as numbers in the text."""
    distinct = len({option.id for option in options}) == len(options) > 0
    if not distinct:
        return "numbers"
    if len(options) <= capabilities.buttons and _are_short(options, capabilities):
        return "buttons"
    return "list" if len(options) <= capabilities.list_rows else "numbers"


def option_for(text: str, choices: Choices) -> str | None:
    """The id of the option a typed answer means: its number as listed, or its title.

    None if it means none, or if number and title mean different ones: then we have to ask again.
    """
    answer = _plain(text)
    titled = {option.id for option in choices.options if _plain(option.title) == answer}
    numbered = _numbered(answer, choices.options)
    meant = titled | numbered
    return meant.pop() if answer and len(meant) == 1 else None


def _numbered(answer: str, options: Sequence[Option]) -> set[str]:
    digits = answer.strip(" .)(#:")
    if not (digits.isascii() and digits.isdigit() and len(digits) <= 4):
        return set()
    number = int(digits)
    return {options[number - 1].id} if 1 <= number <= len(options) else set()


def _plain(text: str) -> str:
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())


def _texts(
    body: str, capabilities: Capabilities, *, link_preview: bool = False
) -> tuple[Text, ...]:
    pieces = splitting.split(body, capabilities.text_length)
    return tuple(Text(piece, link_preview=link_preview) for piece in pieces)


def _are_short(options: Sequence[Option], capabilities: Capabilities) -> bool:
    titles = {_title(option) for option in options}
    return len(titles) == len(options) and all(
        len(_title(option)) <= capabilities.button_title_length and not option.description
        for option in options
    )


def _title(option: Option) -> str:
    return " ".join(option.title.split()) or option.id


def _choices(content: Choices, capabilities: Capabilities) -> tuple[Outbound, ...]:
    fitted = _with_room_for_edges(content, capabilities)
    control = control_for(fitted.options, capabilities)
    if control == "list":
        rows = _rows(fitted.options, capabilities)
        if rows is None:
            control = "numbers"
        else:
            label = splitting.shorten(content.button or NO_LABEL, capabilities.list_button_length)
            fitted = msgspec.structs.replace(
                fitted, options=rows, button=label if capabilities.list_button_length else ""
            )
    if control == "numbers":
        return _texts(_with_numbers(content), capabilities)
    if control == "buttons":
        short = tuple(msgspec.structs.replace(o, title=_title(o)) for o in fitted.options)
        fitted = msgspec.structs.replace(fitted, options=short, button="")
        return _with_short_body(fitted, capabilities.buttons_body_length, capabilities)
    return _with_short_body(fitted, capabilities.list_body_length, capabilities)


def _with_room_for_edges(content: Choices, capabilities: Capabilities) -> Choices:
    """Header and footer where the channel has them, in the body where not."""
    header, footer = " ".join(content.header.split()), " ".join(content.footer.split())
    body = content.body.strip()
    if len(header) > capabilities.header_length:
        body, header = f"{header}\n\n{body}", ""
    if len(footer) > capabilities.footer_length:
        body, footer = f"{body}\n\n{footer}", ""
    return msgspec.structs.replace(content, body=body.strip(), header=header, footer=footer)


def _with_short_body(
    content: Choices, limit: int, capabilities: Capabilities
) -> tuple[Outbound, ...]:
    """Text first, then the question with the last words of a body too long for it."""
    beginning, end = splitting.split_end(content.body, limit or capabilities.text_length)
    if not beginning:
        return (msgspec.structs.replace(content, body=end or NO_BODY),)
    lead = f"{content.header}\n\n{beginning}" if content.header else beginning
    question = msgspec.structs.replace(content, body=end, header="")
    return (*_texts(lead, capabilities), question)


def _rows(options: Sequence[Option], capabilities: Capabilities) -> tuple[Option, ...] | None:
    """Options whose titles fit a list row and differ; None if they can't be told apart."""
    titles = _distinct([_title(option) for option in options], capabilities.list_title_length)
    if titles is None:
        return None
    length = capabilities.list_description_length
    return tuple(
        msgspec.structs.replace(
            option, title=title, description=_description(option, title, length)
        )
        for option, title in zip(options, titles, strict=True)
    )


def _description(option: Option, title: str, length: int) -> str:
    """The description; before it the whole title, if the row shows only part of it."""
    whole = _title(option)
    words = option.description if whole in title else f"{whole} — {option.description}"
    return splitting.shorten(words.removesuffix(" — "), length) if length else ""


def _distinct(titles: Sequence[str], limit: int) -> list[str] | None:
    """Titles cut to `limit` that still differ: from the end, in the middle, or numbered."""
    for cut in (splitting.shorten, splitting.shorten_middle):
        short = [cut(title, limit) for title in titles]
        if len(set(short)) == len(short):
            return short
    counts = Counter(short)
    numbered = [
        splitting.shorten(f"{number}. {title}", limit) if counts[cut_title] > 1 else cut_title
        for number, (title, cut_title) in enumerate(zip(titles, short, strict=True), start=1)
    ]
    return numbered if len(set(numbered)) == len(numbered) else None


def _with_numbers(content: Choices) -> str:
    lines = [
        f"{number}. {_title(option)}" + (f" — {option.description}" if option.description else "")
        for number, option in enumerate(content.options, start=1)
    ]
    parts = (content.header, content.body, "\n".join(lines), content.footer)
    return "\n\n".join(part.strip() for part in parts if part.strip())


def _media(content: Media, capabilities: Capabilities) -> tuple[Outbound, ...]:
    if not content.caption.strip():
        content = msgspec.structs.replace(content, caption="")
    kind = "audio" if content.kind == "voice" else content.kind
    carried = content.kind in capabilities.media_kinds
    if not carried and kind not in capabilities.media_kinds:
        return _texts(content.caption or content.filename, capabilities)
    if not carried:
        content = msgspec.structs.replace(content, kind="audio")
    if content.kind in WITH_CAPTION:
        if len(content.caption) <= capabilities.caption_length:
            return (content,)
    elif not content.caption:
        return (content,)
    bare = msgspec.structs.replace(content, caption="")
    return (bare, *_texts(content.caption, capabilities))


def _template(content: Template, capabilities: Capabilities) -> tuple[Outbound, ...]:
    if capabilities.templates:
        return (content,)
    return _texts(content.preview or content.name, capabilities)


def _request(
    content: LocationRequest | ContactRequest, carried: bool, capabilities: Capabilities
) -> tuple[Outbound, ...]:
    if not carried:
        return _texts(content.body, capabilities)
    limit = capabilities.buttons_body_length or capabilities.text_length
    beginning, end = splitting.split_end(content.body, limit)
    question = msgspec.structs.replace(content, body=end or NO_BODY)
    return (*_texts(beginning, capabilities), question)
