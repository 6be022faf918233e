"""Writes of watches. Everything runs in the caller's transaction, one statement for all of it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

import msgspec
from django.db import connection

from resmi.registry.watches.models import Held, Watch
from resmi.registry.watches.queries import Place


class Started(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody watches from `at` on."""

    place: Place
    subject: str
    name: str
    standing: str
    language: str
    at: datetime


class Ended(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody watches no longer."""

    place: Place
    subject: str
    at: datetime


class Told(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody has been told what the register says now."""

    place: Place
    subject: str
    standing: str
    at: datetime


Happened = Started | Ended | Told

_START = """
    INSERT INTO registry_watch
        (channel, contact, subject, name, standing, language, started_at, checked, held)
    SELECT *, '', '' FROM unnest(%s::bigint[], %s::bigint[], %s::text[], %s::text[], %s::text[],
                                 %s::text[], %s::timestamptz[])
    ON CONFLICT (contact, channel, subject) DO UPDATE SET
        name = excluded.name, standing = excluded.standing, language = excluded.language,
        started_at = excluded.started_at, ended_at = NULL, checked = '', held = ''
"""
_END = """
    UPDATE registry_watch w SET ended_at = e.at, held = ''
    FROM unnest(%s::bigint[], %s::bigint[], %s::text[], %s::timestamptz[])
         AS e(channel, contact, subject, at)
    WHERE (w.channel, w.contact, w.subject) = (e.channel, e.contact, e.subject)
"""
_TELL = """
    UPDATE registry_watch w SET standing = t.standing, told_at = t.at, held = ''
    FROM unnest(%s::bigint[], %s::bigint[], %s::text[], %s::text[], %s::timestamptz[])
         AS t(channel, contact, subject, standing, at)
    WHERE (w.channel, w.contact, w.subject) = (t.channel, t.contact, t.subject)
"""


def record(happened: Iterable[Happened]) -> None:
    """Follows what the log says, given in its order."""
    everything = list(happened)
    _run(_START, _newest(one for one in everything if isinstance(one, Started)))
    _run(_TELL, _newest(one for one in everything if isinstance(one, Told)))
    last = {(one.place, one.subject): one for one in everything}
    _run(_END, [one for one in last.values() if isinstance(one, Ended)])


def _newest(happened: Iterable[Happened]) -> list[Happened]:
    return list({(one.place, one.subject): one for one in happened}.values())


def _run(sql: str, happened: Sequence[Happened]) -> None:
    if not happened:
        return
    rows = [(*one.place, *msgspec.structs.astuple(one)[1:]) for one in happened]
    with connection.cursor() as cursor:
        cursor.execute(sql, [list(column) for column in zip(*rows, strict=True)])


def note_checked(ids: Iterable[int], checked: str) -> None:
    """Notes that nothing is left to tell of the register `checked`."""
    Watch.objects.filter(pk__in=list(ids)).update(checked=checked, held="")


def hold(ids: Iterable[int], checked: str, why: Held) -> None:
    """Notes that there are news of the register `checked` that could not be told."""
    Watch.objects.filter(pk__in=list(ids)).update(checked=checked, held=why)
