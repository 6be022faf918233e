from datetime import UTC, datetime
from typing import Any

import pytest

from resmi.channels.whatsapp import numbers, splitting
from tests.channels.whatsapp import payloads as wa

NOW = datetime(2026, 11, 1, tzinfo=UTC)
OURS = numbers.Number(1, wa.NUMBER, wa.WABA, "portfolio")
SECOND = numbers.Number(2, "5550002", wa.WABA, "portfolio")


def split(*, waba: str = wa.WABA, **change: Any) -> splitting.Row:
    if not change.keys() - {"number"}:
        change["messages"] = [wa.message()]
    (row,) = splitting.split(wa.body(wa.entry(wa.change(**change), waba=waba)), received=NOW)
    return row


def test_an_item_goes_to_the_channel_of_its_number() -> None:
    stored = numbers.Numbers((SECOND, OURS)).place(split())
    assert (stored.channel, stored.status) == (1, "new")


def test_the_contact_key_holds_the_portfolio() -> None:
    stored = numbers.Numbers((OURS,)).place(split())
    assert stored.contact_key == f"whatsapp:portfolio:{wa.CITIZEN}"


def test_an_item_for_a_number_that_is_not_ours_is_parked_and_says_which() -> None:
    stored = numbers.Numbers((OURS,)).place(split(number="999"))
    assert (stored.channel, stored.status) == (None, "parked")
    assert "999" in stored.error


def test_a_notice_goes_to_the_first_number_of_the_account() -> None:
    notice = wa.body(wa.entry(wa.notice("flows", {})))
    (row,) = splitting.split(notice, received=NOW)
    assert numbers.Numbers((OURS, SECOND)).place(row).channel == 1


def test_a_notice_of_another_account_is_kept_without_a_channel() -> None:
    (row,) = splitting.split(wa.body(wa.entry(wa.notice("flows", {}), waba="9")), received=NOW)
    stored = numbers.Numbers((OURS,)).place(row)
    assert (stored.channel, stored.status) == (None, "new")


@pytest.mark.parametrize(("ours", "channel"), [((OURS,), 1), ((OURS, SECOND), None)])
def test_a_message_without_number_is_taken_by_an_accounts_only_one(
    ours: tuple[numbers.Number, ...], channel: int | None
) -> None:
    assert numbers.Numbers(ours).place(split(number="")).channel == channel


def test_what_could_not_be_split_stays_unparsed_with_the_reason() -> None:
    (row,) = splitting.split(b"{", received=NOW)
    stored = numbers.Numbers((OURS,)).place(row)
    assert (stored.status, bool(stored.error)) == ("unparsed", True)


@pytest.mark.parametrize(
    ("ours", "number", "waba", "may"),
    [
        ((), "1", "9", True),
        ((OURS,), "1", wa.WABA, True),
        ((OURS,), "1", "9", False),
        ((), "123456123", "0", False),
        ((), "", "9", False),
    ],
)
def test_a_channel_is_added_for_the_first_number_and_for_known_accounts(
    ours: tuple[numbers.Number, ...], number: str, waba: str, may: bool
) -> None:
    assert numbers.Numbers(ours).may_add(split(number=number, waba=waba)) is may
