from __future__ import annotations

from tests.channels.simulator.stand import PHONE, Stand

BUTTONS = {
    "type": "interactive",
    "interactive": {
        "type": "button",
        "body": {"text": "?"},
        "action": {"buttons": [{"type": "reply", "reply": {"id": "yes", "title": "Ya"}}]},
    },
}
LIST = {
    "type": "interactive",
    "interactive": {
        "type": "list",
        "body": {"text": "?"},
        "action": {
            "button": "Open",
            "sections": [{"rows": [{"id": "r1", "title": "One", "description": "first"}]}],
        },
    },
}


def test_a_tapped_button_comes_back_with_id_title_and_context(chat: Stand) -> None:
    asked = chat.sent_id(BUTTONS)
    chat.say(type="choice", message=asked, id="yes")
    [message] = chat.messages()
    assert message["interactive"] == {
        "type": "button_reply",
        "button_reply": {"id": "yes", "title": "Ya"},
    }
    assert message["context"] == {"from": "622130001500", "id": asked}


def test_a_chosen_row_comes_back_with_its_description(chat: Stand) -> None:
    asked = chat.sent_id(LIST)
    chat.say(type="choice", message=asked, id="r1")
    reply = chat.messages()[0]["interactive"]["list_reply"]
    assert reply == {"id": "r1", "title": "One", "description": "first"}


def test_what_was_not_offered_cannot_be_chosen(chat: Stand) -> None:
    asked = chat.sent_id(BUTTONS)
    said = {"type": "choice", "message": asked, "id": "no"}
    status, answer = chat.call("POST", "/control/citizens/budi/say", said)
    assert (status, "no" in answer["error"]) == (400, True)


def test_an_edit_and_a_deletion_name_the_first_message(chat: Stand) -> None:
    first = chat.say(type="text", text="one")
    chat.say(type="edit", message=first["id"], text="two")
    chat.say(type="revoke", message=first["id"])
    _, edit, revoke = chat.messages()
    assert edit["edit"]["original_message_id"] == first["id"]
    assert edit["edit"]["message"]["text"] == {"body": "two"}
    assert revoke["revoke"] == {"original_message_id": first["id"]}


def test_taking_a_reaction_back_leaves_out_the_emoji(chat: Stand) -> None:
    target = chat.sent_id()
    chat.say(type="reaction", message=target, emoji="👍")
    chat.say(type="reaction", message=target)
    assert [one["reaction"].get("emoji") for one in chat.messages()] == ["👍", None]


def test_unsupported_and_oversized_messages_carry_the_reason(stand: Stand) -> None:
    stand.say(type="unsupported", kind="poll")
    stand.say(type="too_big", kind="video")
    assert [one["errors"][0]["code"] for one in stand.messages()] == [131051, 131052]


def test_a_type_nobody_knows_yet_can_be_sent(stand: Stand) -> None:
    stand.say(type="raw", kind="hologram", content={"depth": 3})
    [message] = stand.messages()
    assert (message["type"], message["hologram"]) == ("hologram", {"depth": 3})


def test_a_new_number_is_told_with_both_numbers(chat: Stand) -> None:
    chat.call("POST", "/control/citizens/budi/number", {"phone": "6281266600111"})
    chat.settle()
    [message] = chat.messages()
    assert message["from"] == "6281255500111"
    assert message["system"]["type"] == "user_changed_number"
    assert message["system"]["wa_id"] == "6281266600111"


def test_a_hidden_citizens_new_number_is_told_by_scoped_ids_only(stand: Stand) -> None:
    stand.say("ayu", type="text", text="Hi")
    before = stand.messages()[0]["from_user_id"]
    stand.call("POST", "/control/citizens/ayu/number", {"phone": "6281366600333"})
    stand.settle()
    system = stand.messages()[1]["system"]
    assert "from" not in stand.messages()[1]
    assert system["type"] == "user_changed_user_id"
    assert system["previous_user_id"] == before != system["user_id"]


def test_hiding_the_phone_takes_it_out_of_what_follows(chat: Stand) -> None:
    chat.change(hidden=True, username="budi.s")
    chat.say(type="text", text="incognito")
    value = chat.changes()[0]["value"]
    assert value["contacts"][0]["profile"]["username"] == "@budi.s"
    assert "wa_id" not in value["contacts"][0]
    assert "from" not in value["messages"][0]


def test_a_phone_we_wrote_to_stays_visible_for_30_days(chat: Stand) -> None:
    chat.change(hidden=True, username="budi.s")
    chat.sent_id()
    chat.say(type="text", text="soon")
    chat.advance(31 * 86400)
    chat.say(type="text", text="late")
    assert ["from" in one for one in chat.messages()] == [True, False]


def test_stopping_marketing_is_told_and_obeyed(chat: Stand) -> None:
    chat.change(marketing_stopped=True)
    preference = chat.changes()[0]["value"]["user_preferences"][0]
    assert (preference["category"], preference["value"]) == ("marketing_messages", "stop")


def test_a_voice_note_and_a_document_carry_what_meta_gives(stand: Stand) -> None:
    kind = {"Content-Type": "audio/ogg; codecs=opus"}
    voice = stand.call("POST", "/control/media", data=b"OggS", headers=kind)[1]["id"]
    kind = {"Content-Type": "application/pdf"}
    paper = stand.call("POST", "/control/media?filename=a.pdf", data=b"%PDF", headers=kind)[1]["id"]
    stand.say(type="voice", media=voice)
    stand.say(type="document", media=paper, text="bukti")
    audio, document = stand.messages()
    assert audio["audio"]["voice"] is True
    assert audio["audio"]["mime_type"] == "audio/ogg; codecs=opus"
    assert (document["document"]["filename"], document["document"]["caption"]) == ("a.pdf", "bukti")


def test_sharing_the_own_number_answers_the_request(stand: Stand) -> None:
    stand.say("ayu", type="contact_request")
    [card] = stand.messages()[0]["contacts"]
    assert card["origin"] == "contact_request"
    assert card["phones"][0]["wa_id"] == "6281355500333"


def test_an_unknown_citizen_is_named_in_the_refusal(stand: Stand) -> None:
    said = {"type": "text", "text": "x"}
    status, answer = stand.call("POST", "/control/citizens/nobody/say", said)
    assert (status, answer["error"]) == (400, "there is no citizen 'nobody'")


def test_a_new_citizen_can_write_at_once(stand: Stand) -> None:
    person = {"key": "rina", "name": "Rina", "phone": "6281277700444"}
    assert stand.call("POST", "/control/citizens", person)[0] == 201
    stand.say("rina", type="text", text="Halo")
    assert stand.messages()[0]["from"] == "6281277700444"


def test_a_snapshot_brings_the_whole_world_back(chat: Stand) -> None:
    world = chat.call("GET", "/control/snapshot")[1]
    chat.call("POST", "/control/reset", {})
    assert chat.state()["messages"] == 0
    assert chat.call("PUT", "/control/snapshot", world)[0] == 200
    assert chat.state()["messages"] == 1
    assert chat.state()["citizens"][0]["windows"][PHONE] > 0
