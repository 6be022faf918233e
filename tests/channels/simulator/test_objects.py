from __future__ import annotations

import contextlib
import hashlib
from typing import Any

import aiohttp
import pytest
from hypothesis import given
from hypothesis import strategies as st

from resmi.channels.simulator import templates
from resmi.channels.simulator.errors import Refusal
from resmi.channels.simulator.state import Template
from tests.channels.simulator.stand import BUDI, PHONE, WABA, Stand

BODY = {"type": "BODY", "text": "Halo {{1}}, nomor {{2}}.", "example": {"body_text": [["A", "1"]]}}


def define(stand: Stand, name: str = "notice", **more: Any) -> tuple[int, Any]:
    body = {"name": name, "language": "id", "category": "UTILITY", "components": [BODY], **more}
    status, answer = stand.graph("POST", f"/{WABA}/message_templates", body)
    return status, answer


def use(*values: str, name: str = "notice") -> dict[str, Any]:
    parameters = [{"type": "text", "text": value} for value in values]
    components = [{"type": "body", "parameters": parameters}]
    language = {"code": "id"}
    return {
        "type": "template",
        "template": {"name": name, "language": language, "components": components},
    }


def test_a_template_is_pending_until_its_review_is_told(stand: Stand) -> None:
    assert define(stand)[1]["status"] == "PENDING"
    assert stand.send(use("a", "b"))[1]["error"]["code"] == 132001
    stand.advance(3)
    [change] = stand.changes()
    assert change["field"] == "message_template_status_update"
    assert change["value"]["event"] == "APPROVED"
    assert stand.send(use("a", "b"))[1]["messages"][0]["message_status"] == "accepted"


def test_an_approved_template_reaches_a_citizen_outside_the_window(stand: Stand) -> None:
    define(stand)
    stand.advance(3)
    message = stand.sent_id(use("Budi", "7"))
    stand.advance(2)
    assert stand.names(message) == ["sent", "delivered"]
    assert stand.statuses(message)[0]["pricing"]["type"] == "regular"
    [shown] = stand.call("GET", "/control/messages?direction=out")[1]["messages"]
    assert shown["rendered"]["body"] == "Halo Budi, nomor 7."


@pytest.mark.parametrize(
    ("status", "code"), [("PAUSED", 132015), ("DISABLED", 132016), ("REJECTED", 132001)]
)
def test_a_template_in_bad_standing_is_refused(stand: Stand, status: str, code: int) -> None:
    template = define(stand)[1]["id"]
    stand.advance(3)
    stand.call("POST", f"/control/templates/{template}", {"status": status})
    assert stand.send(use("a", "b"))[1]["error"]["code"] == code


def test_the_number_of_parameters_must_fit(stand: Stand) -> None:
    define(stand)
    stand.advance(3)
    assert stand.send(use("a"))[1]["error"]["code"] == 132000


@given(
    parameters=st.lists(st.none() | st.text() | st.dictionaries(st.text(), st.text())),
    kind=st.sampled_from(["body", "header", "button", "x"]),
    index=st.text(max_size=3) | st.integers(),
)
def test_any_parameters_either_fill_a_template_or_are_refused(
    parameters: list[Any], kind: str, index: object
) -> None:
    url = {"type": "URL", "text": "Open", "url": "https://example.org/{{1}}"}
    components = [BODY, {"type": "BUTTONS", "buttons": [url]}]
    template = Template(
        id="1", waba="w", name="n", language="id", category="UTILITY", components=components
    )
    part = {"type": kind, "index": index, "parameters": parameters}
    with contextlib.suppress(Refusal):
        shown = templates.fill(template, {"components": [part]})
        assert "{{" not in shown["body"]


def test_adjacent_variables_are_rejected_with_a_recommendation(stand: Stand) -> None:
    body = BODY | {"text": "Halo {{1}}{{2}} ya"}
    define(stand, components=[body])
    stand.advance(3)
    value = stand.changes()[0]["value"]
    assert (value["event"], value["reason"]) == ("REJECTED", "INVALID_FORMAT")
    assert value["rejection_info"]["recommendation"]


@pytest.mark.parametrize(
    "change",
    [
        {"name": "Big Name"},
        {"category": "SPAM"},
        {"components": []},
        {"components": [{"type": "BODY", "text": "Halo {{1}}."}]},
        {"components": [{"type": "BODY", "text": "x" * 1025}]},
    ],
)
def test_a_malformed_template_is_refused(stand: Stand, change: dict[str, Any]) -> None:
    assert define(stand, **change)[0] == 400


