from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
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


def message(*, kind: str = "text", people: Any = None, **parts: Any) -> items.CitizenMessage:
    item = read(wa.one(wa.message(kind=kind, **parts), contacts=people or [wa.contact()]))
    assert isinstance(item, items.CitizenMessage)
    return item


def said(kind: str, part: Any, **more: Any) -> content.Inbound:
    return message(kind=kind, **{kind: part}, **more).content


def interactive(kind: str, reply: Any) -> content.Inbound:
    return said("interactive", {"type": kind, kind: reply})


def test_a_message_says_who_what_and_when() -> None:
    assert message() == items.CitizenMessage(
        sender=items.Address(
            kind="whatsapp", scope="portfolio", phone=wa.CITIZEN, profile_name="Sari"
        ),
        provider_id="wamid.1",
        content=content.Text("hello"),
        sent_at=SENT_AT,
    )


@pytest.mark.parametrize(
    "body", ["", "x" * 4096, "😀👩‍👩‍👧", "مرحبا", "a\u200bb\u202e", "baris\nbaru", "\ufeff "]
)
def test_texts_come_through_unchanged(body: str) -> None:
    assert said("text", {"body": body}) == content.Text(body)


def test_nul_in_a_text_becomes_the_replacement_character() -> None:
    assert said("text", {"body": "a\0b"}) == content.Text("a\ufffdb")


@pytest.mark.parametrize("part", [None, {}, {"body": None}, {"body": 7}, "words", []])
def test_a_text_without_words_is_unreadable(part: Any) -> None:
    with pytest.raises(Unreadable):
        said("text", part)


@pytest.mark.parametrize("kind", ["image", "video", "audio", "document", "sticker"])
def test_files_are_named_by_the_channels_id(kind: str) -> None:
    part = {
        "id": "900",
        "mime_type": "a/b",
        "sha256": "c2hh",
        "caption": "look",
        "filename": "a.pdf",
        "url": "https://example.com",
    }
    assert said(kind, part) == content.Media(
        kind=kind,  # type: ignore[arg-type]
        mime="a/b",
        provider_id="900",
        caption="look",
        filename="a.pdf",
        sha256="c2hh",
    )


def test_a_voice_note_is_told_from_an_audio_file() -> None:
    spoken = said("audio", {"id": "1", "voice": True})
    assert isinstance(spoken, content.Media)
    assert spoken.kind == "voice"


def test_a_file_that_never_arrived_is_shown_with_the_reason() -> None:
    errors = [{"code": 131052, "title": "Media download error"}]
    lost = message(kind="image", errors=errors).content
    assert lost == content.Unsupported("image", "Media download error")


@pytest.mark.parametrize("part", [None, {}, {"id": ""}, {"id": None}, "x"])
def test_a_file_without_id_is_unreadable(part: Any) -> None:
    with pytest.raises(Unreadable):
        said("image", part)


@pytest.mark.parametrize(("latitude", "longitude"), [(-6.2, 106.8), ("-6.2", "106.8")])
def test_places_may_be_written_as_texts(latitude: Any, longitude: Any) -> None:
    part = {"latitude": latitude, "longitude": longitude, "name": "Kantor", "address": "Jl. X"}
    assert said("location", part) == content.Location(-6.2, 106.8, "Kantor", "Jl. X")


@pytest.mark.parametrize("latitude", [None, "north", 91, "nan", {}])
def test_a_place_not_on_earth_is_shown_by_its_name(latitude: Any) -> None:
    part = {"latitude": latitude, "longitude": 1, "name": "Kantor"}
    assert said("location", part) == content.Unsupported("location", "Kantor")


def test_shared_contacts_keep_names_phones_and_ids() -> None:
    people = [
        {
            "name": {"formatted_name": "Budi S."},
            "phones": [{"phone": "+62 811", "wa_id": "62811"}, {"wa_id": "62812"}],
            "emails": [{"email": "b@example.com"}],
            "user_id": wa.BSUID,
        },
        {"name": {"first_name": "Ani", "last_name": "W"}},
    ]
    assert said("contacts", people) == content.SharedContacts(
        people=(
            content.SharedContact("Budi S.", ("+62 811", "62812"), ("b@example.com",), (wa.BSUID,)),
            content.SharedContact("Ani W"),
        )
    )


def test_a_contact_we_asked_for_is_marked() -> None:
    shared = said("contacts", [{"origin": "contact_request", "phones": [{"phone": "+62"}]}])
    assert isinstance(shared, content.SharedContacts)
    assert shared.answers_request


def test_buttons_and_list_rows_are_choices_by_their_ids() -> None:
    assert interactive("button_reply", {"id": "yes", "title": "Ya"}) == content.Choice("yes", "Ya")
    row = {"id": "r1", "title": "Baris", "description": "panjang"}
    assert interactive("list_reply", row) == content.Choice("r1", "Baris", "panjang")
    assert said("button", {"payload": "stop", "text": "Stop"}) == content.Choice("stop", "Stop")
    assert said("button", {"text": "Stop"}) == content.Choice("Stop", "Stop")


