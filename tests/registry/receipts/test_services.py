"""Receipts are stored as signed, and no longer believed once the database was tampered with."""

from __future__ import annotations

import json
from pathlib import Path

import msgspec
import pytest
from django.db import connection
from django.db.utils import IntegrityError
from django.test.utils import CaptureQueriesContext

from resmi.agency.models import AuditEntry
from resmi.registry.receipts import codes, keyring, queries, services, statements
from resmi.registry.receipts.models import Receipt
from resmi.registry.receipts.queries import Kept
from resmi.registry.receipts.services import Answered
from tests.registry.receipts.making import ISSUER, NOW, SECRET, verdict

pytestmark = pytest.mark.django_db


def answered(number: int = 1, **fields: object) -> Answered:
    code = codes.derive(SECRET, number)
    return Answered(code=code, at=NOW, verdict=verdict(**fields), conversation=7, seq=number)


def kept(code: str) -> Kept:
    found = queries.find(code)
    assert found is not None
    return found


def copy_of(code: str) -> bytes:
    receipt = kept(code)
    return msgspec.json.encode(
        {
            "statement": msgspec.Raw(receipt.raw),
            "signature": statements.pack(receipt.signature),
        }
    )


def test_a_receipt_keeps_what_was_asked_answered_when_and_from_which_list(keys: Path) -> None:
    services.issue([answered()])
    receipt = kept(answered().code)
    assert receipt.statement.verdict == verdict()
    assert receipt.statement.answered_at == "2026-03-03T10:00:00Z"
    assert receipt.statement.issuer == ISSUER
    row = Receipt.objects.get()
    assert (row.conversation, row.seq, row.version) == (7, 1, 3)
    assert (row.query, row.status, row.entity) == ("dana sejahtera contoh", "licensed", "L1")
    assert (row.source, row.as_of) == ("Register of Examples", "2026-03-01")


def test_however_many_receipts_are_written_in_one_statement(keys: Path) -> None:
    with CaptureQueriesContext(
        connection,
    ) as captured:
        services.issue([answered(number) for number in range(1, 201)])
    assert len(captured) == 1
    assert Receipt.objects.count() == 200


def test_nothing_is_written_for_no_answers(no_keys: None) -> None:
    with CaptureQueriesContext(connection) as captured:
        services.issue([])
    assert len(captured) == 0


def test_one_event_has_one_receipt(keys: Path) -> None:
    services.issue([answered()])
    with pytest.raises(IntegrityError):
        services.issue([msgspec.structs.replace(answered(), code=codes.encode(5))])


def test_the_copy_of_a_stored_receipt_is_genuine_offline(keys: Path) -> None:
    services.issue([answered(query='PT "Ünïcode" 한국\n')])
    assert statements.judge(copy_of(answered().code), queries.published()).genuine


def test_a_code_nobody_issued_has_no_receipt(keys: Path) -> None:
    assert queries.find(codes.encode(1)) is None


@pytest.mark.parametrize("column", ["statement", "signature", "key"])
def test_a_row_somebody_changed_is_not_believed(keys: Path, column: str) -> None:
    services.issue([answered()])
    row = Receipt.objects.get()
    changed = json.loads(bytes(row.statement))
    changed["verdict"]["status"] = "illegal"
    forged = {
        "statement": statements.canonical(changed),
        "signature": bytes(64),
        "key": "0" * 16,
    }
    Receipt.objects.update(**{column: forged[column]})
    with pytest.raises(queries.Altered):
        queries.find(row.code)


def test_a_statement_moved_to_another_code_is_not_believed(keys: Path) -> None:
    services.issue([answered()])
    Receipt.objects.update(code=codes.encode(5))
    with pytest.raises(queries.Altered):
        queries.find(codes.encode(5))


def test_a_new_key_signs_at_once_and_old_receipts_still_hold(keys: Path) -> None:
    services.issue([answered(1)])
    old = kept(answered(1).code).key.id
    new = keyring.rotate(keys, NOW)
    services.issue([answered(2)])
    assert kept(answered(2).code).key.id == new.id != old
    for number in (1, 2):
        assert statements.judge(copy_of(answered(number).code), queries.published()).genuine


def test_after_a_revocation_we_still_know_but_a_copy_proves_nothing(keys: Path) -> None:
    services.issue([answered()])
    stolen = kept(answered().code).key.id
    keyring.revoke(keys, stolen, "stolen", NOW)
    assert kept(answered().code).key.revoked_at
    judged = statements.judge(copy_of(answered().code), queries.published())
    assert judged.outcome == "revoked_key"


def test_a_withdrawn_receipt_is_published_without_its_code(keys: Path) -> None:
    services.issue([answered()])
    code = answered().code
    assert services.withdraw(actor=None, code=code, reason="a clerk's mistake")
    published = queries.published()
    assert code not in msgspec.json.encode(published).decode()
    judged = statements.judge(copy_of(code), published)
    assert (judged.outcome, judged.reason) == ("withdrawn", "a clerk's mistake")
    assert kept(code).withdrawn_reason == "a clerk's mistake"
    assert AuditEntry.objects.get().target == f"receipt:{code}"


def test_a_receipt_is_withdrawn_once(keys: Path) -> None:
    services.issue([answered()])
    assert services.withdraw(actor=None, code=answered().code, reason="first")
    assert not services.withdraw(actor=None, code=answered().code, reason="second")
    assert not services.withdraw(actor=None, code=codes.encode(5), reason="nobody's")
    assert kept(answered().code).withdrawn_reason == "first"


def test_a_visitor_gets_a_receipt_of_their_own_each_time(keys: Path) -> None:
    first, second = (services.issue_for_visitor(verdict()) for _ in range(2))
    assert first != second
    assert kept(first).statement.asked == "check"


def test_without_keys_nobody_gets_a_receipt_and_nothing_breaks(no_keys: None) -> None:
    assert services.issue_for_visitor(verdict()) == ""
    assert services.issuer().book(1, 1).code(0) == ""
    assert queries.published().keys == ()


def test_answers_that_need_signing_without_keys_are_refused(no_keys: None) -> None:
    with pytest.raises(keyring.Unusable, match="resmi init"):
        services.issue([answered()])
