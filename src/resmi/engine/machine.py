"""What a machine made of a message, as an event; found in `resmi.engine.events`. Pure."""

from __future__ import annotations

from typing import Literal

import msgspec

Reading = Literal["translation", "transcript"]


class MachineRead(
    msgspec.Struct, frozen=True, tag="machine_read", kw_only=True, omit_defaults=True
):
    """Staff had a service translate message `line` (its event number), or write down what it says.

    Example: `{"line": 12, "kind": "translation", "language": "en", "service": "libretranslate",
    "text": "Good morning"}`. `language` is the one translated into, "" for a transcript. `error`
    says why there is no text; then it may be asked for again. Citizens never see any of it.
    """

    line: int
    kind: Reading
    service: str
    language: str = ""
    text: str = ""
    error: str = ""
