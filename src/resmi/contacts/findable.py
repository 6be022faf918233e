"""Keeps what citizens are found by in step with who they are.

Whoever changes a name, a tag or a number, the database itself notes that the contact is due
(triggers), whatever program does it. What is due is put in by a job every minute, and by searching
itself, so that a citizen is found at once.
"""

from __future__ import annotations

from collections.abc import Collection

from django.db import connection, transaction

from resmi.agency import bulk
from resmi.contacts import seeking
from resmi.contacts.models import NameDue, NameLine

PORTION = 2_000
LOCK = 0x7265736D_0000000A  # "resm", names
# No key holds it: blanks of every kind were folded.
_BETWEEN = "\x1f"

_TAKE = """
    WITH taken AS (
        DELETE FROM contacts_namedue
        WHERE id IN (SELECT id FROM contacts_namedue ORDER BY id LIMIT %s)
        RETURNING contact_id)
    SELECT c.id, c.name, c.tags, c.merged_into_id IS NULL AND c.erased_at IS NULL, ARRAY(
        SELECT phone FROM contacts_identity i WHERE i.contact_id = c.id AND phone IS NOT NULL)
    FROM contacts_contact c WHERE c.id IN (SELECT contact_id FROM taken)
"""
_PUT = """
    INSERT INTO contacts_nameline (contact_id, words)
    SELECT contact, array_to_tsvector(string_to_array(keys, E'\\x1f'))
    FROM unnest(%b::bigint[], %b::text[]) AS n (contact, keys)
    ON CONFLICT (contact_id) DO UPDATE SET words = excluded.words
    WHERE contacts_nameline.words <> excluded.words
"""


def fill(most: int = PORTION) -> None:
    """Puts in up to `most` of what is due; nothing while somebody else does."""
    for _portion in range(0, most, PORTION):
        if not _fill_portion(min(most, PORTION)):
            return


def is_complete() -> bool:
    """Whether everybody can be found."""
    # By the index: where many were due a moment ago, the table is full of what is gone.
    return NameDue.objects.order_by("id").first() is None


def forget(contacts: Collection[int]) -> None:
    """Lets nothing of these contacts be kept, in the caller's transaction."""
    NameLine.objects.filter(contact__in=contacts).delete()


@transaction.atomic
def _fill_portion(most: int) -> bool:
    """One portion; False when nothing more is to do."""
    if is_complete():
        return False
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [LOCK])
        if not cursor.fetchone()[0]:
            return False
        cursor.execute(_TAKE, [most])
        rows = cursor.fetchall()
    lines = [
        (contact, _BETWEEN.join(seeking.keys(name, tags, phones, contact) if is_there else ()))
        for contact, name, tags, is_there, phones in rows
    ]
    bulk.execute(_PUT, [[one for one, _keys in lines], [keys for _one, keys in lines]])
    return True
