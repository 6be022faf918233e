"""What citizens hear a member of staff called. Pure; the true name stays in the log."""

from __future__ import annotations

import hashlib

from resmi.agency.policy import Names

_AGENT = {"en": "Agent {}", "id": "Agen {}", "ko": "상담사 {}"}


def shown(
    names: Names,
    *,
    account: str,
    conversation: int,
    chosen: str,
    real: str,
    language: str,
    key: str,
) -> str:
    """The name by the policy. `key` is secret, so that a rotating number leads to nobody."""
    words = _AGENT.get(language, _AGENT["en"])
    if names == "fixed":
        return words.format(account)
    if names == "rotating":
        text = f"{conversation}:{account}".encode()
        made = hashlib.blake2b(text, key=hashlib.sha256(key.encode()).digest(), digest_size=8)
        return words.format(100 + int.from_bytes(made.digest(), "big") % 900)
    return real if names == "real" else chosen
