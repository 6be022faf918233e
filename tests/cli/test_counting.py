import hashlib

import pytest

from resmi.cli import counting
from tests.channels.whatsapp import payloads as wa

ERROR = b'{"code": 1}'
VALUE = b'{"a":1}'


def digest(raw: bytes) -> str:
    return hashlib.sha256(raw).hexdigest()[:32]


def test_every_item_is_counted_under_its_key_and_kind() -> None:
    body = wa.one(
        wa.message(id="w1"),
        statuses=[wa.status(id="w0", word="read")],
        errors=[{"code": 1}],
    )
    assert counting.items(body) == [
        (f"wa:{wa.NUMBER}:m:w1", "message.text"),
        (f"wa:{wa.NUMBER}:s:w0:read:{wa.CITIZEN}", "status.read"),
        (f"wa:{wa.WABA}:a:errors::{digest(ERROR)}", "account.errors"),
    ]


def test_a_change_without_items_is_one_item() -> None:
    body = b'{"entry":[{"id":"1","time":5,"changes":[{"field":"f","value":{"a":1}}]}]}'
    assert counting.items(body) == [(f"wa:1:a:f:5:{digest(VALUE)}", "account.f")]


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"{}", b'{"entry":7}', b'{"entry":[]}'])
def test_what_is_no_webhook_is_one_item(body: bytes) -> None:
    assert counting.items(body) == [(f"wa::u:#{digest(body)}", "unparsed")]


def test_repeated_items_are_counted_as_often_as_they_stand_there() -> None:
    body = wa.body(wa.entry(wa.change(messages=[wa.message(), wa.message()])))
    assert len(counting.items(body)) == 2
