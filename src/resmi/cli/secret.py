"""The secret key of an installation, kept in its home folder."""

from __future__ import annotations

import os
import secrets
from pathlib import Path

from resmi.config.environment import KEY_FILE

KEY_BYTES = 64


def ensure_key(home: Path) -> bool:
    """Writes a new key that only this account can read, unless there is one; whether it did."""
    home.mkdir(mode=0o700, parents=True, exist_ok=True)
    path = home / KEY_FILE
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return False
    with os.fdopen(handle, "w") as file:
        file.write(secrets.token_urlsafe(KEY_BYTES) + "\n")
    return True
