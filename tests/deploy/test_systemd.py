"""The units for systemd are well formed and start what exists."""

from __future__ import annotations

import configparser
import os
import shutil
import subprocess
from pathlib import Path

import pytest

from resmi.cli import main, supervisor
from resmi.config import catalogue

UNITS = Path(__file__).parents[2] / "deploy/systemd"
SERVICES = sorted(UNITS.glob("*.service"))
# The sender finishes what is on the wire; `resmi up` waits for it and then stops PostgreSQL.
LONGEST_DRAINS_S = {"send": 35, "up": supervisor.DRAIN_S + 20}


def read(unit: Path) -> configparser.ConfigParser:
    parser = configparser.ConfigParser(interpolation=None, strict=False)
    parser.optionxform = str  # type: ignore[assignment,method-assign]
    parser.read(unit)
    return parser


def test_there_is_one_unit_for_each_kind_of_process_and_one_for_all_of_them() -> None:
    names = {unit.stem for unit in SERVICES}
    assert names == {"resmi-up", "resmi-serve", "resmi-work", "resmi-send", "resmi-jobs"}


@pytest.mark.parametrize("unit", SERVICES, ids=lambda unit: unit.stem)
def test_a_unit_runs_its_command_forever_and_leaves_it_time_to_drain(unit: Path) -> None:
    service = read(unit)["Service"]
    command = service["ExecStart"].split()
    assert command[1] in main.BY_NAME
    assert unit.stem == f"resmi-{command[1]}"
    assert service["Restart"] == "always"
    assert int(service["TimeoutStopSec"]) > LONGEST_DRAINS_S.get(command[1], 10)


@pytest.mark.parametrize("unit", SERVICES, ids=lambda unit: unit.stem)
def test_what_is_enabled_starts_and_stops_with_the_target(unit: Path) -> None:
    assert read(unit)["Install"]["WantedBy"] == "resmi.target"
    assert read(unit)["Unit"]["PartOf"] == "resmi.target"


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


def test_the_command_reads_the_settings_as_systemd_does(tmp_path: Path) -> None:
    """Signs that mean something to a shell stay as they are; quotes round a value go."""
    given = {
        "RESMI_DATABASE_URL": "postgresql://resmi:p$HOME`ls`@db/resmi?sslmode=require&a=b",
        "RESMI_HOSTS": '"one.example,two.example"',
        "RESMI_MAIL_URL": "'smtp://a b'",
        "RESMI_ALARM_EMAILS": "",
    }
    lines = ["# A comment", "#RESMI_MODE=demo", ""] + [f"{n}={v}" for n, v in given.items()]
    settings = tmp_path / "resmi.env"
    settings.write_text("\n".join(lines))  # no line end at the last
    told = tmp_path / "told"
    told.write_text('#!/bin/sh\necho "$#:$1:$2"\nenv\n')
    told.chmod(0o755)
    text = (UNITS.parent / "resmi").read_text()
    for old, new in (
        ("/etc/resmi/resmi.env", str(settings)),
        ("/opt/resmi/.venv/bin/resmi", str(told)),
        ('[ "$(id -u)" = 0 ]', "false"),
    ):
        assert old in text
        text = text.replace(old, new)
    done = subprocess.run(
        ["/bin/sh", "-s", "--", "trace", "two words"],
        input=text,
        env={"PATH": os.environ["PATH"]},
        check=True,
        capture_output=True,
        text=True,
    )
    first, *rest = done.stdout.splitlines()
    found = dict(line.split("=", 1) for line in rest if line.startswith("RESMI_"))
    assert first == "2:trace:two words"
    assert found == {name: value.strip("\"'") for name, value in given.items()}
