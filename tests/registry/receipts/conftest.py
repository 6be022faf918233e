"""Keys and an address of the test's own."""

from __future__ import annotations

from pathlib import Path

import pytest
from pytest_django.fixtures import Settings

from resmi.registry.receipts import keyring
from tests.registry.receipts.making import ISSUER, NOW


@pytest.fixture
def keys(settings: Settings, tmp_path: Path) -> Path:
    """An installation with keys; the file they are in."""
    file = tmp_path / "receipt-keys.json"
    keyring.ensure(file, NOW)
    settings.RECEIPT_KEYS = file
    settings.BASE_URL = ISSUER
    return file


@pytest.fixture
def no_keys(settings: Settings, tmp_path: Path) -> None:
    """An installation before `resmi init`."""
    settings.RECEIPT_KEYS = tmp_path / "none.json"
    settings.BASE_URL = ISSUER
