from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest


@pytest.fixture(autouse=True)
def _kept_files_leave_no_trace(settings: Any, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path
