"""The replies every pack must have, and the variables each may use."""

from __future__ import annotations

from resmi.bot import verdicts
from resmi.registry.watches import rules as watches

SYSTEM: dict[str, frozenset[str]] = {
    key: frozenset(names.split())
    for key, names in {
        # what the bot itself says
        "intro": "",
        "misunderstood": "",
        "offer_person": "",
        "pick_one": "",
        "guess": "guess",
        "read_in_part": "last",
        "option_stale": "",
        "language_changed": "",
        "left_queue": "",
        "media_unread": "",
        "media_kept": "",
        "voice_unread": "",
        "location_unread": "",
        "contacts_unread": "",
        "unsupported_unread": "",
        # what other rooms ask for with `resmi.bot.rules.text`
        "position_told": "position wait",
        "agent_joined": "name",
        "agent_left": "",
        "transferred": "",
        "conversation_closed": "",
        "bot_idle_closing": "",
        "piled_up": "",
        "outside_hours": "opening",
        "window_reminder": "",
        "still_waiting": "",
        # the choice of somebody who would wait long
        "callback_offer": "position wait",
        "callback_message": "",
        "callback_call": "",
        "callback_done": "",
        "callback_missed": "",
        "queue_shut": "opening",
        # what the citizen watches
        "watch_started": "name standing",
        "watch_ended": "names",
        "watch_list": "watches",
        "watch_full": "count",
        "watch_changed": "name before after source as_of",
        "watch_unclear": "",
        "watch_none": "",
        "watch_which": "",
        "watch_request": "name",
        # what is done with an answer
        "receipt_picture": "name code receipt",
        "receipt_none": "",
        "dispute_noted": "name",
        "dispute_unclear": "",
        # pieces of other texts
        "receipt_line": "receipt",
        "when_today": "weekday date time zone",
        "when_tomorrow": "weekday date time zone",
        "when_day": "weekday date time zone",
        "wait_minutes": "minutes",
        "wait_hours": "hours",
    }.items()
}

CONSTANT = (
    "unavailable",
    "wait_unknown",
    "button_options",
    "option_this_one",
    "option_not_this",
    "option_none_of_these",
    "option_unwatch_all",
    "option_leave_message",
    "option_call_back",
    "option_keep_waiting",
    *(f"standing_{standing}" for standing in watches.STANDINGS),
)
"""Replies every pack must have that hold no variables."""

CANDIDATES = {f"candidate_{status}": verdicts.CANDIDATE_VARIABLES for status in verdicts.REGISTERED}

STATUSES = ("licensed", "confirm", "revoked", "illegal", "ambiguous", "similar", "unknown")
ANSWERS = (*STATUSES, "none", "several")
"""Keys of verdicts.yaml: every status, "none of these", and several companies at once."""

BRIEF = {f"brief_{status}": verdicts.VARIABLES for status in STATUSES}

RESERVED_FLOWS = ("greeting", "menu", "stop")
RESERVED_INTENTS = ("agent", "menu", "stop")
BOT_SLOTS = frozenset({"company", "entity", "verdict", "guess", "watch", "receipt", "consent"})
"""Slots the bot fills: the company last answered about, its id and status, a text that may be a
name, the watch chosen, the code of the last answer's receipt, and the wording answered."""

TEMPLATES: dict[str, frozenset[str]] = {"watch_changed": SYSTEM["watch_changed"]}
"""The templates a pack may name, and the variables of each."""

ALONE = frozenset({"watch_changed", "watch_request", *(f"template_{key}" for key in TEMPLATES)})
"""Replies that are said outside any talk: only their own variables and the names are known."""

EXPRESSION_NAMES = frozenset({"open", "first", "asking", "language", "means", "register"})
OPTIONAL = frozenset({"opening"})
"""Variables every reply may use, besides the pack's names and slots."""

LENGTHS = {"button": 20, "row": 24, "about": 72, "footer": 60}
"""Longest titles a channel shows whole (WhatsApp: reply button, list row, description, footer)."""
BUTTONS = 3
