from __future__ import annotations

from typing import Any

import aiohttp
import pytest

from tests.channels.simulator.stand import BUDI, PHONE, Stand

TEXT = {"type": "text", "text": {"body": "Halo"}}


def code_of(answer: dict[str, Any]) -> int:
    return int(answer["error"]["code"])


def test_a_taken_message_is_answered_in_metas_shape(chat: Stand) -> None:
    status, answer = chat.send()
    assert status == 200
    assert answer["messaging_product"] == "whatsapp"
    assert answer["contacts"] == [{"input": BUDI, "wa_id": BUDI[1:]}]
    assert answer["messages"][0]["id"].startswith("wamid.")


def test_a_message_to_a_closed_chat_is_sent_then_delivered_then_read(chat: Stand) -> None:
    message = chat.sent_id()
    chat.advance(2)
    assert chat.names(message) == ["sent", "delivered"]
    chat.call("POST", "/control/citizens/budi/read", {})
    chat.settle()
    assert chat.names(message) == ["sent", "delivered", "read"]


def test_delivered_is_skipped_when_the_chat_is_open(chat: Stand) -> None:
    chat.change(open_chat=PHONE)
    message = chat.sent_id()
    chat.advance(2)
    assert chat.names(message) == ["sent", "read"]


def test_a_phone_switched_off_gets_the_message_when_it_is_on_again(chat: Stand) -> None:
    chat.change(online=False)
    message = chat.sent_id()
    chat.advance(60)
    assert chat.names(message) == ["sent"]
    chat.change(online=True)
    chat.advance(1)
    assert chat.names(message) == ["sent", "delivered"]


def test_a_citizen_who_blocked_the_business_gets_nothing(chat: Stand) -> None:
    chat.change(blocks=[PHONE])
    message = chat.sent_id()
    chat.advance(60)
    assert chat.names(message) == ["sent"]


def test_without_read_receipts_nothing_is_read(chat: Stand) -> None:
    chat.change(read_receipts=False)
    message = chat.sent_id()
    chat.advance(2)
    chat.call("POST", "/control/citizens/budi/read", {})
    chat.settle()
    assert chat.names(message) == ["sent", "delivered"]


def test_a_reaction_is_only_ever_sent(chat: Stand) -> None:
    target = chat.sent_id()
    reaction = {"type": "reaction", "reaction": {"message_id": target, "emoji": "👍"}}
    message = chat.sent_id(reaction)
    chat.advance(60)
    assert chat.names(message) == ["sent"]


def test_our_callback_data_comes_back_on_every_status(chat: Stand) -> None:
    message = chat.sent_id(TEXT, biz_opaque_callback_data="7.3.1")
    chat.advance(2)
    assert {one["biz_opaque_callback_data"] for one in chat.statuses(message)} == {"7.3.1"}


def test_a_free_message_is_priced_when_sent(chat: Stand) -> None:
    message = chat.sent_id()
    chat.advance(2)
    assert chat.statuses(message)[0]["pricing"] == {
        "billable": False,
        "pricing_model": "PMP",
        "type": "free_customer_service",
        "category": "service",
    }


def test_free_text_outside_the_window_fails_by_webhook(stand: Stand) -> None:
    message = stand.sent_id()
    stand.advance(1)
    [failed] = stand.statuses(message)
    assert failed["status"] == "failed"
    assert failed["errors"][0]["code"] == 131047
    assert "recipient_user_id" not in failed
    assert "contacts" not in stand.changes()[0]["value"]


def test_the_window_closes_after_24_hours(chat: Stand) -> None:
    chat.advance(24 * 3600 - 1)
    good = chat.sent_id()
    chat.advance(1.5)
    late = chat.sent_id()
    chat.advance(2)
    assert chat.names(good)[0] == "sent"
    assert chat.names(late) == ["failed"]


def test_an_error_can_be_made_to_come_at_once_or_both_ways(stand: Stand) -> None:
    stand.faults(surface={"131047": "sync"})
    assert code_of(stand.send()[1]) == 131047
    stand.faults(surface={"131047": "both"})
    assert code_of(stand.send()[1]) == 131047
    stand.advance(1)
    assert [one["errors"][0]["code"] for one in stand.statuses()] == [131047]


def test_nobody_with_that_number_means_undeliverable(stand: Stand) -> None:
    message = stand.sent_id(to="+6281299999999")
    stand.advance(1)
    assert stand.statuses(message)[0]["errors"][0]["code"] == 131026


def test_a_number_without_plus_gets_the_business_country_in_front(chat: Stand) -> None:
    assert chat.send(to="81255500111")[1]["contacts"][0]["wa_id"] == "6281255500111"
    assert chat.send(to="821055500222")[1]["contacts"][0]["wa_id"] == "62821055500222"


def test_the_phone_wins_over_the_scoped_id(chat: Stand) -> None:
    ayu = next(one for one in chat.state()["citizens"] if one["key"] == "ayu")
    answer = chat.send(TEXT, recipient=ayu["user_id"])[1]
    assert answer["contacts"] == [{"input": BUDI, "wa_id": BUDI[1:]}]


