from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given

from resmi.channels.whatsapp import encoding
from resmi.engine import content
from resmi.engine.address import Address
from resmi.engine.content import Choices, Option, Outbound, Text
from resmi.engine.rendering import render
from tests.engine.test_rendering import WHATSAPP, contents

PHONE = Address(kind="whatsapp", scope="p1", phone="6281100001")
USER = Address(kind="whatsapp", scope="p1", user_id="ID.134912086553")
BOTH = Address(kind="whatsapp", scope="p1", user_id="ID.1", phone="6281100001")


def encoded(message: Outbound, **fields: Any) -> dict[str, Any]:
    return encoding.message(message, **{"to": PHONE, "ref": "1.2.1", **fields})


def refused(message: Outbound, **fields: Any) -> str:
    with pytest.raises(encoding.Unsendable) as raised:
        encoded(message, **fields)
    return raised.value.part


def options(*titles: str) -> tuple[Option, ...]:
    return tuple(Option(f"o{number}", title) for number, title in enumerate(titles))


def test_a_text_names_recipient_and_our_reference() -> None:
    assert encoded(Text("Halo")) == {
        "messaging_product": "whatsapp",
        "recipient_type": "individual",
        "to": "+6281100001",
        "type": "text",
        "text": {"body": "Halo", "preview_url": False},
        "biz_opaque_callback_data": "1.2.1",
    }


def test_a_citizen_without_a_phone_is_reached_by_user_id() -> None:
    body = encoded(Text("Halo"), to=USER)
    assert body["recipient"] == "ID.134912086553"
    assert "to" not in body


def test_the_phone_is_used_where_both_are_known() -> None:
    body = encoded(Text("Halo"), to=BOTH)
    assert body["to"] == "+6281100001"
    assert "recipient" not in body


def test_a_citizen_without_any_address_is_refused() -> None:
    assert refused(Text("Halo"), to=Address(kind="whatsapp")) == "recipient"
    assert refused(Text("Halo"), to=Address(kind="whatsapp", phone="+62 811")) == "recipient"


def test_a_link_preview_is_asked_for() -> None:
    assert encoded(Text("https://x.example", link_preview=True))["text"]["preview_url"] is True


def test_an_answer_names_the_message_answered() -> None:
    assert encoded(Text("Ya"), reply_to="wamid.9")["context"] == {"message_id": "wamid.9"}


def test_few_short_options_are_reply_buttons() -> None:
    question = Choices("Apa?", options("Ya", "Tidak"), header="Cek", footer="Resmi")
    assert encoded(question)["interactive"] == {
        "type": "button",
        "header": {"type": "text", "text": "Cek"},
        "body": {"text": "Apa?"},
        "footer": {"text": "Resmi"},
        "action": {
            "buttons": [
                {"type": "reply", "reply": {"id": "o0", "title": "Ya"}},
                {"type": "reply", "reply": {"id": "o1", "title": "Tidak"}},
            ]
        },
    }


def test_more_options_are_a_list() -> None:
    rows = (*options("A", "B", "C"), Option("d", "D", "Keterangan"))
    interactive = encoded(Choices("Apa?", rows, button="Pilih"))["interactive"]
    assert interactive["type"] == "list"
    assert interactive["action"]["button"] == "Pilih"
    (section,) = interactive["action"]["sections"]
    assert section["rows"][0] == {"id": "o0", "title": "A"}
    assert section["rows"][3] == {"id": "d", "title": "D", "description": "Keterangan"}


def test_a_template_carries_its_values_by_position_on_one_line() -> None:
    template = content.Template("reminder", "en_US", ("Budi", "senin\n09:00"))
    assert encoded(template)["template"] == {
        "name": "reminder",
        "language": {"code": "en_US"},
        "components": [
            {
                "type": "body",
                "parameters": [
                    {"type": "text", "text": "Budi"},
                    {"type": "text", "text": "senin 09:00"},
                ],
            }
        ],
    }


def test_the_reply_buttons_of_a_template_send_back_what_they_are_about() -> None:
    template = content.Template("reminder", "id", ("Budi",), buttons=("unwatch:entity:1",))
    assert encoded(template)["template"]["components"][1] == {
        "type": "button",
        "sub_type": "quick_reply",
        "index": "0",
        "parameters": [{"type": "payload", "payload": "unwatch:entity:1"}],
    }


def test_a_template_without_variables_has_no_components() -> None:
    assert "components" not in encoded(content.Template("hello", "id"))["template"]


