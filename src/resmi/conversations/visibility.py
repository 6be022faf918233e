"""Who may see which conversations: the one place that decides it, for lists, pages and streams.

Most staff see all. Who has queues of their own (or only helps) sees the conversations of these
queues, those they hold, held, wrote in or were asked into, and, if the agency allows it, those the
bot has.
"""

from __future__ import annotations

import uuid
from collections.abc import Collection

import msgspec
from django.db.models import Q

from resmi.agency import arrays, bulk, rules
from resmi.agency import queries as agency
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
    WHERE conversation_id = ANY(%b)
      AND ((actor->>'id' = %s AND actor->>'kind' = 'agent')
           OR (type IN ('conversation_assigned', 'agent_joined') AND data->>'agent' = %s)
           OR (type = 'note_added' AND data->'mentions' ? %s))
"""


def visible(seen: Sight, ids: Collection[int]) -> set[int]:
    """Those of the conversations `ids` that may be seen; at most two queries."""
    if not ids:
        return set()
    if seen.queues is None:
        return set(ids)
    found = set(Conversation.objects.filter(seen.whole, pk__in=ids).values_list("pk", flat=True))
    return found | _took_part(seen.account, set(ids) - found)


def _took_part(account: int, ids: Collection[int]) -> set[int]:
    """Those of the conversations whose log names the account."""
    if not ids:
        return set()
    rows = bulk.execute(_TOOK_PART, [arrays.bigints(sorted(ids)), *[str(account)] * 3])
    return {conversation for (conversation,) in rows}


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


# The last column is `Sight.whole` in SQL.
_NEWEST_OF = """
    SELECT c.contact, t.id,
        t.queue = ANY(%b) AND t.queue <> '' OR t.agent_id IS NOT DISTINCT FROM %s
        OR %s AND (t.status = 'bot' OR t.queue = '')
    FROM unnest(%b::bigint[]) AS c (contact)
    CROSS JOIN LATERAL (
        SELECT id, queue, agent_id, status FROM conversations_conversation
        WHERE contact_id = c.contact ORDER BY id DESC LIMIT %s) AS t
"""


def visible_contacts(seen: Sight, contacts: Collection[int]) -> set[int]:
    """Those of the citizens who may be seen: `can_see_contact` of many, by two queries.

    The log is read only of citizens of whom no conversation may be seen without it.
    """
    if not contacts or seen.queues is None:
        return set(contacts)
    queues = arrays.texts(sorted(seen.queues))
    asked = [queues, seen.account, seen.bot, arrays.bigints(sorted(contacts)), _CONVERSATIONS]
    rows = bulk.execute(_NEWEST_OF, asked, binary=True)
    found = {contact for contact, _talk, is_seen in rows if is_seen}
    rest = {talk: contact for contact, talk, _is_seen in rows if contact not in found}
    return found | {rest[talk] for talk in _took_part(seen.account, rest)}


def can_see_file(user: User, media_id: uuid.UUID) -> bool:
    """Whether `user` may have a file: it belongs to a conversation they may see."""
    seen = sight(user)
    if seen.queues is None:
        return True
    place = MediaFile.objects.filter(pk=media_id).values_list("conversation", flat=True).first()
    return place is not None and bool(visible(seen, [place]))


_CONVERSATIONS = 200
