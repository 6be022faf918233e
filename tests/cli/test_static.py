"""What browsers load is collected beside those who load it."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from resmi.cli import collecting
from tests.processes import BIN


def collect(folder: Path) -> str:
    env = {**os.environ, "RESMI_MODE": "test", "RESMI_STATIC": str(folder)}
    done = subprocess.run([BIN / "resmi", "static"], env=env, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout


def files(folder: Path) -> dict[str, tuple[int, int]]:
    """Which file lies under each name, and since when."""
    return {
        str(path.relative_to(folder)): (path.stat().st_ino, path.stat().st_mtime_ns)
        for path in folder.rglob("*")
        if path.is_file() and path.name not in (collecting.STAMP, "staticfiles.json", ".lock")
    }


@pytest.mark.slow
def test_collecting_again_leaves_alone_what_somebody_may_be_loading(tmp_path: Path) -> None:
    """A browser keeps for a year what comes under a name with a hash, were it half a file."""
    collect(tmp_path)
    before = files(tmp_path)
    styles = [name for name in before if name.startswith("desk/desk.") and name.endswith(".css")]
    assert len(styles) == 1
    (tmp_path / collecting.STAMP).write_text("of another version")
    (tmp_path / styles[0]).unlink()
    collect(tmp_path)
    after = files(tmp_path)
    assert after.keys() == before.keys()
    changed = {name for name in before if before[name] != after[name]}
    assert changed == set(styles)
    assert (tmp_path / collecting.STAMP).read_text() != "of another version"
    assert not list(tmp_path.rglob("*.part"))