def test_the_same_template_cannot_be_made_twice(stand: Stand) -> None:
    define(stand)
    status, answer = define(stand)
    assert (status, answer["error"]["error_subcode"]) == (400, 2388024)


def test_marketing_stops_for_those_who_said_stop(stand: Stand) -> None:
    define(stand, category="MARKETING")
    stand.change(marketing_stopped=True)
    stand.advance(3)
    message = stand.sent_id(use("a", "b"))
    stand.advance(2)
    assert stand.statuses(message)[0]["errors"][0]["code"] == 131050


def test_the_tier_caps_citizens_written_to_outside_windows(stand: Stand) -> None:
    define(stand)
    stand.call("POST", f"/control/numbers/{PHONE}", {"tier": 1})
    stand.advance(3)
    assert stand.send(use("a", "b"))[0] == 200
    assert stand.send(use("a", "b"))[0] == 200
    assert stand.send(use("a", "b"), to="+821055500222")[1]["error"]["code"] == 131048


def test_an_uploaded_file_can_be_had_for_five_minutes_with_the_token(stand: Stand) -> None:
    form = aiohttp.FormData()
    form.add_field("messaging_product", "whatsapp")
    form.add_field("file", b"%PDF-1", filename="a.pdf", content_type="application/pdf")
    headers = {"Authorization": "Bearer t"}
    media = stand.call("POST", f"/v26.0/{PHONE}/media", headers=headers, data=form)[1]["id"]
    info = stand.graph("GET", f"/{media}")[1]
    assert info["sha256"] == hashlib.sha256(b"%PDF-1").hexdigest()
    path = info["url"].removeprefix(stand.base)
    assert stand.call("GET", path)[0] == 401
    assert stand.call("GET", path, headers=headers) == (200, b"%PDF-1")
    stand.advance(301)
    assert stand.call("GET", path, headers=headers)[0] == 404
    assert stand.graph("DELETE", f"/{media}") == (200, {"success": True})
    assert stand.graph("GET", f"/{media}")[1]["error"]["error_subcode"] == 33


def test_a_citizens_file_expires_after_seven_days(stand: Stand) -> None:
    kind = {"Content-Type": "image/png"}
    media = stand.call("POST", "/control/media", data=b"\x89PNG", headers=kind)[1]["id"]
    stand.advance(7 * 86400 - 1)
    assert stand.graph("GET", f"/{media}")[0] == 200
    stand.advance(2)
    assert stand.graph("GET", f"/{media}")[0] == 400


def test_a_number_shows_the_fields_asked_for(stand: Stand) -> None:
    answer = stand.graph("GET", f"/{PHONE}?fields=quality_rating,messaging_limit_tier")[1]
    assert answer == {"id": PHONE, "quality_rating": "GREEN", "messaging_limit_tier": "TIER_250"}


def test_profile_settings_and_subscription_are_kept(stand: Stand) -> None:
    assert stand.graph("POST", f"/{PHONE}/whatsapp_business_profile", {"about": "x"})[0] == 200
    assert stand.graph("GET", f"/{PHONE}/whatsapp_business_profile")[1]["data"][0]["about"] == "x"
    assert stand.graph("POST", f"/{WABA}/subscribed_apps", {})[1] == {"success": True}
    assert len(stand.graph("GET", f"/{WABA}/subscribed_apps")[1]["data"]) == 1


def test_an_unknown_object_is_answered_as_graph_does(stand: Stand) -> None:
    status, answer = stand.graph("GET", "/1234567")
    assert (status, answer["error"]["type"]) == (400, "GraphMethodException")


def test_an_old_version_is_refused(stand: Stand) -> None:
    status, _ = stand.call("GET", f"/v13.0/{PHONE}", headers={"Authorization": "Bearer t"})
    assert status == 400


def test_a_message_must_be_json(stand: Stand) -> None:
    headers = {"Authorization": "Bearer t"}
    path = f"/v26.0/{PHONE}/messages"
    status, answer = stand.call("POST", path, headers=headers, data=b"to=" + BUDI.encode())
    assert (status, answer["error"]["code"]) == (400, 100)
