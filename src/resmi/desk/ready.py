"""Canned replies: those of the pack, and over them those of the database, filled in and counted."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from django.utils import formats, timezone
from django.utils.translation import override

from resmi.agency.models import User
from resmi.bot import canned as rules
from resmi.bot import services as bot
from resmi.bot.schema import Pack
from resmi.conversations import canned, queries, services, world
from resmi.conversations.models import Event
from resmi.desk import shown


@dataclass(frozen=True, kw_only=True)
class Ready:
    """A text that `/shortcut` inserts; `missing` are variables without a value here."""

    shortcut: str
    body: str
    title: str = ""
    folder: str = ""
    used: int = 0
    missing: tuple[str, ...] = ()


def replies(language: str, values: Mapping[str, str] | None = None) -> list[Ready]:
    """What an agent can insert in a conversation of this language, the most used first.

    A reply of the database hides one of the pack with the same shortcut. Where a reply is missing
    in the language, English, then the pack's first language stands in.
    """
    pack, uses = bot.current_pack(), canned.uses()
    wanted = (language, "en", *pack.languages)
    found: dict[str, tuple[str, str, str]] = {}
    for reply in pack.canned:
        body = next((reply.body[code] for code in wanted if code in reply.body), "")
        title = next((reply.title[code] for code in wanted if code in reply.title), "")
        found[reply.key] = (body, title, "")
    for row in queries.canned_replies(language):
        found[row.shortcut] = (row.body, "", row.folder)
    ready = []
    for shortcut, (body, title, folder) in found.items():
        filled = rules.fill(body, values if values is not None else {})
        ready.append(
            Ready(
                shortcut=shortcut,
                body=filled.text,
                title=title,
                folder=folder,
                used=uses.get(shortcut, 0),
                missing=filled.missing,
            )
        )
    return sorted(
        (one for one in ready if one.body), key=lambda one: (-one.used, one.folder, one.shortcut)
    )


def values(conversation: shown.Open, agent: User) -> dict[str, str]:
    """What the variables stand for in this conversation; empty where there is nothing yet."""
    pack, language = bot.current_pack(), conversation.row.language
    with override(language or pack.languages[0]):
        today = formats.date_format(timezone.localtime(), "DATE_FORMAT")
    return pack_names(pack, language) | {
        "citizen": conversation.row.contact_name,
        "agent": services.staff(agent).display_name,
        "receipt": _receipt(conversation.id),
        "queue": conversation.queue_name,
        "number": f"#{conversation.id}",
        "date": today,
    }


def pack_names(pack: Pack, language: str) -> dict[str, str]:
    """The pack's own names in a language, else in its first."""
    return {
        name: words.get(language) or words.get(pack.languages[0], "")
        for name, words in pack.names.items()
    }


def _receipt(conversation_id: int) -> str:
    """The address of the newest receipt the citizen got here."""
    answers = Event.objects.filter(conversation_id=conversation_id, type="verdict_given")
    newest = answers.exclude(data__receipt=None).order_by("-seq").first()
    code = newest.data.get("receipt", "") if newest else ""
    issuer = world.current().receipts
    return issuer.shown(code)[1] if code and issuer.base_url else ""
