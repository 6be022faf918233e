"""What a sender tells people: a channel that refuses us stops, a doubt shows on open screens.

Runs in a thread of its own with Django's connection, which it closes again.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import structlog
from django.db import Error, connection, transaction

from resmi.agency import live
from resmi.channels import pausing
from resmi.channels.results import Result

log = structlog.get_logger()


def is_worth_telling(written: Sequence[Result]) -> bool:
    """True if `tell` has something to do."""
    return any(settlement.pause or settlement.status == "unknown" for _, settlement in written)


def tell(written: Sequence[Result]) -> None:
    """Pauses channels and announces doubts. A lost database is logged: the next try tells again."""
    pauses = {claimed.channel: s.pause for claimed, s in written if s.pause}
    doubtful = [
        claimed.conversation
        for claimed, settlement in written
        if settlement.status == "unknown" and claimed.conversation is not None
    ]
    try:
        for channel, reason in pauses.items():
            pausing.pause_channel(channel_id=channel, reason=reason)
        _announce(doubtful)
    except Error as error:
        log.warning("telling_failed", action="telling_failed", error=str(error))
    finally:
        connection.close()


def tell_doubts(conversations: Sequence[int]) -> None:
    """Announces that a message of these conversations is in doubt."""
    try:
        _announce(conversations)
    except Error as error:
        log.warning("telling_failed", action="telling_failed", error=str(error))
    finally:
        connection.close()


@transaction.atomic
def _announce(conversations: Iterable[int]) -> None:
    live.announce_all(
        (f"conversation:{conversation}", {"status": "unknown"}) for conversation in conversations
    )
