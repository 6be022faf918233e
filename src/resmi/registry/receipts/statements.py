"""What a receipt states, the exact bytes that are signed, and how a copy is judged. Pure.

The signed bytes are the statement as JSON with sorted keys, no blanks, UTF-8, only strings, whole
numbers, lists and objects in it (so RFC 8785 gives the same bytes, and so does Python's
`json.dumps(statement, sort_keys=True, ensure_ascii=False, separators=(",", ":"))`). The signature
is Ed25519 (RFC 8032) over those bytes. `key` in the statement names the key: the first 16 hex
digits of the SHA-256 of its 32 public bytes.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
from datetime import UTC, datetime
from typing import Any, Literal

import msgspec
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from resmi.registry.receipts import codes
from resmi.registry.rules import Verdict

FORMAT = "resmi-receipt/1"
KEYS_FORMAT = "resmi-receipt-keys/1"

Outcome = Literal["genuine", "altered", "unknown_key", "revoked_key", "withdrawn", "unreadable"]
"""
- genuine: signed by a key of the issuer, not a byte changed
- altered: the signature does not belong to these words
- unknown_key: signed by a key the issuer never published
- revoked_key: signed by a key that has been revoked: whoever stole it may have written this
- withdrawn: genuine, but the issuer took it back
- unreadable: not a receipt at all
"""


class Statement(msgspec.Struct, frozen=True, kw_only=True):
    """What is signed. `asked` tells where: in a conversation or on the public check page."""

    code: str
    issuer: str
    asked: Literal["conversation", "check"]
    answered_at: str
    verdict: Verdict
    key: str
    format: str = FORMAT


class Document(msgspec.Struct, frozen=True, kw_only=True):
    """A receipt as programs get it. `statement` is kept as it came; other members are ignored."""

    statement: dict[str, Any]
    signature: str


class PublicKey(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A key the issuer signs, or signed, with. Times are ISO 8601 in UTC, "" for not yet."""

    id: str
    public_key: str
    created_at: str
    retired_at: str = ""
    revoked_at: str = ""
    revoked_reason: str = ""


class Withdrawn(msgspec.Struct, frozen=True, kw_only=True):
    """A receipt the issuer took back, by the SHA-256 of its code: the code itself stays private."""

    code_sha256: str
    at: str
    reason: str


class KeySet(msgspec.Struct, frozen=True, kw_only=True):
    """What `/.well-known/resmi-receipt-keys.json` publishes: everything needed offline."""

    issuer: str
    keys: tuple[PublicKey, ...]
    withdrawn: tuple[Withdrawn, ...] = ()
    format: str = KEYS_FORMAT
    algorithm: str = "Ed25519"

    def key(self, key_id: str) -> PublicKey | None:
        """The key of that id."""
        return next((key for key in self.keys if key.id == key_id), None)


class Judgement(msgspec.Struct, frozen=True, kw_only=True):
    """What a copy of a receipt is worth. `statement` is None when it can't be read."""

    outcome: Outcome
    statement: Statement | None = None
    at: str = ""
    reason: str = ""

    @property
    def genuine(self) -> bool:
        """Whether the issuer said this and stands by it."""
        return self.outcome == "genuine"


def canonical(statement: Statement | dict[str, Any]) -> bytes:
    """The exact bytes that are signed."""
    return msgspec.json.encode(statement, order="sorted")


def key_id(public: bytes) -> str:
    """The id of a key: it follows from the key, so that none can pass for another."""
    return hashlib.sha256(public).hexdigest()[:16]


def code_digest(code: str) -> str:
    """How a withdrawn receipt is named in public."""
    return hashlib.sha256(code.encode()).hexdigest()


def pack(raw: bytes) -> str:
    """Bytes as text: base64 for addresses (RFC 4648, section 5) without padding."""
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def unpack(text: str) -> bytes:
    """The bytes of `pack`. Raises `ValueError`."""
    try:
        return base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except binascii.Error as error:
        raise ValueError(str(error)) from error


def timestamp(at: datetime) -> str:
    """A moment as statements write it: UTC, whole seconds."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def is_signed(raw: bytes, signature: bytes, public: bytes) -> bool:
    """Whether the signature over these bytes was made with the key's private half."""
    try:
        Ed25519PublicKey.from_public_bytes(public).verify(signature, raw)
    except (InvalidSignature, ValueError):
        return False
    return True


def judge(copy: bytes, keys: KeySet) -> Judgement:
    """Judges a receipt's JSON by the issuer's keys alone. Never raises, never asks anybody.

    A key that comes along with the receipt is worth nothing: only `keys` are believed.
    """
    try:
        document = msgspec.json.decode(copy, type=Document)
        raw = canonical(document.statement)
        statement = msgspec.json.decode(raw, type=Statement)
        signature = unpack(document.signature)
        is_code = codes.read(statement.code) == statement.code
    except (ValueError, RecursionError):
        return Judgement(outcome="unreadable")
    if statement.format != FORMAT or not is_code:
        return Judgement(outcome="unreadable")
    return _judge(statement, raw, signature, keys)


def _judge(statement: Statement, raw: bytes, signature: bytes, keys: KeySet) -> Judgement:
    key = keys.key(statement.key)
    public = _public_bytes(key)
    if key is None or key_id(public) != key.id:
        return Judgement(outcome="unknown_key", statement=statement)
    if not is_signed(raw, signature, public):
        return Judgement(outcome="altered", statement=statement)
    if key.revoked_at:
        return Judgement(
            outcome="revoked_key",
            statement=statement,
            at=key.revoked_at,
            reason=key.revoked_reason,
        )
    digest = code_digest(statement.code)
    for withdrawn in keys.withdrawn:
        if withdrawn.code_sha256 == digest:
            return Judgement(
                outcome="withdrawn",
                statement=statement,
                at=withdrawn.at,
                reason=withdrawn.reason,
            )
    return Judgement(outcome="genuine", statement=statement)


def _public_bytes(key: PublicKey | None) -> bytes:
    try:
        return unpack(key.public_key) if key else b""
    except ValueError:
        return b""
