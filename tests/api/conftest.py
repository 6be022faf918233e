"""A register in force, receipt keys, and an address of the test's own."""

from __future__ import annotations

from pathlib import Path

import pytest
from pytest_django.fixtures import Settings

from resmi.registry.receipts import keyring
from tests.api import making


@pytest.fixture
def register(db: None) -> None:
    """Licence holders and a warning list, every name invented."""
    making.publish(making.HOLDERS, making.WARNINGS)


@pytest.fixture
def keys(settings: Settings, tmp_path: Path) -> Path:
    """An installation with receipt keys; the file they are in."""
    file = tmp_path / "receipt-keys.json"
    keyring.ensure(file, making.NOW)
    settings.RECEIPT_KEYS = file
    return file
