"""The command line as a whole."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from resmi.cli.main import COMMANDS
from tests.processes import BIN

SHOWN = [command.name for command in COMMANDS if not command.hidden]


def resmi(*arguments: str, **env: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [BIN / "resmi", *arguments],
        env={"PATH": "/usr/bin:/bin", "HOME": "/nonexistent", "COLUMNS": "100", **env},
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_help_lists_every_command() -> None:
    text = resmi("--help").stdout
    assert [name for name in SHOWN if name not in text] == []


@pytest.mark.parametrize("name", SHOWN)
def test_help_needs_no_database_and_has_an_example(name: str, tmp_path: Path) -> None:
    done = resmi(name, "--help", RESMI_HOME=str(tmp_path))
    assert done.returncode == 0, done.stderr
    assert list(tmp_path.iterdir()) == []
    if name == "manage":
        return
    commands = [line for line in done.stdout.splitlines() if "Usage" in line]
    assert commands
    group = "COMMAND" in commands[0]
    assert group or "Example" in done.stdout


def test_an_unknown_command_offers_the_nearest() -> None:
    done = resmi("dokter")
    assert done.returncode == 2
    assert "doctor" in done.stderr


def test_trouble_is_told_in_words_without_a_traceback(tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("")
    done = resmi("work", RESMI_HOME=str(tmp_path / "taken"), RESMI_SECRET_KEY="x")
    assert done.returncode == 1
    assert done.stderr.startswith("resmi: ")
    assert "Traceback" not in done.stderr


def test_a_wrong_setting_is_named(tmp_path: Path) -> None:
    done = resmi("work", RESMI_HOME=str(tmp_path), RESMI_DATABASE_URL="mysql://x/y")
    assert done.returncode == 1
    assert "RESMI_DATABASE_URL" in done.stderr


def test_a_database_without_tables_or_without_answer_is_told_in_words(database_url: str) -> None:
    empty = f"{database_url.rsplit('/', 1)[0]}/postgres{''.join(database_url.partition('?')[1:])}"
    done = resmi("trace", "wamid.1", RESMI_DATABASE_URL=empty, RESMI_MODE="test")
    assert done.returncode == 1
    assert "resmi init" in done.stderr
    assert "Traceback" not in done.stderr
    nobody = "postgresql://resmi@127.0.0.1:1/resmi"
    done = resmi("trace", "wamid.1", RESMI_DATABASE_URL=nobody, RESMI_MODE="test")
    assert done.returncode == 1
    assert "resmi doctor" in done.stderr
    assert "Traceback" not in done.stderr
