"""Reads of people."""

from __future__ import annotations

from django.db import connection
from django.db.models import Q

from resmi.contacts import noting
from resmi.contacts.models import AttributeKind, Contact

TAGS_SHOWN = 200
SHORTEST_PHONE = 4

_TAGS = """
    SELECT tag FROM contacts_contact, unnest(tags) AS tag WHERE tags <> '{}'
    GROUP BY tag ORDER BY count(*) DESC, tag LIMIT %s
"""


def tags(limit: int = TAGS_SHOWN) -> list[str]:
    """The tags in use, the commonest first."""
    with connection.cursor() as cursor:
        cursor.execute(_TAGS, [limit])
        return [tag for (tag,) in cursor.fetchall()]


def find(text: str, *, but: int, limit: int = 10) -> list[Contact]:
    """Contacts by a part of their name, the end of a phone number or a tag; newest first."""
    words = " ".join(text.replace("\0", "").split())[:100]
    digits = "".join(one for one in words if one.isdigit())
    if not words:
        return []
    wanted = Q(name__icontains=words) | (~Q(tags=[]) & Q(tags__contains=[noting.tag_of(words)]))
    if len(digits) >= SHORTEST_PHONE:
        wanted |= Q(identities__phone__endswith=digits)
    rows = Contact.objects.filter(wanted, merged_into=None).exclude(pk=but)
    return list(rows.prefetch_related("identities").order_by("-pk").distinct()[:limit])


def attribute_kinds() -> list[AttributeKind]:
    """What the agency notes of citizens, in the order it was added."""
    return list(AttributeKind.objects.filter(is_active=True).order_by("pk"))
