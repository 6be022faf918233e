"""The bot's words as HTML: paragraphs, lines, lists and bold, and nothing else. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator

from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

_BOLD = re.compile(r"(?<![\w*])\*(?=\S)([^*\n]+?)(?<=\S)\*(?![\w*])")
_ITEM = re.compile(r"(?:(?P<bullet>•)|(?P<number>\d{1,2})\.) +(?P<text>.+)")


def html(text: str) -> SafeString:
    """Chat text as HTML. Everything in it is escaped; only our own elements are added."""
    return mark_safe("".join(_blocks(text.strip().split("\n"))))


def _blocks(lines: list[str]) -> Iterator[str]:
    paragraph: list[str] = []
    items: list[str] = []
    kind = ""
    for line in (*lines, "", "\0"):
        item = _ITEM.fullmatch(line.strip())
        if item or not line.strip():
            yield from _paragraph(paragraph)
        if item:
            kind = "ul" if item["bullet"] else "ol"
            items.append(_inline(item["text"]))
        elif line.strip():
            yield from _list(kind, items)
            paragraph.append(_inline(line.strip()))


def _paragraph(lines: list[str]) -> Iterator[str]:
    if lines:
        yield f"<p>{'<br>'.join(lines)}</p>"
        lines.clear()


def _list(kind: str, items: list[str]) -> Iterator[str]:
    if items:
        yield f"<{kind}>{''.join(f'<li>{item}</li>' for item in items)}</{kind}>"
        items.clear()


def _inline(text: str) -> str:
    return _BOLD.sub(r"<strong>\1</strong>", escape(text))