@pytest.mark.parametrize("kind", ["image", "video"])
def test_a_picture_or_video_carries_its_caption(kind: Any) -> None:
    file = content.Media(kind, "x/y", media="1", caption="KTP")
    assert encoded(file, upload_id="77")[kind] == {"id": "77", "caption": "KTP"}


def test_a_document_carries_its_name() -> None:
    file = content.Media("document", "application/pdf", media="1", filename="surat.pdf")
    body = encoded(file, upload_id="77")
    assert body["document"] == {"id": "77", "filename": "surat.pdf"}


def test_a_voice_message_is_audio_marked_as_voice() -> None:
    body = encoded(content.Media("voice", "audio/ogg", media="1"), upload_id="77")
    assert (body["type"], body["audio"]) == ("audio", {"id": "77", "voice": True})


def test_a_reaction_and_its_removal() -> None:
    for emoji in ("👍", ""):
        body = encoded(content.Reaction("wamid.9", emoji), reply_to="wamid.9")
        assert body["reaction"] == {"message_id": "wamid.9", "emoji": emoji}
        assert "context" not in body


def test_a_request_for_a_place() -> None:
    assert encoded(content.LocationRequest("Di mana?"))["interactive"] == {
        "type": "location_request_message",
        "body": {"text": "Di mana?"},
        "action": {"name": "send_location"},
    }


def test_a_request_for_the_phone_number() -> None:
    assert encoded(content.ContactRequest("Nomor Anda?"))["interactive"] == {
        "type": "request_contact_info",
        "body": {"text": "Nomor Anda?"},
        "action": {"name": "request_contact_info"},
    }


def test_a_read_mark_and_a_typing_sign() -> None:
    mark = {"messaging_product": "whatsapp", "status": "read", "message_id": "wamid.9"}
    assert encoding.read_mark("wamid.9") == mark
    assert encoding.typing("wamid.9") == {**mark, "typing_indicator": {"type": "text"}}


@pytest.mark.parametrize(
    ("message", "part"),
    [
        (Text(""), "text"),
        (Text(" \n"), "text"),
        (Text("x" * 4097), "text"),
        (Choices("Apa?", ()), "options"),
        (Choices("Apa?", options(*"ABCDEFGHIJK")), "options"),
        (Choices("Apa?", (Option("a", "A"), Option("a", "B"))), "options"),
        (Choices("", options("A")), "text"),
        (Choices("x" * 4097, options("A"), button="Pilih"), "text"),
        (Choices("Apa?", options("")), "option"),
        (Choices("Apa?", options("x" * 25), button="Pilih"), "option"),
        (Choices("Apa?", options(*"ABCD")), "list button"),
        (Choices("Apa?", options(*"ABCD"), button="x" * 21), "list button"),
        (Choices("Apa?", (Option("x" * 257, "A"),)), "option id"),
        (Choices("Apa?", (*options(*"ABC"), Option("x" * 201, "A")), button="P"), "option id"),
        (Choices("Apa?", (Option("a", "A", "x" * 73),), button="P"), "description"),
        (Choices("Apa?", options("A"), header="x" * 61), "header"),
        (Choices("Apa?", options("A"), footer="x" * 61), "footer"),
        (content.Media("image", "image/png", media="1"), "file"),
        (content.Template("", "id"), "template name"),
        (content.Template("hello", ""), "template"),
        (content.Template("hello", "id", ("",)), "value 1"),
        (content.LocationRequest("x" * 1025), "text"),
        (content.ContactRequest(""), "text"),
        (content.Reaction("", "👍"), "message"),
    ],
)
def test_what_whatsapp_would_refuse_is_refused_here(message: Outbound, part: str) -> None:
    assert refused(message) == part


def test_a_caption_must_be_short_and_have_a_place() -> None:
    too_long = content.Media("image", "image/png", media="1", caption="x" * 1025)
    on_audio = content.Media("audio", "audio/ogg", media="1", caption="x")
    assert refused(too_long, upload_id="1") == "caption"
    assert refused(on_audio, upload_id="1") == "caption"


def test_the_words_say_what_is_wrong() -> None:
    with pytest.raises(encoding.Unsendable, match="has 4097 characters; 4096 are allowed"):
        encoded(Text("x" * 4097))


@given(contents)
def test_whatever_was_rendered_for_whatsapp_can_be_encoded(message: Outbound) -> None:
    for part in render(message, WHATSAPP):
        if isinstance(part, content.Template | content.Reaction):
            continue
        body = encoded(part, upload_id="1")
        assert body["type"] in body
