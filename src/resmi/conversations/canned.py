"""Canned replies of the database: written and removed by staff, counted when they are sent."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from django.db import connection, transaction
from django.utils.translation import gettext as _

from resmi.agency import services as agency
from resmi.agency.models import User
from resmi.bot import canned as rules
from resmi.bot import services as bot
from resmi.conversations.models import CannedReply, CannedUse
from resmi.engine.lifecycle import Refused

SHORTCUT = re.compile(r"[\w-]{1,50}", re.UNICODE)
BODY_LENGTH = 4000
FOLDER_LENGTH = 60
_COUNT = """
    INSERT INTO conversations_canneduse (shortcut, count) SELECT unnest(%s::text[]), 1
    ON CONFLICT (shortcut) DO UPDATE SET count = conversations_canneduse.count + 1
"""


@transaction.atomic
def put(*, actor: User, shortcut: str, folder: str, bodies: Mapping[str, str]) -> None:
    """Stores the reply in every language given; an empty text takes that language away.

    Raises `Refused` for a shortcut or variable that can't be, and when no text is left.
    """
    shortcut = shortcut.strip().removeprefix("/").lower()
    check(shortcut, folder, bodies)
    before = kept(shortcut)
    for language, body in bodies.items():
        if body.strip():
            CannedReply.objects.update_or_create(
                shortcut=shortcut,
                language=language,
                defaults={"body": body.strip(), "folder": folder.strip()},
            )
        else:
            CannedReply.objects.filter(shortcut=shortcut, language=language).delete()
    agency.record_audit(
        actor=actor,
        action="canned_reply_changed",
        target=f"canned:{shortcut}",
        before=before,
        after=kept(shortcut),
    )


def check(shortcut: str, folder: str, bodies: Mapping[str, str]) -> None:
    """Raises `Refused` with what is wrong and how to mend it."""
    if not SHORTCUT.fullmatch(shortcut):
        raise Refused("shortcut", _("A shortcut is one word of letters and digits, such as hello."))
    if len(folder) > FOLDER_LENGTH:
        raise Refused("folder", _("A folder's name has at most 60 characters."))
    if not any(body.strip() for body in bodies.values()):
        raise Refused("empty", _("Write the text in at least one language."))
    for body in bodies.values():
        if len(body) > BODY_LENGTH:
            raise Refused("too_long", _("A canned reply has at most 4,000 characters."))
        check_variables(body)


def check_variables(body: str) -> None:
    """Raises `Refused` when `body` names a variable that does not exist."""
    names = bot.current_pack().names
    if wrong := rules.mistakes(body, names):
        known = ", ".join(f"{{{{ {name} }}}}" for name in (*rules.VARIABLES, *names))
        raise Refused(
            "variable",
            _("There is no variable %(wrong)s. Known are: %(known)s.")
            % {"wrong": ", ".join(wrong), "known": known},
        )


@transaction.atomic
def remove(*, actor: User, shortcut: str) -> None:
    """Takes the reply away in every language; one of the pack under its name shows again."""
    before = kept(shortcut)
    if before is None:
        raise Refused("gone", _("This canned reply is gone already."))
    CannedReply.objects.filter(shortcut=shortcut).delete()
    agency.record_audit(
        actor=actor, action="canned_reply_removed", target=f"canned:{shortcut}", before=before
    )


def kept(shortcut: str) -> dict[str, str] | None:
    """The reply as the audit trail keeps it: its folder, and its text per language."""
    rows = list(CannedReply.objects.filter(shortcut=shortcut).order_by("language"))
    if not rows:
        return None
    return {"folder": rows[0].folder} | {row.language: row.body for row in rows}


def count_used(shortcuts: Iterable[str]) -> None:
    """Counts canned replies that were sent, each once a message."""
    used = sorted({one for one in shortcuts if SHORTCUT.fullmatch(one)})
    if used:
        with connection.cursor() as cursor:
            cursor.execute(_COUNT, [used])


def uses() -> dict[str, int]:
    """How often each was sent."""
    return dict(CannedUse.objects.values_list("shortcut", "count"))
