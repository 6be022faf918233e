from datetime import UTC, datetime
from typing import Any

import pytest

from resmi.channels import items
from resmi.channels.errors import Unreadable
from resmi.channels.whatsapp import reading, splitting
from resmi.engine import content
from tests.channels.whatsapp import payloads as wa

NOW = datetime(2026, 11, 1, tzinfo=UTC)
SENT_AT = datetime.fromtimestamp(wa.SENT_AT, UTC)


def read(body: bytes) -> items.Item:
    (row,) = splitting.split(body, received=NOW)
    return reading.read(row.kind, row.raw, row.envelope, scope="portfolio")


# Statuses


def report(**parts: Any) -> items.DeliveryReported:
    item = read(wa.one(wa.status(**parts), part="statuses"))
    assert isinstance(item, items.DeliveryReported)
    return item


def test_a_status_says_how_far_a_message_got() -> None:
    pricing = {"billable": True, "category": "service", "type": "regular"}
    assert report(biz_opaque_callback_data="1.2.0", pricing=pricing) == items.DeliveryReported(
        ref="1.2.0",
        provider_id="wamid.out",
        status="delivered",
        at=SENT_AT,
        category="service",
        recipient=items.Address(kind="whatsapp", scope="portfolio", phone=wa.CITIZEN),
    )


def test_a_failure_says_why_even_when_it_names_nobody() -> None:
    errors = [{"code": 131026, "title": "t", "error_data": {"details": "Undeliverable."}}]
    failed = report(word="failed", to=None, errors=errors)
    assert (failed.code, failed.reason, failed.recipient) == ("131026", "Undeliverable.", None)


@pytest.mark.parametrize("word", ["", "teleported", "DELIVERED", None])
def test_a_status_of_another_word_is_unreadable(word: Any) -> None:
    with pytest.raises(Unreadable):
        report(word=word)


def test_a_status_of_no_message_is_unreadable() -> None:
    with pytest.raises(Unreadable):
        report(id=None)


# Calls, echoes, preferences


@pytest.mark.parametrize(
    "call",
    [
        {"from": wa.CITIZEN, "to": wa.DISPLAY, "direction": "USER_INITIATED"},
        {"from": wa.DISPLAY, "to": wa.CITIZEN, "direction": "BUSINESS_INITIATED"},
        {"from": wa.DISPLAY, "to": wa.CITIZEN},
        {"from": wa.CITIZEN},
    ],
)
def test_the_citizen_on_a_call_is_found_whoever_dialled(call: dict[str, Any]) -> None:
    item = read(wa.one({"id": "wacid.1", "event": "connect", **call}, part="calls"))
    assert isinstance(item, items.CallEvent)
    assert item.caller is not None
    assert item.caller.phone == wa.CITIZEN


def test_the_status_of_a_call_is_a_call_event() -> None:
    item = read(wa.one(wa.status(id="wacid.1", word="RINGING", type="call"), part="statuses"))
    assert isinstance(item, items.CallEvent)
    assert (item.call_id, item.event) == ("wacid.1", "ringing")


def test_what_our_side_sent_from_the_phone_is_an_echo() -> None:
    echoed = wa.message(sender=wa.DISPLAY, to=wa.CITIZEN)
    item = read(wa.one(echoed, part="message_echoes", field="smb_message_echoes"))
    assert isinstance(item, items.Echo)
    assert (item.recipient.phone, item.content) == (wa.CITIZEN, content.Text("hello"))


@pytest.mark.parametrize(("value", "stop"), [("stop", True), ("resume", False), ("signup", False)])
def test_preferences_stop_or_resume(value: str, stop: bool) -> None:
    preference = {"wa_id": wa.CITIZEN, "value": value, "timestamp": wa.SENT_AT}
    item = read(wa.one(preference, part="user_preferences", field="user_preferences"))
    assert isinstance(item, items.PreferenceChanged)
    assert (item.stop, item.sender.phone, item.at) == (stop, wa.CITIZEN, SENT_AT)


def test_a_preference_of_another_word_is_unreadable() -> None:
    with pytest.raises(Unreadable):
        read(wa.one({"wa_id": "1", "value": "maybe"}, part="user_preferences"))


# Identity


def changed(system: dict[str, Any], **more: Any) -> items.Item:
    return read(wa.one(wa.message(kind="system", system=system, **more)))


