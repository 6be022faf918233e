"""The quick reader of plain reports says what the lenient one says, or nothing."""

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from resmi.channels.errors import Unreadable
from resmi.channels.whatsapp import plain_reports, reading

PLAIN = {
    "id": "wamid.1",
    "status": "delivered",
    "timestamp": "1767225600",
    "recipient_id": "628123456789",
    "biz_opaque_callback_data": "7.3.1",
    "pricing": {"billable": True, "category": "service"},
}
ODD = st.sampled_from(
    ["", "x", "0", "-1", "1767225600", "17672256000000", "９", "6281\0", 5, 1.5, None, True, {}, []]
)
ENVELOPES = [
    b'{"received":1767225601.5,"metadata":{"display_phone_number":"62150"}}',
    b'{"received":1767225601.5,"contact":{"wa_id":"628123456789","user_id":"ID.1"}}',
    b"",
]


def _leniently(raw: bytes, envelope: bytes) -> object:
    node = reading._Read("status", reading.wire.mapping(raw), reading._envelope(envelope), "p")
    return reading._status(node)


def test_a_plain_report_is_read_quickly_and_alike() -> None:
    raw = msgspec.json.encode(PLAIN)
    quick = plain_reports.read(raw, ENVELOPES[0], "p")
    assert quick is not None
    assert (
        quick
        == _leniently(raw, ENVELOPES[0])
        == reading.read("status", raw, ENVELOPES[0], scope="p")
    )


@pytest.mark.parametrize("envelope", ENVELOPES)
@given(changes=st.dictionaries(st.sampled_from([*PLAIN, "recipient_user_id", "errors"]), ODD))
def test_what_is_read_quickly_is_read_alike(envelope: bytes, changes: dict[str, object]) -> None:
    raw = msgspec.json.encode({**PLAIN, **changes})
    quick = plain_reports.read(raw, envelope, "p")
    if quick is None:
        return
    try:
        assert quick == _leniently(raw, envelope)
    except Unreadable as error:
        pytest.fail(f"the lenient reader refuses it: {error}")


@pytest.mark.parametrize(
    "raw",
    [
        msgspec.json.encode({**PLAIN, "status": "failed", "errors": [{"code": 131026}]}),
        msgspec.json.encode({**PLAIN, "errors": [{"code": 131026}]}),
        msgspec.json.encode({**PLAIN, "recipient_id": "ID.user"}),
        b"not json",
        b'{"id":"\xff"}',
    ],
)
def test_what_is_not_plain_is_left_to_the_lenient_reader(raw: bytes) -> None:
    assert plain_reports.read(raw, ENVELOPES[0], "p") is None
