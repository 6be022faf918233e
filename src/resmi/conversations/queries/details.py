"""One conversation, and what stands beside it on the desk."""

from __future__ import annotations

from datetime import datetime, timedelta

import msgspec
from django.db.models import F, Max
from django.utils import timezone

from resmi.channels import kinds
from resmi.channels.models import Inbound
from resmi.conversations.models import CannedReply, Conversation, Draft
from resmi.conversations.queries.rows import BESIDE, ConversationRow, row_of


class IdentityRow(msgspec.Struct, frozen=True, kw_only=True):
    """How the citizen is known on the channel; `phone` is digits, unmasked: mask it on screen."""

    kind: str
    phone: str
    username: str
    user_id: str
    profile_name: str


class ConversationDetail(msgspec.Struct, frozen=True, kw_only=True):
    """One conversation with the citizen and everything the desk's header needs."""

    row: ConversationRow
    seq: int
    channel_name: str
    identity: IdentityRow
    collected: dict[str, str]
    reason: str
    contact_since: datetime
    contacts_this_month: int
    reactions: bool = False
    draft: str = ""
    draft_is_note: bool = False


def conversation(conversation_id: int, agent_id: int | None = None) -> ConversationDetail | None:
    """One conversation, or None; an erased citizen's is sealed.

    With `agent_id`, that agent's draft comes along.
    """
    found = (
        Conversation.objects.filter(pk=conversation_id, contact__erased_at=None)
        .select_related(*BESIDE, "identity")
        .first()
    )
    if found is None:
        return None
    state = msgspec.json.decode(bytes(found.state))
    month = timezone.now() - timedelta(days=30)
    draft = Draft.objects.filter(conversation=found, agent_id=agent_id).first()
    return ConversationDetail(
        row=row_of(found),
        seq=found.seq,
        channel_name=found.channel.name,
        identity=IdentityRow(
            kind=found.identity.kind,
            phone=found.identity.phone or "",
            username=found.identity.username,
            user_id=found.identity.user_id or "",
            profile_name=found.identity.profile_name,
        ),
        collected=state.get("collected", {}),
        reason=state.get("reason", ""),
        reactions=kinds.ADAPTERS[found.channel.kind].capabilities.reactions,
        contact_since=found.contact.created_at,
        contacts_this_month=Conversation.objects.filter(
            contact_id=found.contact_id, opened_at__gte=month
        ).count(),
        draft=draft.body if draft else "",
        draft_is_note=draft.is_note if draft else False,
    )


def window_closes_at(conversation_id: int) -> datetime | None:
    """Until when the citizen of a conversation may be written to there, by what they wrote since.

    None where the channel knows no such window, and without such a conversation.
    """
    here = Conversation.objects.filter(pk=conversation_id).values("contact", "identity", "channel")
    found = here.first()
    if found is None:
        return None
    closes: datetime | None = Conversation.objects.filter(**found).aggregate(
        at=Max("window_closes_at")
    )["at"]
    return closes


def canned_replies(language: str) -> list[CannedReply]:
    """Canned replies in a language, else English, by shortcut."""
    replies = CannedReply.objects.filter(language__in=[language, "en"]).order_by("shortcut")
    chosen: dict[str, CannedReply] = {}
    for canned in replies.order_by(F("language").desc()):
        if canned.shortcut not in chosen or canned.language == language:
            chosen[canned.shortcut] = canned
    return sorted(chosen.values(), key=lambda canned: canned.shortcut)


def inbound_for_people(before: int | None = None, limit: int = 50) -> list[Inbound]:
    """Parked and unparsed items, newest first; `before` pages on by id."""
    rows = Inbound.objects.filter(status__in=["parked", "unparsed"]).select_related("channel")
    if before is not None:
        rows = rows.filter(pk__lt=before)
    return list(rows.order_by("-id")[:limit])
