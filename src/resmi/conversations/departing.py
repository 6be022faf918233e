"""What agents whose account was switched off still hold goes back to its queue."""

from __future__ import annotations

import structlog
from django.db import connection, transaction
from django.utils.translation import gettext as _

from resmi.conversations import services, stimuli

log = structlog.get_logger()

_HELD = """
    SELECT c.id, coalesce(nullif(u.name, ''), u.email)
    FROM conversations_conversation c JOIN agency_user u ON u.id = c.agent_id
    WHERE c.agent_id IS NOT NULL AND NOT u.is_active AND c.status IN ('assigned', 'offered')
    ORDER BY c.id LIMIT 500
"""


def return_held() -> int:
    """Puts conversations of departed agents back into their queues with a note; how many."""
    with connection.cursor() as cursor:
        cursor.execute(_HELD)
        held = cursor.fetchall()
    for conversation_id, name in held:
        give_back(conversation_id, name)
        log.info("returned_to_queue", action="returned_to_queue", conversation=conversation_id)
    return len(held)


@transaction.atomic
def give_back(conversation_id: int, name: str) -> None:
    """One conversation waits again; its note names the agent who left."""
    note = _("%(name)s no longer works here: back in the queue.") % {"name": name}
    services.act(services.lock(conversation_id), stimuli.Return(note))
