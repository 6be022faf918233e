"""Whatever a slow machine needs between two requests, a message can still be taken back."""

from __future__ import annotations

import pytest

from resmi.conversations import team


@pytest.fixture(autouse=True)
def _no_hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(team, "UNDO_S", 600)
