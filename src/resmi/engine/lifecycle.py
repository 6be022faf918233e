"""Rules of a conversation's life that hold on every channel: what may be done now, and why not."""

from __future__ import annotations

from datetime import datetime, timedelta

from resmi.engine.capabilities import Capabilities
from resmi.engine.content import Outbound, Template
from resmi.engine.conversation import Conversation
from resmi.engine.said import gettext_noop


class Refused(Exception):
    """An action the conversation does not allow now. `code` is stable; the text says what next."""

    def __init__(self, code: str, reason: str) -> None:
        super().__init__(reason)
        self.code = code
        self.reason = reason


def window_closes_at(
    last_inbound_at: datetime | None, capabilities: Capabilities
) -> datetime | None:
    """When free text ends (UTC). None when the channel has no window or nobody wrote yet."""
    if capabilities.window_s == 0 or last_inbound_at is None:
        return None
    return last_inbound_at + timedelta(seconds=capabilities.window_s)


def check_sendable(
    content: Outbound, last_inbound_at: datetime | None, capabilities: Capabilities, now: datetime
) -> None:
    """Raises `Refused` when the window is closed and `content` is no template."""
    if capabilities.window_s == 0 or isinstance(content, Template):
        return
    closes_at = window_closes_at(last_inbound_at, capabilities)
    if closes_at is None or now >= closes_at:
        raise Refused(
            "window_closed",
            gettext_noop(
                "The 24-hour window has closed: send an approved template, or wait for the citizen."
            ),
        )


def check_open(conversation: Conversation) -> None:
    """Raises `Refused` when the conversation is closed."""
    if conversation.status == "closed":
        raise Refused(
            "closed", gettext_noop("This conversation is closed; a new message opens a new one.")
        )


def check_holder(conversation: Conversation, agent: str) -> None:
    """Raises `Refused` unless `agent` (account id) holds the conversation."""
    check_open(conversation)
    if conversation.status != "assigned" or conversation.agent != agent:
        raise Refused(
            "not_yours", gettext_noop("You do not hold this conversation: take it over first.")
        )


def check_writer(conversation: Conversation, agent: str) -> None:
    """Raises `Refused` unless `agent` holds the conversation or joined it."""
    if conversation.status == "assigned" and agent in conversation.joined:
        return
    check_holder(conversation, agent)


def bot_may_talk(conversation: Conversation) -> bool:
    """True while no human was asked for: the bot is silent from the instant of a hand-over."""
    return conversation.status == "bot"
