"""The pack in force."""

from __future__ import annotations

from pathlib import Path

import pytest
from pytest_django import Settings

from resmi.bot import services
from resmi.bot.errors import PackError


def test_the_pack_of_the_settings_is_read_once() -> None:
    assert services.current_pack() is services.current_pack()
    assert services.current_pack().key == "finance"


def test_a_broken_pack_is_refused_with_its_mistakes(settings: Settings, tmp_path: Path) -> None:
    settings.PACK = str(tmp_path)
    with pytest.raises(PackError, match="this file is missing"):
        services.current_pack()
