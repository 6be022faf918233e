"""Whose a conversation is beside its holder: who joined, who laid it aside, who is called.

These are projections of the log and preferences of the desk; `storing` keeps the first two.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from resmi.agency import live
from resmi.agency.models import User
from resmi.conversations.models import Conversation, Mention, Preference
from resmi.engine.conversation import Conversation as State
from resmi.engine.lifecycle import Refused

SORTS = ("wait", "promise")


def record(before: State, after: State) -> None:
    """Notes who joined and who keeps it, if a turn changed that."""
    changes: dict[str, object] = {}
    if before.joined != after.joined:
        changes["joined"] = [int(agent) for agent in after.joined]
    if _keeper(before) != _keeper(after):
        changes["kept_by_id"] = _keeper(after)
    if changes:
        Conversation.objects.filter(pk=after.id).update(**changes)


def _keeper(state: State) -> int | None:
    aside = state.status == "snoozed" and state.last_agent
    return int(state.last_agent) if aside else None


def interested(before: State, after: State) -> set[str]:
    """The accounts whose lists show the conversation, before or now."""
    accounts = {before.agent, after.agent, *before.joined, *after.joined}
    if "snoozed" in (before.status, after.status):
        accounts |= {before.last_agent, after.last_agent}
    return accounts


def call(*, by: User, conversation_id: int, seq: int, accounts: Sequence[int]) -> None:
    """Notes whom a note mentions and tells their screens."""
    Mention.objects.bulk_create(
        Mention(account_id=account, conversation_id=conversation_id, seq=seq, by=by)
        for account in accounts
    )
    live.announce_all(
        (f"agent:{account}", {"mention": conversation_id, "by": by.name}) for account in accounts
    )


def mentions_of(account_id: int, limit: int = 10) -> list[Mention]:
    """Where somebody was mentioned, newest first, with who did it and the citizen."""
    return list(_mentions(account_id).order_by("-id")[:limit])


def unread_mentions(account_id: int) -> int:
    """How many mentions wait to be read."""
    return Mention.objects.filter(account_id=account_id, read_at=None).count()


def read_mentions(*, actor: User, conversation_id: int) -> None:
    """The actor has seen where a conversation mentions them."""
    unread = Mention.objects.filter(
        account=actor, conversation_id=conversation_id, read_at=None
    ).update(read_at=datetime.now(UTC))
    if unread:
        live.announce(f"agent:{actor.pk}", mention=0)


def _mentions(account_id: int) -> QuerySet[Mention]:
    rows = Mention.objects.filter(account_id=account_id)
    return rows.select_related("by", "conversation__contact")


def preference(account_id: int) -> Preference:
    """How somebody wants the desk; unsaved defaults until they say."""
    found = Preference.objects.filter(agent_id=account_id).first()
    return found or Preference(agent_id=account_id)


def set_undo(*, actor: User, on: bool) -> None:
    """Whether the actor's replies wait a few seconds in which they can be taken back."""
    Preference.objects.update_or_create(agent=actor, defaults={"undo_send": on})


def set_sort(*, actor: User, sort: str) -> None:
    """How the actor's list is sorted: `wait` (longest first) or `promise` (soonest due first)."""
    if sort not in SORTS:
        raise Refused("no_sort", _("The list is sorted by wait or by promise."))
    Preference.objects.update_or_create(agent=actor, defaults={"sort": sort})
