"""Template tags of the desk: `{% load desk_tags %}`."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any, NamedTuple

from django import template
from django.http import HttpRequest
from django.middleware.csrf import get_token
from django.utils.html import format_html
from django.utils.safestring import SafeString

from resmi.agency import durations
from resmi.agency.machines import wording as machines
from resmi.agency.templatetags import ui
from resmi.bot import services as bot
from resmi.channels import explaining, unhandled, uploads
from resmi.channels.models import MediaFile
from resmi.desk import drawing, guiding, once, phones, shown, wording

register = template.Library()

# What a browser may draw by itself; everything else is a download.
_IMAGES = ("image/jpeg", "image/png", "image/webp", "image/gif")
_MASKED = "_desk_masked"
_PREFIXES = {"audio/": "audio", "video/": "video"}


class Said(NamedTuple):
    """An icon, a word and a status suffix of the design system."""

    icon: str
    word: str
    tone: str


@register.simple_tag(takes_context=True)
def row(context: template.Context, row: shown.ListRow, section: str) -> SafeString:
    """A row of the list `section`, one of the desk's."""
    may, user = context["may"], context["user"]
    viewer = drawing.Viewer(
        account=user.pk if section == "mine" else 0,
        serves=may["serve_citizens"],
        moves=may["move_conversations"],
    )
    current = row.row.id == context.get("current")
    return drawing.row(
        row, section, viewer, current=current, fields=lambda: _fields(context["request"])
    )


@register.simple_tag(takes_context=True)
def form_fields(context: template.Context) -> SafeString:
    """What every form of the desk carries: the request token and the token that acts once."""
    later: Callable[..., SafeString] | None = context.get(ui.LATER)
    return later("fields") if later else _fields(context["request"])


def _fields(request: HttpRequest) -> SafeString:
    return format_html(
        '<input type="hidden" name="csrfmiddlewaretoken" value="{}">'
        '<input type="hidden" name="{}" value="{}">',
        _token(request),
        once.FIELD,
        once.new_token(),
    )


def _token(request: HttpRequest) -> str:
    """The request token: to mask it anew for each of fifty forms would take a tenth of a page."""
    known: str | None = getattr(request, _MASKED, None)
    if known is None:
        known = get_token(request)
        setattr(request, _MASKED, known)
    return known


@register.filter
def tag_of(content: Any) -> str:
    """The kind of a message content, e.g. `text`."""
    return str(content.__struct_config__.tag) if content is not None else ""


@register.filter
def shows_as(media: MediaFile) -> str:
    """`image`, `audio` or `video` when the browser may show the file in place, else empty."""
    mime = media.mime.partition(";")[0].strip().lower()
    if mime in _IMAGES:
        return "image"
    return next((kind for prefix, kind in _PREFIXES.items() if mime.startswith(prefix)), "")


@register.filter
def media_word(kind: str) -> str:
    """How a kind of file is called."""
    return str(wording.MEDIA.get(kind, kind))


@register.simple_tag
def verdict_word(status: str) -> Said:
    """How a verdict is called."""
    return _said(wording.VERDICT, status)


@register.simple_tag
def status_word(status: str) -> Said:
    """How a conversation's status is called."""
    return _said(wording.STATUS, status)


@register.simple_tag
def delivery_word(status: str) -> Said:
    """How far a message got."""
    return _said(wording.DELIVERY, status)


@register.simple_tag
def presence_word(status: str) -> Said:
    """How an agent's presence is called."""
    word, tone = wording.PRESENCE.get(status, (status, "plain"))
    return Said("", str(word), tone)


def _said(words: dict[str, tuple[str, wording.Word, str]], status: str) -> Said:
    icon, word, tone = words.get(status, ("info", status, "plain"))
    return Said(icon, str(word), tone)


@register.simple_tag
def points_of(row: Any) -> str:
    """How many points of a row's script are ticked, as `2/5`; empty when it goes by none."""
    guide = guiding.of_row(row.row, bot.current_pack(), "")
    return f"{guide.done}/{len(guide.steps)}" if guide.steps else ""


@register.filter
def language_word(code: str) -> str:
    """A language's name in the reader's own language; the code when nobody knows it."""
    return wording.language(code)


@register.filter
def channel_word(kind: str) -> str:
    """How a kind of channel is called."""
    return str(wording.CHANNEL.get(kind, kind))


@register.filter
def is_named(channel: str) -> bool:
    """Whether somebody gave the channel a name: it begins with its bare number."""
    return wording.is_named(channel)


@register.filter
def channel_called(channel: str, kind: str) -> str:
    """A channel's name; one without goes by its kind and number."""
    return wording.channel(channel, kind)


@register.filter
def item_word(kind: str) -> str:
    """How a kind of inbound item is called."""
    return str(wording.ITEM.get(kind, kind))


@register.filter
def why_unsent(kept: str) -> str:
    """Why a message did not arrive or a channel stopped, in the reader's language."""
    return explaining.said(kept)


@register.filter
def why_unhandled(kept: str) -> unhandled.Why:
    """Why an inbound item could not be handled and what to do, in the reader's language."""
    return unhandled.why(kept)


@register.filter
def machine_trouble(kept: str) -> str:
    """Why a service gave no translation or transcript, in the reader's language."""
    return machines.said(kept)


@register.filter
def masked(phone: str) -> str:
    """A phone number of which only the end shows."""
    return phones.masked(phone)


@register.filter
def last_digits(phone: str) -> str:
    """The part of a number that stays visible."""
    return phone[-phones.VISIBLE :]


@register.filter
def as_seconds(seconds: float) -> str:
    """How long a sound plays: `0:07`."""
    return durations.clock(round(seconds))


@register.simple_tag
def media_trouble(media: MediaFile | None) -> wording.FileTrouble:
    """Why a file is not here, and what to do; a file nobody knows of is simply lost."""
    state = media.state if media is not None else ""
    return wording.MEDIA_TROUBLE.get(state, wording.MEDIA_TROUBLE["failed"])


@register.simple_tag
def attach_limits() -> str:
    """The types and sizes (bytes) the channel takes, as JSON for the composer."""
    return json.dumps(uploads.largest_by_type())


@register.filter
def as_clock(seconds: int) -> str:
    """Seconds as minutes and seconds: `1:30`."""
    return durations.clock(seconds)
