"""The units for systemd are well formed and start what exists."""

from __future__ import annotations

import configparser
import os
import shutil
import subprocess
from pathlib import Path

import pytest

from resmi.cli import main
from resmi.config import catalogue

UNITS = Path(__file__).parents[2] / "deploy/systemd"
SERVICES = sorted(UNITS.glob("*.service"))
# The sender finishes what is on the wire, the longest of all.
LONGEST_DRAIN_S = 35


def read(unit: Path) -> configparser.ConfigParser:
    parser = configparser.ConfigParser(interpolation=None, strict=False)
    parser.optionxform = str  # type: ignore[assignment,method-assign]
    parser.read(unit)
    return parser


def test_there_is_one_unit_for_each_kind_of_process() -> None:
    names = {unit.stem for unit in SERVICES}
    assert names == {"resmi-serve", "resmi-work", "resmi-send", "resmi-jobs"}
    assert set(read(UNITS / "resmi.target")["Unit"]["Wants"].split()) == {
        f"{name}.service" for name in names
    }


@pytest.mark.parametrize("unit", SERVICES, ids=lambda unit: unit.stem)
def test_a_unit_runs_its_command_forever_and_leaves_it_time_to_drain(unit: Path) -> None:
    service = read(unit)["Service"]
    command = service["ExecStart"].split()
    assert command[1] in main.BY_NAME
    assert unit.stem == f"resmi-{command[1]}"
    assert service["Restart"] == "always"
    needed = LONGEST_DRAIN_S if command[1] == "send" else 10
    assert int(service["TimeoutStopSec"]) > needed


@pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="systemd is not here")
def test_systemd_finds_nothing_wrong(tmp_path: Path) -> None:
    """The programs and accounts of an installation are not here: ours stand in for them."""
    for unit in UNITS.iterdir():
        if unit.suffix in (".service", ".target"):
            text = unit.read_text().replace("/opt/resmi/.venv/bin/resmi", "/bin/true")
            (tmp_path / unit.name).write_text(text)
    (tmp_path / "broken.service").write_text("[Service]\nExecStart=/nonexistent\nRestart=maybe\n")

    def verify(*names: str) -> str:
        done = subprocess.run(
            ["systemd-analyze", "verify", "--man=no", *(str(tmp_path / name) for name in names)],
            check=False,
            capture_output=True,
            text=True,
            env={**os.environ, "SYSTEMD_LOG_COLOR": "0"},
        )
        said = done.stderr.splitlines()
        return "\n".join(line for line in said if any(name in line for name in names))

    assert "broken.service" in verify("broken.service")
    assert verify("resmi.target", *(unit.name for unit in SERVICES)) == ""


def test_the_example_of_settings_names_only_settings() -> None:
    lines = (UNITS / "resmi.env.example").read_text().splitlines()
    names = {line.split("=")[0] for line in lines if line and not line.startswith("#")}
    assert names <= catalogue.NAMES
