"""What agents still hold who may serve nobody any more goes back to its queue.

Their account was switched off, or has another role.
"""

from __future__ import annotations

from collections.abc import Iterable

import structlog
from django.db import connection, transaction
from django.db.models import Count
from django.utils.translation import gettext as _

from resmi.agency import rules
from resmi.conversations import services, stimuli
from resmi.conversations.models import Conversation

log = structlog.get_logger()

_HELD = """
    SELECT c.id, coalesce(nullif(u.name, ''), u.email)
    FROM conversations_conversation c JOIN agency_user u ON u.id = c.agent_id
    WHERE c.agent_id IS NOT NULL AND c.status IN ('assigned', 'offered')
      AND (NOT u.is_active OR NOT u.role = ANY(%(serving)s))
    UNION ALL
    SELECT c.id, coalesce(nullif(u.name, ''), u.email)
    FROM conversations_conversation c JOIN agency_user u ON u.id = c.kept_by_id
    WHERE c.status = 'snoozed' AND (NOT u.is_active OR NOT u.role = ANY(%(serving)s))
      AND NOT EXISTS (  -- without a time nothing but a reply would wake it
        SELECT 1 FROM conversations_timer t WHERE t.conversation_id = c.id AND t.kind = 'snooze')
    ORDER BY 1 LIMIT 500
"""
SERVING = sorted(role for role in rules.ROLES if rules.can(role, "serve_citizens"))


def held_by(agents: Iterable[int]) -> dict[int, int]:
    """How many conversations each of these agents holds; those with none are left out."""
    held = Conversation.objects.filter(agent__in=list(agents), status__in=("assigned", "offered"))
    return dict(held.values_list("agent_id").annotate(Count("pk")))


def return_held() -> int:
    """Puts conversations of departed agents back into their queues with a note; how many."""
    with connection.cursor() as cursor:
        cursor.execute(_HELD, {"serving": SERVING})
        held = cursor.fetchall()
    for conversation_id, name in held:
        give_back(conversation_id, name)
        log.info("returned_to_queue", action="returned_to_queue", conversation=conversation_id)
    return len(held)


@transaction.atomic
def give_back(conversation_id: int, name: str) -> None:
    """One conversation waits again; its note names the agent who left."""
    note = _("%(name)s no longer serves citizens: back in the queue.") % {"name": name}
    services.act(services.lock(conversation_id), stimuli.Return(note))
