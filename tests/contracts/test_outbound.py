"""What every kind of channel must do with what it is given to send."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given

from resmi.channels import outlets
from resmi.channels.kinds import ADAPTERS
from resmi.channels.simulator import bodies
from resmi.channels.whatsapp import encoding
from resmi.engine import content
from resmi.engine.address import Address
from resmi.engine.content import Outbound
from resmi.engine.rendering import render
from tests.engine.test_rendering import contents

BUDI = Address(kind="whatsapp", scope="p1", user_id="ID.1", phone="6281255500111")


def _whatsapp_takes(message: Outbound) -> None:
    """Raises what our encoder, or a server as strict as Meta's, has against it."""
    body: dict[str, Any] = encoding.message(message, to=BUDI, ref="1.2.1", upload_id="77")
    bodies.read_body(body)


TAKES: dict[str, Callable[[Outbound], None]] = {"whatsapp": _whatsapp_takes}


def test_every_channel_that_is_read_can_be_written_to() -> None:
    assert set(outlets.OPENERS) == set(ADAPTERS) == set(TAKES)


@pytest.mark.parametrize("kind", TAKES)
@given(message=contents)
def test_whatever_was_rendered_for_a_channel_it_takes(kind: str, message: Outbound) -> None:
    for part in render(message, ADAPTERS[kind].capabilities):
        if not isinstance(part, content.Template | content.Reaction):
            TAKES[kind](part)


@pytest.mark.parametrize("kind", TAKES)
def test_a_failure_is_explained_whatever_its_code(kind: str) -> None:
    for code in ("", "0", "131026", "no number", "99999999999999999999"):
        assert outlets.explain(kind, code, "details").words()


def test_a_channel_nobody_knows_still_says_what_it_was_told() -> None:
    assert outlets.explain("pigeon", "7", "The pigeon is ill.").words() == "The pigeon is ill."
