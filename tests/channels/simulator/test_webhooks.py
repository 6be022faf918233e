from __future__ import annotations

import hashlib
import hmac
import json

from hypothesis import given
from hypothesis import strategies as st

from resmi.channels.simulator import webhooks
from resmi.channels.simulator.courier import GIVE_UP, backoff
from tests.channels.simulator.stand import PHONE, SECRET, WABA, Stand


def test_the_signature_is_over_the_exact_escaped_bytes(stand: Stand) -> None:
    stand.say(type="text", text="¿está? https://example.org/é")
    [(body, signature)] = stand.received
    expected = hmac.new(SECRET.encode(), body, hashlib.sha256).hexdigest()
    assert signature == f"sha256={expected}"
    assert rb"\u00bfest\u00e1? https:\/\/example.org\/\u00e9" in body


@given(st.dictionaries(st.text(), st.text() | st.integers() | st.none()))
def test_escaping_never_changes_what_is_said(value: dict[str, object]) -> None:
    body = webhooks.encode(value)
    assert body.isascii()
    assert b"/" not in body.replace(b"\\/", b"")
    assert json.loads(body) == value


def test_a_refused_webhook_comes_again_until_it_is_taken(stand: Stand) -> None:
    stand.answer = lambda serial: 503 if serial < 3 else 200
    stand.say(type="text", text="again")
    assert len(stand.received) == 1
    stand.advance(600)
    assert len(stand.received) == 4
    assert len({one["id"] for one in stand.messages()}) == 1
    assert stand.state()["webhook"]["waiting"] == 0


def test_after_seven_days_a_webhook_is_given_up(stand: Stand) -> None:
    stand.answer = lambda serial: 401
    stand.say(type="text", text="lost")
    stand.advance(GIVE_UP + 86400)
    webhook = stand.state()["webhook"]
    assert (webhook["waiting"], webhook["dropped"]) == (0, 1)
    assert len(stand.received) > 30


def test_retries_come_ever_more_slowly() -> None:
    waits = [backoff(tries) for tries in range(1, 20)]
    assert waits == sorted(waits)
    assert waits[0] <= 1


def test_a_full_batch_mixes_citizens_and_kinds_in_one_post(stand: Stand) -> None:
    stand.say(type="text", text="0")
    stand.faults(batch=5)
    stand.received.clear()
    stand.say(type="text", text="1")
    stand.say("minji", type="text", text="2")
    stand.call("POST", "/control/raw", {"field": "account_alerts", "value": {"a": 1}})
    stand.sent_id()
    stand.advance(3)
    bodies = [json.loads(body) for body, _ in stand.received]
    assert max(len(body["entry"]) for body in bodies) == 2
    first = bodies[0]["entry"][0]["changes"][0]["value"]
    assert len(first["messages"]) == len(first["contacts"]) == 2
    assert {field for change in stand.changes() for field in change["value"]} >= {"statuses", "a"}


def test_a_batch_that_never_fills_leaves_after_its_wait(stand: Stand) -> None:
    stand.faults(batch=1000, batch_wait=5)
    stand.say(type="text", text="alone")
    assert stand.received == []
    stand.advance(5)
    assert len(stand.messages()) == 1


def test_each_webhook_can_be_posted_several_times(stand: Stand) -> None:
    stand.faults(duplicates=5)
    stand.say(type="text", text="five")
    assert len(stand.received) == 5
    assert len({body for body, _ in stand.received}) == 1


def test_statuses_can_come_last_first(chat: Stand) -> None:
    chat.faults(reorder=True)
    message = chat.sent_id()
    chat.advance(1)
    chat.call("POST", "/control/citizens/budi/read", {})
    chat.advance(10)
    assert chat.names(message) == ["read", "delivered", "sent"]
    times = [int(one["timestamp"]) for one in chat.statuses(message)]
    assert times == sorted(times, reverse=True)


def test_a_dropped_status_never_comes(chat: Stand) -> None:
    chat.faults(drop=["delivered"])
    message = chat.sent_id()
    chat.advance(60)
    assert chat.names(message) == ["sent"]


def test_a_status_can_overtake_the_answer_to_the_send(chat: Stand) -> None:
    chat.faults(early_status=True)
    message = chat.sent_id()
    assert chat.names(message) == ["sent"]
    chat.advance(1)
    assert chat.names(message) == ["sent", "delivered"]


def test_unknown_fields_stand_beside_the_known_ones(stand: Stand) -> None:
    stand.faults(unknown_fields=True)
    stand.say(type="text", text="x")
    body = json.loads(stand.received[0][0])
    assert body["future_top_level"]
    assert stand.messages()[0]["text"] == {"body": "x"}


def test_old_shapes_carry_no_scoped_ids(chat: Stand) -> None:
    chat.faults(old_shapes=True)
    chat.say(type="text", text="old")
    chat.sent_id()
    chat.advance(1)
    assert b"user_id" not in b"".join(body for body, _ in chat.received)


def test_a_wrong_signature_can_be_made_for_a_while(stand: Stand) -> None:
    stand.faults(wrong_signature=1)
    stand.say(type="text", text="x")
    body, signature = stand.received[0]
    assert signature != webhooks.sign(SECRET, body)
    stand.say(type="text", text="y")
    assert stand.received[1][1] == webhooks.sign(SECRET, stand.received[1][0])


def test_a_failed_status_can_carry_a_bare_contact(stand: Stand) -> None:
    stand.faults(failed_contacts="bare")
    stand.sent_id()
    stand.advance(1)
    assert stand.changes()[0]["value"]["contacts"] == [{"wa_id": "6281255500111"}]


def test_registering_makes_the_challenge_and_fails_with_another_token(stand: Stand) -> None:
    good = {"url": stand.hook_url, "verify_token": "verify-me"}
    assert stand.call("POST", "/control/webhook", good)[1]["verified"] is True
    status, answer = stand.call("POST", "/control/webhook", {"verify_token": "another"})
    assert status == 400
    assert "challenge" in answer["error"]


def test_any_bytes_can_be_posted_with_any_secret(stand: Stand) -> None:
    stand.call("POST", "/control/raw", {"body": "{not json", "secret": "s"})
    assert stand.received == [(b"{not json", webhooks.sign("s", b"{not json"))]


def test_an_account_change_has_the_time_and_no_metadata(stand: Stand) -> None:
    stand.call("POST", f"/control/numbers/{PHONE}", {"quality": "YELLOW"})
    stand.settle()
    entry = json.loads(stand.received[0][0])["entry"][0]
    assert (entry["id"], type(entry["time"])) == (WABA, int)
    assert entry["changes"][0]["field"] == "phone_number_quality_update"
    assert "metadata" not in entry["changes"][0]["value"]
