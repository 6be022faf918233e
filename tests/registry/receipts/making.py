"""Plain makers of keys, receipts and answers. Every name is invented."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import msgspec

from resmi.registry.receipts import codes, keyring, statements
from resmi.registry.receipts.keyring import Ring
from resmi.registry.receipts.statements import Statement
from resmi.registry.rules import Verdict

NOW = datetime(2026, 3, 3, 10, 0, tzinfo=UTC)
ISSUER = "https://agency.example"
SECRET = b"only for tests, 32 bytes of it .."


def verdict(**fields: Any) -> Verdict:
    given: dict[str, Any] = {
        "status": "licensed",
        "query": "dana sejahtera contoh",
        "source": "Register of Examples",
        "as_of": "2026-03-01",
        "version": 3,
        "entity": "L1",
        "name": "PT Dana Sejahtera Contoh",
        "legal_name": "PT Dana Sejahtera Contoh",
        **fields,
    }
    return Verdict(**given)


def unknown(query: str = "maju mundur", **fields: Any) -> Verdict:
    return verdict(status="unknown", query=query, entity="", name="", legal_name="", **fields)


def ring() -> Ring:
    """A ring with one key of its own."""
    return keyring.new_ring(NOW)


def statement(key_id: str, *, code: str = "", about: Verdict | None = None) -> Statement:
    return Statement(
        code=code or codes.derive(SECRET, "tests", 1),
        issuer=ISSUER,
        asked="conversation",
        answered_at=statements.timestamp(NOW),
        verdict=about or verdict(),
        key=key_id,
    )


def signed(by: Ring, said: Statement | None = None) -> bytes:
    """A receipt's JSON, as the address `/v/CODE.json` gives it."""
    said = said or statement(by.signing.id)
    signature = by.signer().sign(statements.canonical(said))
    return msgspec.json.encode(
        {"statement": msgspec.to_builtins(said), "signature": statements.pack(signature)}
    )
