from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from resmi.channels.simulator import bodies
from resmi.channels.simulator.errors import Refusal

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner),
    max_leaves=12,
)


def message(**content: Any) -> dict[str, Any]:
    return {"messaging_product": "whatsapp", "to": "+62811", **content}


def buttons(count: int = 3, title: str = "T{}", key: str = "k{}") -> dict[str, Any]:
    replies = [
        {"type": "reply", "reply": {"id": key.format(n), "title": title.format(n)}}
        for n in range(count)
    ]
    interactive = {"type": "button", "body": {"text": "?"}, "action": {"buttons": replies}}
    return message(type="interactive", interactive=interactive)


def rows(count: int = 10, sections: int = 1, **more: Any) -> dict[str, Any]:
    parts = [
        {
            "title": f"S{part}",
            "rows": [{"id": f"{part}.{n}", "title": f"R{n}", **more} for n in range(count)],
        }
        for part in range(sections)
    ]
    action = {"button": "Open", "sections": parts}
    interactive = {"type": "list", "body": {"text": "?"}, "action": action}
    return message(type="interactive", interactive=interactive)


def code(body: object) -> int:
    with pytest.raises(Refusal) as caught:
        bodies.read_body(body)
    return caught.value.code


def verdict(body: object) -> int:
    try:
        bodies.read_body(body)
    except Refusal as refusal:
        return refusal.code
    return 0


def test_three_buttons_and_ten_rows_are_taken() -> None:
    assert isinstance(bodies.read_body(buttons(3)), bodies.Draft)
    assert isinstance(bodies.read_body(rows(10)), bodies.Draft)


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (buttons(4), 131009),
        (buttons(0), 131009),
        (buttons(2, title="same"), 131009),
        (buttons(2, key="same"), 131009),
        (buttons(1, title="x" * 21), 131009),
        (buttons(1, key="x" * 257), 131009),
        (rows(11), 131009),
        (rows(6, sections=2), 131009),
        (rows(1, sections=11), 131009),
        (rows(1, description="x" * 73), 131009),
        (message(type="text", text={"body": "x" * 4097}), 131009),
        (message(type="text", text={"body": ""}), 131009),
        (message(type="text", text={}), 131008),
        (message(type="text"), 131008),
        (message(type="poll", poll={}), 131051),
        (message(type="image", image={}), 131008),
        (message(type="image", image={"id": "1", "link": "https://x/y"}), 131008),
        (message(type="image", image={"id": "1", "caption": "x" * 1025}), 131009),
        (message(type="location", location={"latitude": 91, "longitude": 0}), 131009),
        (message(type="contacts", contacts=[{}]), 131008),
        (message(type="reaction", reaction={"message_id": "m"}), 131008),
        ({"messaging_product": "whatsapp", "type": "text", "text": {"body": "x"}}, 131008),
        ({"to": "+62811", "type": "text", "text": {"body": "x"}}, 100),
        ([], 100),
    ],
)
def test_what_meta_refuses_is_refused_with_its_code(body: object, expected: int) -> None:
    assert code(body) == expected


def test_lengths_count_characters_not_bytes() -> None:
    assert isinstance(bodies.read_body(buttons(1, title="가" * 20)), bodies.Draft)


@given(body=JSON, content=JSON, kind=st.sampled_from([*bodies.CHECKS, "poll"]))
def test_any_json_is_either_read_or_refused(body: Any, content: Any, kind: str) -> None:
    for candidate in (body, message(type=kind, **{kind: content}), message(type=body)):
        assert verdict(candidate) in (0, 100, 131008, 131009, 131051)