@pytest.mark.parametrize("key", ["wa_id", "new_wa_id"])
def test_a_new_number_links_old_and_new(key: str) -> None:
    item = changed({"type": "user_changed_number", key: "628222", "user_id": wa.BSUID})
    assert isinstance(item, items.IdentityChanged)
    assert (item.before.phone, item.after.phone) == (wa.CITIZEN, "628222")
    assert item.after.user_id == wa.BSUID


@pytest.mark.parametrize(
    "system",
    [
        {"previous_user_id": "ID.1", "user_id": "ID.2"},
        {"body": "User Sari changed from ID.1 to ID.2", "user_id": "ID.2"},
        {"body": "User from changed from X changed from ID.1 to ID.2"},
    ],
)
def test_a_new_user_id_links_old_and_new(system: dict[str, Any]) -> None:
    item = changed({"type": "user_changed_user_id", **system}, sender="")
    assert isinstance(item, items.IdentityChanged)
    assert (item.before.user_id, item.after.user_id) == ("ID.1", "ID.2")
    assert (item.before.scope, item.after.scope) == ("portfolio", "portfolio")


@pytest.mark.parametrize("system", [{}, {"user_id": "ID.2"}, {"previous_user_id": "ID.1"}])
def test_a_change_that_names_one_side_only_is_unreadable(system: dict[str, Any]) -> None:
    with pytest.raises(Unreadable):
        changed({"type": "user_changed_user_id", **system}, sender="")


def test_a_new_security_code_is_a_notice() -> None:
    item = changed({"type": "customer_identity_changed", "body": "User identity changed"})
    assert isinstance(item, items.AccountNotice)
    assert item.summary == "User identity changed"


# Notices


def notice(field: str, value: Any, **more: Any) -> items.AccountNotice:
    item = read(wa.body(wa.entry(wa.notice(field, value), **more)))
    assert isinstance(item, items.AccountNotice)
    return item


def test_a_notice_is_summed_up_in_its_own_words() -> None:
    value = {"event": "FLAGGED", "info": {"limit": "TIER_1K", "old": None}, "ids": [1, 2]}
    found = notice("phone_number_quality_update", value, time=wa.SENT_AT)
    assert found.summary == "event FLAGGED, limit TIER_1K, ids 1, ids 2"
    assert (found.field, found.at) == ("phone_number_quality_update", SENT_AT)


@pytest.mark.parametrize(
    ("value", "pauses"),
    [
        ({"event": "DISABLED_UPDATE", "ban_info": {"waba_ban_state": "DISABLE"}}, True),
        ({"event": "DISABLED_UPDATE", "ban_info": {"waba_ban_state": "REINSTATE"}}, False),
        ({"event": "ACCOUNT_VIOLATION"}, True),
        ({"event": "ACCOUNT_DELETED"}, True),
        ({"event": "VERIFIED_ACCOUNT"}, False),
        (
            {
                "event": "ACCOUNT_RESTRICTION",
                "restriction_info": [
                    {"restriction_type": "RESTRICTED_CUSTOMER_INITIATED_MESSAGING"}
                ],
            },
            True,
        ),
        (
            {
                "event": "ACCOUNT_RESTRICTION",
                "restriction_info": [{"restriction_type": "RESTRICTED_ADD_PHONE_NUMBER_ACTION"}],
            },
            False,
        ),
        ("DISABLED_UPDATE", False),
    ],
)
def test_sending_stops_when_the_account_may_not_send(value: Any, pauses: bool) -> None:
    assert notice("account_update", value).pauses is pauses


def test_the_same_words_under_another_field_stop_nothing() -> None:
    assert not notice("security", {"event": "DISABLED_UPDATE"}).pauses


@pytest.mark.parametrize(
    ("code", "pauses"), [(131031, True), ("131031", True), (130429, False), ("9" * 5000, False)]
)
def test_an_error_of_the_account_stops_sending_when_nothing_can_be_sent(
    code: int | str, pauses: bool
) -> None:
    item = read(wa.one({"code": code, "title": "words"}, part="errors"))
    assert isinstance(item, items.AccountNotice)
    assert (item.field, item.pauses) == ("errors", pauses)


def test_a_notice_nested_deeply_is_cut_short() -> None:
    value: Any = "deep"
    for _ in range(300):
        value = {"a": value}
    assert notice("flows", value).summary == ""
