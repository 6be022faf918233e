"""Which templates may be sent, asked from a simulated account over HTTP."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from resmi.channels.whatsapp import catalogue
from resmi.channels.whatsapp.catalogue import Approved, Unavailable
from tests.channels.simulator.stand import WABA, Stand, V

BODY = {
    "type": "BODY",
    "text": "Halo {{1}}, laporan {{2}}.",
    "example": {"body_text": [["a", "b"]]},
}


@pytest.fixture
def account(settings: Any) -> Iterator[Stand]:
    stand = Stand()
    settings.WHATSAPP_GRAPH_URL = stand.base + V
    settings.WHATSAPP_TOKEN = "t"
    yield stand
    stand.close()


def define(account: Stand, name: str, *, status: str = "APPROVED", **fields: Any) -> None:
    given = {"language": "id", "category": "UTILITY", "components": [BODY], **fields}
    code, answer = account.graph("POST", f"/{WABA}/message_templates", {"name": name, **given})
    assert code == 200, answer
    account.call("POST", f"/control/templates/{answer['id']}", {"status": status})


def test_approved_templates_come_by_name_with_their_variables(account: Stand) -> None:
    define(account, "b_update")
    define(account, "a_hello", components=[{"type": "BODY", "text": "Halo."}])
    found = [one for one in catalogue.approved(WABA) if one.name in ("a_hello", "b_update")]
    assert found == [
        Approved(name="a_hello", language="id", body="Halo."),
        Approved(name="b_update", language="id", body=BODY["text"], names=("1", "2")),
    ]


@pytest.mark.parametrize("status", ["REJECTED", "PAUSED", "DISABLED"])
def test_templates_in_bad_standing_are_left_out(account: Stand, status: str) -> None:
    define(account, "b_update", status=status)
    assert "b_update" not in {one.name for one in catalogue.approved(WABA)}


def test_templates_that_a_list_of_values_cannot_fill_are_left_out() -> None:
    needy: list[dict[str, Any]] = [
        {"components": [BODY, {"type": "HEADER", "format": "IMAGE"}]},
        {"components": [BODY, {"type": "HEADER", "format": "TEXT", "text": "Kasus {{1}}"}]},
        {
            "components": [
                BODY,
                {"type": "BUTTONS", "buttons": [{"type": "URL", "url": "https://a/{{1}}"}]},
            ]
        },
        {"components": [BODY], "parameter_format": "NAMED"},
        {"components": []},
    ]
    rows = [{"name": "n", "language": "id", "status": "APPROVED", **row} for row in needy]
    assert catalogue._sendable({"data": rows}) == []


def test_an_account_that_refuses_is_unavailable(account: Stand, settings: Any) -> None:
    with pytest.raises(Unavailable):
        catalogue.approved("1")
    settings.WHATSAPP_GRAPH_URL = "http://127.0.0.1:1"
    with pytest.raises(Unavailable):
        catalogue.approved(WABA)


@pytest.mark.parametrize("answer", [None, [], {}, {"data": "x"}])
def test_an_answer_of_another_shape_is_unavailable(answer: Any) -> None:
    with pytest.raises(ValueError, match="no list"):
        catalogue._sendable(answer)


def test_values_are_filled_once_and_in_order() -> None:
    template = Approved(name="n", language="id", body="{{1}} {{2}} {{1}}", names=("1", "2"))
    assert catalogue.fill(template, ("{{2}}", "b")) == "{{2}} b {{2}}"
