"""What WhatsApp tells us about our own account, in one line, and whether it stops sending. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from resmi.channels.whatsapp import errors, wire

LONGEST_SUMMARY = 500
MOST_FACTS = 12
DEEPEST = 8
LONGEST_CODE = 20

# Events of `account_update` after which nothing can or should be sent (Meta, "account_update").
STOPPING_EVENTS = frozenset({"ACCOUNT_DELETED", "ACCOUNT_OFFBOARDED", "ACCOUNT_VIOLATION"})
STOPPING_RESTRICTION = "RESTRICTED_CUSTOMER_INITIATED_MESSAGING"


def summary(value: Any) -> str:
    """The value's own words in reading order: `event DISABLED_UPDATE, waba_ban_state DISABLE`."""
    facts = []
    for name, fact in _facts("", value, DEEPEST):
        facts.append(f"{name} {fact}".strip())
        if len(facts) == MOST_FACTS:
            break
    return ", ".join(facts)[:LONGEST_SUMMARY]


def _facts(name: str, value: Any, deepest: int) -> Iterator[tuple[str, str]]:
    if not deepest:
        return
    if isinstance(value, Mapping):
        for key, inner in value.items():
            if key != "messaging_product":
                yield from _facts(wire.as_text(key), inner, deepest - 1)
    elif isinstance(value, list):
        for inner in value:
            yield from _facts(name, inner, deepest - 1)
    elif value is not None:
        words = wire.as_text(value) or (str(value) if isinstance(value, bool | float) else "")
        if words:
            yield name, " ".join(words.split())


def pauses(field: str, value: Any) -> bool:
    """Whether sending must stop until a person has looked at it."""
    if not isinstance(value, Mapping):
        return False
    if field == "errors":
        return errors.classify(wire.text(value, "code")[:LONGEST_CODE]).kind == "account"
    return field == "account_update" and _update_pauses(value)


def _update_pauses(value: Mapping[str, Any]) -> bool:
    event = wire.text(value, "event")
    if event == "DISABLED_UPDATE":
        return wire.text(wire.table(value, "ban_info"), "waba_ban_state") != "REINSTATE"
    if event == "ACCOUNT_RESTRICTION":
        restrictions = wire.tables(value, "restriction_info")
        return any(
            wire.text(one, "restriction_type") == STOPPING_RESTRICTION for one in restrictions
        )
    return event in STOPPING_EVENTS
