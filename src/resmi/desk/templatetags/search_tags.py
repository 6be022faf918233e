"""Template tags of search: `{% load search_tags %}`."""

from __future__ import annotations

from collections.abc import Iterator

from django import template
from django.utils.html import escape, format_html, format_html_join
from django.utils.safestring import SafeString

from resmi.conversations.queries.search import Cursor, Hit
from resmi.conversations.wording import Snippet
from resmi.desk import wording

register = template.Library()


@register.filter
def marked(snippet: Snippet) -> SafeString:
    """A stretch of a message with what was looked for marked."""
    return format_html_join("", "{}", ((part,) for part in _parts(snippet)))


def _parts(snippet: Snippet) -> Iterator[SafeString]:
    at = 0
    for begin, end in snippet.marks:
        if begin >= at:
            yield escape(snippet.text[at:begin])
            yield format_html("<mark>{}</mark>", snippet.text[begin:end])
            at = end
    yield escape(snippet.text[at:])


@register.filter
def said_by(hit: Hit) -> str:
    """Who wrote what was found."""
    return wording.writer(hit.speaker, hit.author, is_note=hit.is_note)


@register.filter
def place(cursor: Cursor) -> str:
    """Where a page of results goes on, for the address."""
    return f"{cursor.conversation}.{cursor.seq}"
