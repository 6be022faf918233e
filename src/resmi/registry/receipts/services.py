"""Issues and withdraws receipts, with the keys of this installation."""

from __future__ import annotations

import hashlib
import secrets
import threading
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Literal

import msgspec
from django.conf import settings
from django.db import connection
from django.utils import timezone

from resmi.agency.models import AuditEntry, User
from resmi.registry.receipts import codes, keyring, statements
from resmi.registry.receipts.keyring import Ring
from resmi.registry.receipts.models import Receipt
from resmi.registry.receipts.statements import Statement
from resmi.registry.rules import Verdict


class Answered(msgspec.Struct, frozen=True, kw_only=True):
    """An answer that gets a receipt. `conversation` and `seq` are None on the check page."""

    code: str
    at: datetime
    verdict: Verdict
    conversation: int | None = None
    seq: int | None = None


class _Cache:
    """The key ring of this process and the state of its file when it was read."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.stamp: tuple[str, int, int, int] | None = None
        self.ring: Ring | None = None


_cache = _Cache()


def ring() -> Ring | None:
    """The keys of this installation, read again when their file changes; None without a file.

    Raises `keyring.Unusable` for a file that is damaged or may not be read.
    """
    file = settings.RECEIPT_KEYS
    try:
        found = file.stat()
        stamp = (str(file), found.st_ino, found.st_mtime_ns, found.st_size)
        if stamp != _cache.stamp:
            with _cache.lock:
                _cache.ring, _cache.stamp = keyring.load(file), stamp
    except FileNotFoundError:
        return None
    return _cache.ring


def issuer() -> codes.Issuer:
    """Names the receipts of conversations; names none while this installation has no keys."""
    if ring() is None:
        return codes.Issuer()
    return codes.Issuer(secret=_code_secret(), base_url=settings.BASE_URL)


def _code_secret() -> bytes:
    return hashlib.blake2b(settings.SECRET_KEY.encode(), person=b"resmi codes").digest()


_INSERT = """
    INSERT INTO registry_receipt (
        code, conversation, seq, answered_at, query, status, entity, source, as_of, version,
        statement, key, signature, withdrawn_reason)
    SELECT *, '' FROM unnest(
        %s::text[], %s::bigint[], %s::int[], %s::timestamptz[], %s::text[], %s::text[], %s::text[],
        %s::text[], %s::text[], %s::int[], %s::bytea[], %s::text[], %s::bytea[])
"""


def issue(answers: Iterable[Answered]) -> None:
    """Signs answers and stores their receipts in the caller's transaction, in one statement.

    Raises `keyring.Unusable` when there are answers but no usable keys.
    """
    given = list(answers)
    if not given:
        return
    keys = ring()
    if keys is None:
        raise keyring.Unusable(f"{settings.RECEIPT_KEYS} is missing: run resmi init.")
    signer, key = keys.signer(), keys.signing.id
    rows = []
    for answer in given:
        raw = statements.canonical(_statement(answer, key))
        rows.append(_row(answer, raw, key, signer.sign(raw)))
    with connection.cursor() as cursor:
        cursor.execute(_INSERT, [list(column) for column in zip(*rows, strict=True)])


def _statement(answer: Answered, key: str) -> Statement:
    asked: Literal["conversation", "check"] = "conversation" if answer.conversation else "check"
    return Statement(
        code=answer.code,
        issuer=settings.BASE_URL,
        asked=asked,
        answered_at=statements.timestamp(answer.at),
        verdict=answer.verdict,
        key=key,
    )


def _row(answer: Answered, raw: bytes, key: str, signature: bytes) -> tuple[object, ...]:
    verdict = answer.verdict
    return (
        answer.code,
        answer.conversation,
        answer.seq,
        answer.at,
        verdict.query,
        verdict.status,
        verdict.entity,
        verdict.source,
        verdict.as_of,
        verdict.version,
        raw,
        key,
        signature,
    )


def issue_for_visitor(verdict: Verdict) -> str:
    """A receipt for somebody on the public check page; its code, "" without keys."""
    if ring() is None:
        return ""
    code = codes.derive(_code_secret(), "check", secrets.token_hex(16))
    issue([Answered(code=code, at=datetime.now(UTC), verdict=verdict)])
    return code


def withdraw(*, actor: User | None, code: str, reason: str) -> bool:
    """Takes a receipt back, for everybody to see; False when there is none or it was done before.

    `actor` is None for the command line.
    """
    changed = Receipt.objects.filter(code=code, withdrawn_at=None).update(
        withdrawn_at=timezone.now(), withdrawn_reason=reason
    )
    if changed:
        AuditEntry.objects.create(
            actor=actor,
            action="withdraw_receipt",
            target=f"receipt:{code}",
            after={"reason": reason},
        )
    return bool(changed)
