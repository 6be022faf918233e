"""What screens read: lists, one conversation, its thread, the floor."""

from resmi.conversations.queries.details import (
    ConversationDetail,
    IdentityRow,
    canned_replies,
    conversation,
    inbound_for_people,
    window_closes_at,
)
from resmi.conversations.queries.floors import FloorAgent, FloorQueue, FloorSnapshot, floor
from resmi.conversations.queries.proofs import NoticeProof, notice_proofs
from resmi.conversations.queries.rows import (
    Around,
    ConversationRow,
    around,
    bot_talking,
    bot_talking_count,
    conversations,
    history,
    waiting,
    waiting_summary,
)
from resmi.conversations.queries.threads import (
    DeliveryState,
    LineKind,
    ThreadLine,
    thread,
    thread_around,
    thread_lines,
)

__all__ = [
    "Around",
    "ConversationDetail",
    "ConversationRow",
    "DeliveryState",
    "FloorAgent",
    "FloorQueue",
    "FloorSnapshot",
    "IdentityRow",
    "LineKind",
    "NoticeProof",
    "ThreadLine",
    "around",
    "bot_talking",
    "bot_talking_count",
    "canned_replies",
    "conversation",
    "conversations",
    "floor",
    "history",
    "inbound_for_people",
    "notice_proofs",
    "thread",
    "thread_around",
    "thread_lines",
    "waiting",
    "waiting_summary",
    "window_closes_at",
]
