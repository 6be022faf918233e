"""Reads receipts, judging each by its signature before anybody believes it."""

from __future__ import annotations

import msgspec
from django.conf import settings

from resmi.registry.receipts import services, statements
from resmi.registry.receipts.models import Receipt
from resmi.registry.receipts.statements import KeySet, PublicKey, Statement, Withdrawn


class Altered(Exception):
    """The stored words do not fit their signature: somebody changed the database."""


class Kept(msgspec.Struct, frozen=True, kw_only=True):
    """A receipt of ours whose signature holds.

    `raw` are the signed bytes. `key` may be revoked: what we keep ourselves is still true then, but
    a copy no longer proves itself. `conversation` and `seq` name the
    answer's line in the log; None for the check page. Times are ISO 8601 in UTC, "" for never.
    """

    statement: Statement
    raw: bytes
    signature: bytes
    key: PublicKey
    conversation: int | None = None
    seq: int | None = None
    withdrawn_at: str = ""
    withdrawn_reason: str = ""


def find(code: str) -> Kept | None:
    """The receipt of a code (as `codes.read` gives it); None if we never issued it.

    Raises `Altered`.
    """
    row = Receipt.objects.filter(code=code).first()
    if row is None:
        return None
    raw, signature = bytes(row.statement), bytes(row.signature)
    key = _key(row.key)
    if key is None or not statements.is_signed(raw, signature, statements.unpack(key.public_key)):
        raise Altered(code)
    statement = msgspec.json.decode(raw, type=Statement)
    if statement.code != code:
        raise Altered(code)
    return Kept(
        statement=statement,
        raw=raw,
        signature=signature,
        key=key,
        conversation=row.conversation,
        seq=row.seq,
        withdrawn_at=statements.timestamp(row.withdrawn_at) if row.withdrawn_at else "",
        withdrawn_reason=row.withdrawn_reason,
    )


def published() -> KeySet:
    """Our keys and what we took back, as everybody may see them."""
    rows = Receipt.objects.exclude(withdrawn_at=None).order_by("withdrawn_at")
    withdrawn = tuple(
        Withdrawn(
            code_sha256=statements.code_digest(code), at=statements.timestamp(at), reason=reason
        )
        for code, at, reason in rows.values_list("code", "withdrawn_at", "withdrawn_reason")
        if at is not None
    )
    ring = services.ring()
    if ring is None:
        return KeySet(issuer=settings.BASE_URL, keys=(), withdrawn=withdrawn)
    return ring.public(settings.BASE_URL, withdrawn)


def _key(key_id: str) -> PublicKey | None:
    ring = services.ring()
    return ring.public(settings.BASE_URL).key(key_id) if ring else None
