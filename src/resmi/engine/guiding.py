"""What the agency wants done in a conversation, as events; found in `resmi.engine.events`. Pure."""

from __future__ import annotations

from typing import Any

import msgspec


class ScriptChosen(msgspec.Struct, frozen=True, tag="script_chosen", kw_only=True):
    """The agent goes through another script than the topic's; "" goes through none.

    Example: `{"script": "illegal_offer"}`.
    """

    script: str


class PointTicked(msgspec.Struct, frozen=True, tag="point_ticked", kw_only=True):
    """The agent ticked a point of a script, or took the tick back (`done` false)."""

    script: str
    point: str
    done: bool


class NoticeSent(msgspec.Struct, frozen=True, tag="notice_sent", kw_only=True):
    """The message `ref` is a notice the agency has to give.

    Example: `{"notice": "data_protection", "ref": "12.34"}`. `notice` is its key in the pack.
    """

    notice: str
    ref: str


def changes(payload: object, ticked: tuple[str, ...]) -> dict[str, Any]:
    """What such an event changes in the conversation; {} for any other event."""
    match payload:
        case ScriptChosen(script=script):
            return {"script": script}
        case PointTicked(script=script, point=point, done=done):
            mark = f"{script}/{point}"
            others = tuple(one for one in ticked if one != mark)
            return {"ticked": (*others, mark) if done else others}
    return {}
