from __future__ import annotations

import aiohttp
import pytest

from tests.channels.simulator.stand import PHONE, Stand


def test_the_next_sends_fail_with_the_code_asked_for(chat: Stand) -> None:
    chat.faults(sends=[{"code": 131016, "count": 2}])
    assert [chat.send()[0] for _ in range(3)] == [503, 503, 200]


def test_a_send_fault_can_come_by_webhook_and_for_one_citizen_only(chat: Stand) -> None:
    chat.say("minji", type="text", text="x")
    chat.faults(sends=[{"code": 131049, "surface": "async", "citizen": "minji"}])
    budi, minji = chat.sent_id(), chat.sent_id(to="+821055500222")
    chat.advance(2)
    assert chat.names(budi)[0] == "sent"
    assert chat.statuses(minji)[0]["errors"][0]["code"] == 131049


def test_the_platform_can_be_down(chat: Stand) -> None:
    chat.faults(http={"status": 500, "count": 1})
    assert [chat.send()[0] for _ in range(2)] == [500, 200]


def test_a_send_can_be_taken_and_never_answered(chat: Stand) -> None:
    chat.faults(hang={"count": 1})
    with pytest.raises(aiohttp.ClientError):
        chat.send()
    chat.advance(2)
    [message] = chat.call("GET", "/control/messages?direction=out")[1]["messages"]
    assert chat.names(message["id"]) == ["sent", "delivered"]


def test_a_download_fails_as_often_as_asked(chat: Stand) -> None:
    media = chat.call(
        "POST", "/control/media", data=b"\x89PNG", headers={"Content-Type": "image/png"}
    )
    chat.say(type="image", media=media[1]["id"])
    chat.faults(media={"status": 503, "count": 3})
    path = chat.messages()[0]["image"]["url"].removeprefix(chat.base)
    headers = {"Authorization": "Bearer t"}
    assert [chat.call("GET", path, headers=headers)[0] for _ in range(4)] == [503] * 3 + [200]


def test_a_misspelt_fault_is_refused_rather_than_ignored(stand: Stand) -> None:
    status, answer = stand.call("PUT", "/control/faults", {"duplicate": 3})
    assert status == 400
    assert "duplicate" in answer["error"]


def test_a_number_that_left_the_platform_cannot_send(chat: Stand) -> None:
    chat.call("POST", f"/control/numbers/{PHONE}", {"status": "DELETED"})
    assert chat.send()[1]["error"]["code"] == 33
