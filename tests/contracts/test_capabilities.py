"""What every kind of channel declares must make sense together."""

from __future__ import annotations

from typing import get_args

import pytest

from resmi.channels.kinds import ADAPTERS
from resmi.engine import content
from resmi.engine.capabilities import Capabilities

every_channel = pytest.mark.parametrize(
    "declared", [adapter.capabilities for adapter in ADAPTERS.values()], ids=ADAPTERS
)


@every_channel
def test_every_channel_carries_text(declared: Capabilities) -> None:
    assert declared.text_length > 0


@every_channel
def test_buttons_and_lists_have_room_for_words(declared: Capabilities) -> None:
    assert bool(declared.buttons) == bool(declared.button_title_length)
    assert bool(declared.buttons) == bool(declared.buttons_body_length)
    assert bool(declared.list_rows) == bool(declared.list_title_length)
    assert bool(declared.list_rows) == bool(declared.list_body_length)
    assert not declared.list_rows or declared.list_rows > declared.buttons


@every_channel
def test_a_window_that_closes_needs_templates_to_open_it(declared: Capabilities) -> None:
    assert declared.window_s >= 0
    assert not declared.window_s or declared.templates


@every_channel
def test_files_are_of_kinds_the_engine_knows(declared: Capabilities) -> None:
    assert declared.media_kinds <= set(get_args(content.MediaKind))
