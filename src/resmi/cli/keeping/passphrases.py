"""Where the passphrase of a backup comes from."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from resmi.cli.trouble import Trouble

VARIABLE = "RESMI_BACKUP_PASSPHRASE"
SHORTEST = 12


def find(file: Path | None, env: Mapping[str, str]) -> str:
    """The first line of `file`, else the variable. Raises `Trouble` for none or a short one."""
    try:
        given = file.read_text().split("\n", 1)[0].strip() if file else env.get(VARIABLE, "")
    except (OSError, UnicodeDecodeError) as error:
        raise Trouble(f"the passphrase can't be read from {file}: {error}") from error
    if len(given) < SHORTEST:
        raise Trouble(
            f"backups are encrypted: put a passphrase of at least {SHORTEST} characters into a "
            f"file and name it with --passphrase-file, or set {VARIABLE}. Keep it apart from the "
            "backups: without it nobody can read them."
        )
    return given