def test_a_scoped_id_reaches_a_citizen_without_a_visible_phone(stand: Stand) -> None:
    stand.say("ayu", type="text", text="Hi")
    [message] = stand.messages()
    assert "from" not in message
    answer = stand.send(TEXT, to="", recipient=message["from_user_id"])[1]
    assert answer["contacts"][0] == {
        "input": message["from_user_id"],
        "user_id": message["from_user_id"],
    }
    stand.advance(2)
    status = stand.statuses(answer["messages"][0]["id"])[0]
    assert "recipient_id" not in status
    assert status["recipient_user_id"] == message["from_user_id"]


def test_another_portfolios_scoped_id_is_refused(stand: Stand) -> None:
    assert code_of(stand.send(TEXT, to="", recipient="ID.12345678901234567890")[1]) == 131009


def test_the_46th_message_in_a_row_hits_the_pair_limit(chat: Stand) -> None:
    codes = []
    for _ in range(46):
        codes.append(chat.send()[0])
        chat.advance(0.02)
    assert codes[:45] == [200] * 45
    status, answer = chat.send()
    assert (status, code_of(answer)) == (429, 131056)
    chat.advance(6)
    assert chat.send()[0] == 200


def test_more_than_the_throughput_in_a_second_is_refused(stand: Stand) -> None:
    stand.call("POST", f"/control/numbers/{PHONE}", {"throughput": 3})
    assert [stand.send()[0] for _ in range(3)] == [200] * 3
    assert code_of(stand.send()[1]) == 130429
    stand.advance(1)
    assert stand.send()[0] == 200


def test_what_comes_in_counts_against_the_throughput(stand: Stand) -> None:
    stand.call("POST", f"/control/numbers/{PHONE}", {"throughput": 2})
    stand.say(type="text", text="1")
    stand.say(type="text", text="2")
    assert code_of(stand.send()[1]) == 130429


def test_a_blocked_citizen_can_neither_write_nor_be_written_to(chat: Stand) -> None:
    path, body = f"/{PHONE}/block_users", {"block_users": [{"user": BUDI}]}
    status, answer = chat.graph("POST", path, {"messaging_product": "whatsapp", **body})
    assert (status, answer["block_users"]["added_users"][0]["wa_id"]) == (200, BUDI[1:])
    assert code_of(chat.send()[1]) == 130403
    chat.say(type="text", text="hello?")
    assert chat.messages() == []
    assert chat.graph("DELETE", path, body)[0] == 200
    assert chat.send()[0] == 200


def test_only_somebody_who_wrote_today_can_be_blocked(stand: Stand) -> None:
    body = {"messaging_product": "whatsapp", "block_users": [{"user": BUDI}]}
    status, answer = stand.graph("POST", f"/{PHONE}/block_users", body)
    assert (status, code_of(answer)) == (400, 139100)
    assert answer["block_users"]["failed_users"][0]["errors"][0]["code"] == 131047


def test_a_reply_to_an_unknown_message_is_refused(chat: Stand) -> None:
    assert code_of(chat.send(TEXT, context={"message_id": "wamid.none"})[1]) == 131009


def test_reading_marks_all_earlier_messages_too(chat: Stand) -> None:
    chat.say(type="text", text="two")
    last = chat.say(type="text", text="three")
    body = {"messaging_product": "whatsapp", "status": "read", "message_id": last["id"]}
    assert chat.graph("POST", f"/{PHONE}/messages", body) == (200, {"success": True})
    thread = chat.call("GET", "/control/citizens/budi/thread")[1]["messages"]
    assert {one["status"] for one in thread} == {"read"}


def test_reading_a_message_of_nobody_is_refused(stand: Stand) -> None:
    body = {"messaging_product": "whatsapp", "status": "read", "message_id": "wamid.x"}
    assert code_of(stand.graph("POST", f"/{PHONE}/messages", body)[1]) == 131009


def test_a_played_voice_message_says_so(chat: Stand) -> None:
    media = upload(chat, b"OggS", "audio/ogg; codecs=opus")
    message = chat.sent_id({"type": "audio", "audio": {"id": media}})
    chat.advance(2)
    chat.call("POST", "/control/citizens/budi/played", {"message": message})
    chat.settle()
    assert chat.names(message)[-1] == "played"


def test_a_file_sent_by_a_dead_link_fails_later(chat: Stand) -> None:
    link = {"type": "image", "image": {"link": f"{chat.base}/nothing.png"}}
    message = chat.sent_id(link)
    chat.advance(2)
    assert [one["errors"][0]["code"] for one in chat.statuses(message)] == [131053]


def test_a_picture_cannot_be_sent_as_audio(chat: Stand) -> None:
    media = upload(chat, b"\x89PNG", "image/png")
    assert code_of(chat.send({"type": "audio", "audio": {"id": media}})[1]) == 131053


@pytest.mark.parametrize("token", ["", "old"])
def test_a_missing_or_expired_token_is_refused(stand: Stand, token: str) -> None:
    stand.call("POST", "/control/tokens", {"token": "old"})
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    status, answer = stand.call("GET", f"/v26.0/{PHONE}", headers=headers)
    assert (status, code_of(answer)) == (401, 190 if token else 104)
    assert answer["error"]["type"] == "OAuthException"


def upload(stand: Stand, data: bytes, mime: str) -> str:
    form = aiohttp.FormData()
    form.add_field("messaging_product", "whatsapp")
    form.add_field("file", data, filename="f", content_type=mime)
    headers = {"Authorization": "Bearer t"}
    status, answer = stand.call("POST", f"/v26.0/{PHONE}/media", headers=headers, data=form)
    assert status == 200, answer
    return str(answer["id"])
