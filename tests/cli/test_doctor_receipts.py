"""The doctor looks at the keys receipts are signed with."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from resmi.cli.diagnosis import machine
from resmi.registry.receipts import keyring


@pytest.fixture
def env(tmp_path: Path) -> dict[str, str]:
    keyring.ensure(tmp_path / "receipt-keys.json", datetime.now(UTC))
    return {"RESMI_HOME": str(tmp_path)}


def test_keys_that_sign_are_well(env: dict[str, str]) -> None:
    assert machine.receipt_keys(env).level == "ok"


def test_missing_keys_are_told_with_the_command_that_makes_them(tmp_path: Path) -> None:
    found = machine.receipt_keys({"RESMI_HOME": str(tmp_path)})
    assert (found.level, found.mend) == ("warning", "Run: resmi init")


def test_damaged_keys_are_an_error(env: dict[str, str], tmp_path: Path) -> None:
    (tmp_path / "receipt-keys.json").write_text("{}")
    assert machine.receipt_keys(env).level == "error"


def test_keys_other_accounts_may_read_are_told(env: dict[str, str], tmp_path: Path) -> None:
    (tmp_path / "receipt-keys.json").chmod(0o644)
    assert "chmod 600" in machine.receipt_keys(env).mend