@pytest.mark.parametrize("reply", [{}, {"title": "Ya"}, {"id": None}])
def test_a_choice_without_id_is_unreadable(reply: Any) -> None:
    with pytest.raises(Unreadable):
        interactive("button_reply", reply)


@pytest.mark.parametrize(
    ("reply", "values"),
    [
        (
            {"response_json": '{"name": "Sari", "age": 5, "tags": ["a"], "ok": true, "x": null}'},
            {"name": "Sari", "age": "5", "tags": '["a"]', "ok": "true", "x": "null"},
        ),
        ({"response_json": "{broken"}, {"response_json": "{broken"}),
        ({"flow_token": "t"}, {"flow_token": "t"}),
        ({}, {}),
    ],
)
def test_forms_are_read_field_by_field(reply: Any, values: dict[str, str]) -> None:
    assert interactive("nfm_reply", {"name": "flow", **reply}) == content.FormReply("flow", values)


def test_the_answer_to_a_call_request_is_a_form() -> None:
    reply = {"response": "accept", "is_permanent": False, "expiration_timestamp": 5}
    assert interactive("call_permission_reply", reply) == content.FormReply(
        "call_permission",
        {"response": "accept", "is_permanent": "false", "expiration_timestamp": "5"},
    )


def test_a_reaction_without_emoji_was_taken_back() -> None:
    assert said("reaction", {"message_id": "w", "emoji": "👍"}) == content.Reaction("w", "👍")
    assert said("reaction", {"message_id": "w"}) == content.Reaction("w", "")


def test_edits_and_deletions_name_the_earlier_message() -> None:
    text = {"type": "text", "text": {"body": "new"}}
    image = {"type": "image", "image": {"id": "1", "caption": "new caption"}}
    assert said("edit", {"original_message_id": "w", "message": text}) == content.Edit("w", "new")
    assert said("edit", {"original_message_id": "w", "message": image}) == content.Edit(
        "w", "new caption"
    )
    assert said("revoke", {"original_message_id": "w"}) == content.Revocation("w")


def test_an_order_is_shown_in_words() -> None:
    order = {"text": "thanks", "product_items": [{"product_retailer_id": "sku", "quantity": 2}]}
    assert said("order", order) == content.Unsupported("order", "thanks: 2 × sku")


@pytest.mark.parametrize("kind", ["hologram", "request_welcome", "unknown"])
def test_kinds_of_the_future_are_kept_and_named(kind: str) -> None:
    assert said(kind, {"any": "thing"}) == content.Unsupported(kind)


def test_an_interactive_kind_of_the_future_is_named() -> None:
    assert interactive("hologram_reply", {}) == content.Unsupported("interactive.hologram_reply")


def test_what_whatsapp_itself_could_not_pass_on_says_why() -> None:
    errors = [{"code": 131051, "title": "t", "error_data": {"details": "Not supported."}}]
    assert message(
        kind="unsupported", unsupported={"type": "poll"}, errors=errors
    ).content == content.Unsupported("poll", "Not supported.")


def test_a_message_without_type_is_known_by_its_part() -> None:
    assert said("", None, text={"body": "hi"}) == content.Text("hi")


def test_answers_and_forwards_are_marked() -> None:
    reply = message(context={"from": "6221", "id": "wamid.0"})
    assert (reply.reply_to, reply.forwarded) == ("wamid.0", False)
    assert message(context={"forwarded": True}).forwarded
    assert message(context={"frequently_forwarded": True}).forwarded


@pytest.mark.parametrize(
    ("timestamp", "at"),
    [
        (1, datetime.fromtimestamp(1, UTC)),
        (4_000_000_000, datetime.fromtimestamp(4_000_000_000, UTC)),
        ("never", NOW),
        (None, NOW),
        (-5, NOW),
        (10**400, NOW),
    ],
)
def test_past_future_and_missing_times(timestamp: Any, at: datetime) -> None:
    assert message(timestamp=timestamp).sent_at == at


def test_an_item_without_time_takes_its_posts() -> None:
    body = wa.body(wa.entry(wa.change(messages=[wa.message(timestamp=None)]), time=wa.SENT_AT + 60))
    item = read(body)
    assert isinstance(item, items.CitizenMessage)
    assert item.sent_at == SENT_AT + timedelta(minutes=1)


def test_nobody_named_is_unreadable() -> None:
    with pytest.raises(Unreadable):
        message(sender="", people=[{}])


def test_kinds_without_reader_are_unreadable() -> None:
    for kind in ("unparsed", "timer", "nonsense"):
        with pytest.raises(Unreadable):
            reading.read(kind, b"{}", b"{}", scope="")


def test_a_lost_envelope_costs_only_what_was_in_it() -> None:
    raw = msgspec.json.encode(wa.message())
    item = reading.read("message", raw, b"\xff", scope="")
    assert isinstance(item, items.CitizenMessage)
    assert item.sender.profile_name == ""
