"""Draws the rows of lists, each once for all who see it alike.

With every change in a queue all agents fetch their lists anew, and nearly all rows are as they
were. What is drawn has marks where a moment or a form's tokens go; they are filled at each use.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable
from datetime import datetime
from functools import lru_cache
from typing import NamedTuple

from django.template.loader import get_template
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language

from resmi.agency.templatetags import ui
from resmi.desk.shown import ListRow

KEPT = 2048
TEMPLATE = "desk/_row.html"
# Nobody outside this process can write such a mark, wherever their words are drawn.
_SECRET = secrets.token_hex(8)
_MARK = re.compile(rf"\[{_SECRET} ([^\]]*)\]")


class Viewer(NamedTuple):
    """Whose list it is: what of them changes how a row looks.

    `account` is 0 where it makes no difference who looks. `serves` and `moves`: whether they may
    take a conversation over, and move those of others.
    """

    account: int
    serves: bool
    moves: bool


class _Look(NamedTuple):
    """All that a drawing depends on, beside the moment."""

    section: str
    viewer: Viewer
    is_current: bool
    standing: str
    language: str


def row(
    row: ListRow, section: str, viewer: Viewer, *, current: bool, fields: Callable[[], str]
) -> SafeString:
    """One row as it is now. `fields` are the hidden fields of a form, new ones for each."""
    standing = row.promise.standing if row.promise else ""
    look = _Look(section, viewer, current, standing, get_language() or "en")
    drawn = _drawn(row, look)
    return mark_safe(_MARK.sub(lambda found: _filled(found[1], fields), drawn))


def _filled(words: str, fields: Callable[[], str]) -> str:
    if words == "fields":
        return fields()
    _moment, way, at, style, limit = words.split(" ")
    return ui.moment(way, datetime.fromisoformat(at) if at else None, style, int(limit))


@lru_cache(maxsize=KEPT)
def _drawn(row: ListRow, look: _Look) -> str:
    viewer = look.viewer
    return get_template(TEMPLATE).render(
        {
            "row": row,
            "section": look.section,
            "is_current": look.is_current,
            "is_mine": row.row.agent_id == viewer.account,
            "may": {"serve_citizens": viewer.serves, "move_conversations": viewer.moves},
            ui.LATER: _mark,
        }
    )


def _mark(*words: str) -> SafeString:
    return mark_safe(f"[{_SECRET} {' '.join(words)}]")
