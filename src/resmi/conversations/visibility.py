"""Who may see which conversations: the one place that decides it, for lists, pages and streams.

Most staff see all. Who has queues of their own (or only helps) sees the conversations of these
queues, those they hold, held, wrote in or were asked into, and, if the agency allows it, those the
bot has.
"""

from __future__ import annotations

import uuid
from collections.abc import Collection

import msgspec
from django.db import connection
from django.db.models import Q

from resmi.agency import queries as agency
from resmi.agency import rules
from resmi.agency.models import User
from resmi.channels.models import MediaFile
from resmi.conversations.models import Conversation
from resmi.routing.models import AgentQueue


class Sight(msgspec.Struct, frozen=True, kw_only=True):
    """What an account may see; `queues` None: everything. Good for one request."""

    account: int
    queues: frozenset[str] | None = None
    bot: bool = True

    @property
    def whole(self) -> Q:
        """The condition for lists. It leaves out what only the log tells: see `may_see`."""
        if self.queues is None:
            return Q()
        seen = Q(queue__in=self.queues) & ~Q(queue="") | Q(agent_id=self.account)
        return seen | Q(status="bot") | Q(queue="") if self.bot else seen


def sight(user: User) -> Sight:
    """What `user` may see: one query for those whose role does not see all."""
    if rules.can(user.role, "see_all_queues"):
        return Sight(account=user.pk)
    queues = frozenset(AgentQueue.objects.filter(agent=user).values_list("queue__key", flat=True))
    if not rules.is_narrowed(user.role, has_queues=bool(queues)):
        return Sight(account=user.pk)
    serves = rules.can(user.role, "serve_citizens")
    return Sight(
        account=user.pk, queues=queues, bot=serves and agency.policy().bot_seen_by_queue_agents
    )


_TOOK_PART = """
    SELECT DISTINCT conversation_id FROM conversations_event
    WHERE conversation_id = ANY(%(ids)s)
      AND ((actor->>'kind' = 'agent' AND actor->>'id' = %(me)s)
           OR (type IN ('conversation_assigned', 'agent_joined') AND data->>'agent' = %(me)s)
           OR (type = 'note_added' AND data->'mentions' ? %(me)s))
"""


def visible(seen: Sight, ids: Collection[int]) -> set[int]:
    """Those of the conversations `ids` that may be seen; at most two queries."""
    if not ids:
        return set()
    if seen.queues is None:
        return set(ids)
    found = set(Conversation.objects.filter(seen.whole, pk__in=ids).values_list("pk", flat=True))
    rest = sorted(set(ids) - found)
    if rest:
        with connection.cursor() as cursor:
            cursor.execute(_TOOK_PART, {"ids": rest, "me": str(seen.account)})
            found |= {one for (one,) in cursor.fetchall()}
    return found


def can_see(user: User, conversation_id: int) -> bool:
    """Whether `user` may open this conversation, with all that belongs to it."""
    return conversation_id in visible(sight(user), [conversation_id])


def can_see_contact(user: User, contact_id: int) -> bool:
    """Whether `user` may see a citizen: they may see one of the citizen's conversations."""
    seen = sight(user)
    if seen.queues is None:
        return True
    mine = Conversation.objects.filter(contact_id=contact_id).order_by("-id")
    return bool(visible(seen, list(mine.values_list("pk", flat=True)[:_CONVERSATIONS])))


_NEWEST_OF = """
    SELECT c.contact, t.id FROM unnest(%s::bigint[]) AS c (contact)
    CROSS JOIN LATERAL (
        SELECT id FROM conversations_conversation WHERE contact_id = c.contact
        ORDER BY id DESC LIMIT %s) AS t
"""


def visible_contacts(seen: Sight, contacts: Collection[int]) -> set[int]:
    """Those of the citizens who may be seen: `can_see_contact` of many, by three queries."""
    if not contacts or seen.queues is None:
        return set(contacts)
    with connection.cursor() as cursor:
        cursor.execute(_NEWEST_OF, [sorted(contacts), _CONVERSATIONS])
        talks = {talk: contact for contact, talk in cursor.fetchall()}
    return {talks[talk] for talk in visible(seen, talks)}


def can_see_file(user: User, media_id: uuid.UUID) -> bool:
    """Whether `user` may have a file: it belongs to a conversation they may see."""
    seen = sight(user)
    if seen.queues is None:
        return True
    place = MediaFile.objects.filter(pk=media_id).values_list("conversation", flat=True).first()
    return place is not None and bool(visible(seen, [place]))


_CONVERSATIONS = 200
