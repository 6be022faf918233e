"""Search for citizens, the newest first; who may see whom is the caller's to say."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from itertools import islice

import msgspec
from django.db import connection
from django.db.models import Q

from resmi.contacts import findable, noting, seeking
from resmi.contacts.models import Contact, Identity

Seen = Callable[[Collection[int]], Collection[int]]
PAGE = 10
CHUNK = 200
MOST_CHUNKS = 15
"""How many citizens a page looks through for those who may be seen: these times a chunk."""
NEAR = 2_000
"""How many of the newest contacts are read one by one before an index is asked."""
FETCHED = 1_000
CAUGHT_UP = 500
"""How many contacts that changed just now are put in before searching."""
BEYOND = 2**62

_NEAR = """
    WITH near AS MATERIALIZED (
        SELECT contact_id, words FROM contacts_nameline
        WHERE contact_id < %s ORDER BY contact_id DESC LIMIT %s)
    SELECT min(contact_id), count(*),
        array_agg(contact_id ORDER BY contact_id DESC) FILTER (WHERE words @@ %s::tsquery)
    FROM near
"""
_FOUND = """
    WITH found AS MATERIALIZED (
        SELECT contact_id FROM contacts_nameline WHERE words @@ %s::tsquery)
    SELECT contact_id FROM found WHERE contact_id < %s ORDER BY contact_id DESC LIMIT %s
"""


class Page(msgspec.Struct, frozen=True, kw_only=True):
    """Citizens found; `more` is where to go on, 0 at the end.

    A page may hold fewer than asked for, even nobody, and yet have more behind it. `asked` is what
    the text was taken for, `named` whom it named exactly, by a whole number or an id; unless
    `is_complete`, not everybody can be found yet.
    """

    people: tuple[Contact, ...] = ()
    named: tuple[int, ...] = ()
    more: int = 0
    asked: seeking.Asked = seeking.Asked()
    is_complete: bool = True


def find(text: str, *, but: int, before: int = 0, limit: int = PAGE, seen: Seen = list) -> Page:
    """Contacts other than `but` by name, tag or number, those named exactly first.

    `before` is the `more` of the page before this one. `seen` picks those who may be seen.
    """
    asked = seeking.asked(text, noting.tag_of(text))
    if not asked.condition:
        return Page(asked=asked)
    findable.fill(CAUGHT_UP)
    exact = _exactly(asked)
    first = [] if before else _seen([one for one in exact if one != but], seen)
    rest = (one for one in _ids(asked.condition, before or BEYOND) if one not in {but, *exact})
    people, more = _page(asked, rest, limit - len(first), seen)
    return Page(
        people=(*first, *people),
        named=tuple(one.pk for one in first),
        more=more,
        asked=asked,
        is_complete=findable.is_complete(),
    )


def _exactly(asked: seeking.Asked) -> list[int]:
    """The contacts that a whole number, a user id or a contact's number names."""
    found = Identity.objects.filter(
        Q(phone__in=asked.numbers) | Q(user_id=asked.user_id)
    ).values_list("contact_id", flat=True)
    ids = list(found.order_by()[:PAGE]) + ([asked.own] if asked.own else [])
    return list(dict.fromkeys(ids))[:PAGE]


def _there(ids: Collection[int]) -> list[Contact]:
    """Those of the contacts that stand for somebody, newest first, with their identities."""
    rows = Contact.objects.filter(pk__in=ids, merged_into=None, erased_at=None)
    return list(rows.prefetch_related("identities").order_by("-pk"))


def _seen(ids: Collection[int], seen: Seen) -> list[Contact]:
    """Those of the contacts who may be seen and are there."""
    return _there(seen(ids)) if ids else []


def _page(
    asked: seeking.Asked, ids: Iterator[int], limit: int, seen: Seen
) -> tuple[list[Contact], int]:
    people: list[Contact] = []
    size = limit + 1
    for _chunk in range(MOST_CHUNKS):
        taken = list(islice(ids, size))
        if not taken:
            return people, 0
        people += [one for one in _seen(taken, seen) if _fits(asked, one)]
        if len(people) > limit:
            return people[:limit], people[limit - 1].pk if limit else taken[0] + 1
        size = CHUNK
    return people, taken[-1]


def _fits(asked: seeking.Asked, one: Contact) -> bool:
    phones = [identity.phone or "" for identity in one.identities.all()]
    return asked.fits(one.name, one.tags, phones)


def _ids(condition: str, before: int) -> Iterator[int]:
    """Who is kept under what was asked for, newest first; asks for more only while read on.

    A frequent name is found among the newest contacts, which are read one by one; a rarer one in
    the newest two rounds; the rarest costs one look into the index.
    """
    with connection.cursor() as cursor:
        cursor.execute(_NEAR, [before, NEAR, condition])
        last, count, found = cursor.fetchone()
    yield from found or ()
    if count < NEAR:
        return
    top = last - 1
    rounds = {seeking.round_of(one) for one in (top, max(0, top - (1 << seeking.ROUND_BITS)))}
    newest = " | ".join(f"'{one}'" for one in sorted(rounds))
    yield from _stretch(f"({newest}) & ({condition})", last)
    begin = max(0, (top >> seeking.ROUND_BITS) - 1) << seeking.ROUND_BITS
    yield from _stretch(condition, begin)


def _stretch(condition: str, before: int) -> Iterator[int]:
    while before > 0:
        with connection.cursor() as cursor:
            cursor.execute(_FOUND, [condition, before, FETCHED])
            rows = cursor.fetchall()
        yield from (one for (one,) in rows)
        if len(rows) < FETCHED:
            return
        (before,) = rows[-1]
