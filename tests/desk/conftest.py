"""Every day is an ordinary one, and a message can be taken back however slow the machine."""

from __future__ import annotations

import msgspec
import pytest

from resmi.agency.hours import OpeningHours
from resmi.conversations import team
from resmi.desk import figures


@pytest.fixture(autouse=True)
def _no_hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(team, "UNDO_S", 600)


@pytest.fixture(autouse=True)
def _no_holiday(monkeypatch: pytest.MonkeyPatch) -> None:
    """The pack's holidays are no holidays; those of regions are."""
    hours_of = figures.hours_of

    def ordinary(region: str) -> OpeningHours:
        hours = hours_of(region)
        return hours if region else msgspec.structs.replace(hours, special={}, yearly={})

    monkeypatch.setattr(figures, "hours_of", ordinary)
