"""Reads of people."""

from __future__ import annotations

from django.db import connection

from resmi.contacts.models import AttributeKind

TAGS_SHOWN = 200
TAGGED_READ = 5_000

_TAGS = """
    WITH newest AS MATERIALIZED (
        SELECT tags FROM contacts_contact WHERE tags <> '{}' ORDER BY id DESC LIMIT %s)
    SELECT tag FROM newest, unnest(tags) AS tag GROUP BY tag ORDER BY count(*) DESC, tag LIMIT %s
"""


def tags(limit: int = TAGS_SHOWN) -> list[str]:
    """The tags of the newest citizens who have any, the commonest first."""
    with connection.cursor() as cursor:
        cursor.execute(_TAGS, [TAGGED_READ, limit])
        return [tag for (tag,) in cursor.fetchall()]


def attribute_kinds() -> list[AttributeKind]:
    """What the agency notes of citizens, in the order it was added."""
    return list(AttributeKind.objects.filter(is_active=True).order_by("pk"))
