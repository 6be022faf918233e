"""Reads of people."""

from __future__ import annotations

from django.db import connection

TAGS_SHOWN = 200

_TAGS = """
    SELECT tag FROM contacts_contact, unnest(tags) AS tag WHERE tags <> '{}'
    GROUP BY tag ORDER BY count(*) DESC, tag LIMIT %s
"""


def tags(limit: int = TAGS_SHOWN) -> list[str]:
    """The tags in use, the commonest first."""
    with connection.cursor() as cursor:
        cursor.execute(_TAGS, [limit])
        return [tag for (tag,) in cursor.fetchall()]
