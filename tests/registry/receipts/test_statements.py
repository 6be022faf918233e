"""A copy of a receipt proves itself offline, and fails loudly when anything about it is wrong."""

from __future__ import annotations

import json
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from resmi.registry.receipts import statements
from resmi.registry.receipts.statements import KeySet, PublicKey, Withdrawn
from tests.registry.receipts.making import ISSUER, ring, signed, statement, verdict

RING = ring()
SIGNING = RING.signing


def published(*keys: PublicKey, withdrawn: tuple[Withdrawn, ...] = ()) -> KeySet:
    return KeySet(issuer=ISSUER, keys=keys or (SIGNING,), withdrawn=withdrawn)


def changed(copy: bytes, *path: str, to: Any) -> bytes:
    document = json.loads(copy)
    inner = document
    for name in path[:-1]:
        inner = inner[name]
    inner[path[-1]] = to
    return json.dumps(document).encode()


def test_a_copy_signed_by_a_published_key_is_genuine() -> None:
    judged = statements.judge(signed(RING), published())
    assert judged.genuine
    assert judged.statement is not None
    assert judged.statement.verdict.name == "PT Dana Sejahtera Contoh"


def test_a_copy_laid_out_differently_is_as_genuine() -> None:
    copy = json.dumps(json.loads(signed(RING)), indent=4, ensure_ascii=True).encode()
    assert statements.judge(copy, published()).genuine


@pytest.mark.parametrize(
    ("path", "to"),
    [
        (("statement", "verdict", "status"), "illegal"),
        (("statement", "verdict", "name"), "PT Dana Sejahtera C0ntoh"),
        (("statement", "verdict", "version"), 4),
        (("statement", "answered_at"), "2026-03-04T10:00:00Z"),
        (("statement", "issuer"), "https://agency.example.org"),
        (("statement", "more"), "words"),
        (("signature",), statements.pack(bytes(64))),
    ],
)
def test_a_copy_with_anything_changed_is_altered(path: tuple[str, ...], to: Any) -> None:
    judged = statements.judge(changed(signed(RING), *path, to=to), published())
    assert judged.outcome == "altered"


def test_a_key_that_comes_along_with_a_forgery_is_not_believed() -> None:
    forger = ring()
    copy = json.loads(signed(forger))
    copy["key"] = msgspec.to_builtins(forger.signing)
    judged = statements.judge(json.dumps(copy).encode(), published())
    assert judged.outcome == "unknown_key"


def test_a_forger_can_not_borrow_the_id_of_our_key() -> None:
    copy = signed(ring(), statement(SIGNING.id))
    assert statements.judge(copy, published()).outcome == "altered"


def test_a_key_listed_under_an_id_that_is_not_its_own_is_not_believed() -> None:
    forger = ring()
    listed = msgspec.structs.replace(forger.signing, id=SIGNING.id)
    copy = signed(forger, statement(SIGNING.id))
    assert statements.judge(copy, published(listed)).outcome == "unknown_key"


def test_a_receipt_signed_by_a_retired_key_stays_genuine() -> None:
    retired = msgspec.structs.replace(SIGNING, retired_at="2026-04-01T00:00:00Z")
    assert statements.judge(signed(RING), published(retired, ring().signing)).genuine


def test_a_receipt_signed_by_a_revoked_key_no_longer_proves_itself() -> None:
    revoked = msgspec.structs.replace(
        SIGNING, revoked_at="2026-04-01T00:00:00Z", revoked_reason="stolen"
    )
    judged = statements.judge(signed(RING), published(revoked, ring().signing))
    assert (judged.outcome, judged.reason) == ("revoked_key", "stolen")


def test_a_receipt_taken_back_is_said_to_be() -> None:
    said = statement(SIGNING.id)
    taken_back = Withdrawn(
        code_sha256=statements.code_digest(said.code), at="2026-04-01T00:00:00Z", reason="wrong"
    )
    judged = statements.judge(signed(RING, said), published(withdrawn=(taken_back,)))
    assert (judged.outcome, judged.reason) == ("withdrawn", "wrong")


@pytest.mark.parametrize(
    "copy",
    [
        b"",
        b"{}",
        b"[]",
        b"\xff",
        b'{"statement": {}, "signature": "!"}',
        b'{"statement": {"code": 1}, "signature": ""}',
        b"[" * 100_000,
        changed(signed(RING), "statement", "code", to="0" * 11 + "1"),
        changed(signed(RING), "statement", "format", to="resmi-receipt/9"),
        changed(signed(RING), "signature", to="%%%"),
    ],
)
def test_what_is_no_receipt_is_unreadable(copy: bytes) -> None:
    assert statements.judge(copy, published()).outcome == "unreadable"


@given(st.binary(max_size=200))
def test_judging_never_raises(copy: bytes) -> None:
    assert not statements.judge(copy, published()).genuine


@given(st.text(st.characters(codec="utf-8")), st.integers(0, 2**31))
def test_the_signed_bytes_are_what_any_language_can_make(words: str, version: int) -> None:
    said = statement(SIGNING.id, about=verdict(query=words, note=words, version=version))
    expected = json.dumps(
        msgspec.to_builtins(said), sort_keys=True, ensure_ascii=False, separators=(",", ":")
    )
    assert statements.canonical(said) == expected.encode()


@given(st.text(st.characters(codec="utf-8")))
def test_whatever_was_asked_the_copy_is_genuine(words: str) -> None:
    copy = signed(RING, statement(SIGNING.id, about=verdict(query=words)))
    assert statements.judge(copy, published()).genuine


@given(st.binary(max_size=100))
def test_packed_bytes_come_back(raw: bytes) -> None:
    assert statements.unpack(statements.pack(raw)) == raw
