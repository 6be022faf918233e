"""What the doctor finds, and that every finding says how to mend it."""

from __future__ import annotations

import json
import subprocess
from datetime import date
from pathlib import Path

import pytest

from resmi.cli.diagnosis import content, database, machine, settings
from resmi.config import catalogue
from tests.processes import BIN, environment

PRODUCTION = {
    "RESMI_SECRET_KEY": "k" * 60,
    "RESMI_BASE_URL": "https://resmi.agency.example",
    "RESMI_HOSTS": "resmi.agency.example",
    "RESMI_WHATSAPP_APP_SECRETS": "a",
    "RESMI_WHATSAPP_VERIFY_TOKEN": "b",
    "RESMI_WHATSAPP_TOKEN": "c",
    "RESMI_ALARM_EMAILS": "duty@agency.example",
    "RESMI_MAIL_URL": "smtp+tls://resmi:pw@mail.example",
}


def levels(env: dict[str, str]) -> dict[str, str]:
    """The worst level of each check."""
    found: dict[str, str] = {}
    for finding in settings.examine(env):
        if found.get(finding.check) != "error":
            found[finding.check] = finding.level
    return found


def test_a_complete_installation_has_nothing_to_mend() -> None:
    assert set(levels(PRODUCTION).values()) == {"ok"}


@pytest.mark.parametrize(
    ("change", "check", "level"),
    [
        ({"RESMI_MODE": "staging"}, "mode", "error"),
        ({"RESMI_SECRET_KEY": "short"}, "secret key", "warning"),
        ({"RESMI_BASE_URL": ""}, "base url", "error"),
        ({"RESMI_BASE_URL": "http://resmi.agency.example"}, "base url", "error"),
        ({"RESMI_HOSTS": "other.example"}, "base url", "error"),
        ({"RESMI_HOSTS": ".agency.example"}, "base url", "ok"),
        ({"RESMI_HTTPS": "0"}, "https", "warning"),
        ({"RESMI_HTTPS": "perhaps"}, "https", "error"),
        ({"RESMI_TIME_ZONE": "Asia/Atlantis"}, "time zone", "error"),
        ({"RESMI_SIMULATOR_URL": "http://127.0.0.1:8701"}, "simulator", "error"),
        ({"RESMI_WHATSAPP_GRAPH_URL": "http://127.0.0.1:8701/v26.0"}, "simulator", "error"),
        ({"RESMI_WHATSAPP_GRAPH_URL": "graph"}, "whatsapp", "error"),
        ({"RESMI_WHATSAPP_TOKEN": ""}, "whatsapp", "error"),
        ({"RESMI_WATSAPP_TOKEN": "x"}, "settings", "warning"),
        ({"RESMI_ALARM_EMAILS": ""}, "alarms", "warning"),
        ({"RESMI_MAIL_URL": ""}, "alarms", "warning"),
        ({"RESMI_MAIL_URL": "mail.example"}, "alarms", "error"),
        ({"RESMI_ALARM_WEBHOOK": "https://duty.example"}, "alarms", "warning"),
    ],
)
def test_a_wrong_setting_is_found(change: dict[str, str], check: str, level: str) -> None:
    assert levels({**PRODUCTION, **change})[check] == level


def test_every_bad_finding_says_how_to_mend_it(tmp_path: Path) -> None:
    env = {"RESMI_HOME": str(tmp_path), "RESMI_MODE": "x", "RESMI_HTTPS": "?", "RESMI_TYPO": ""}
    bad = [finding for finding in settings.examine(env) if finding.level != "ok"]
    assert len(bad) >= 5
    assert all(finding.mend for finding in bad)


def test_a_misspelt_setting_gets_the_right_spelling_offered() -> None:
    (finding,) = settings.misspelt({"RESMI_WATSAPP_TOKEN": "x"})
    assert "RESMI_WHATSAPP_TOKEN" in finding.mend


def test_no_number_at_all_is_only_a_warning() -> None:
    (finding,) = settings.whatsapp({})
    assert finding.level == "warning"


def test_a_secret_key_that_is_missing_points_to_init(tmp_path: Path) -> None:
    finding = settings.secret_key({"RESMI_HOME": str(tmp_path)})
    assert (finding.level, finding.mend) == ("error", "Run: resmi init (it makes one)")


@pytest.mark.parametrize(
    ("version", "level"), [((3, 11, 9), "ok"), ((3, 10, 1), "error"), ((3, 12, 0), "error")]
)
def test_only_one_minor_version_of_python_is_right(version: tuple[int, ...], level: str) -> None:
    assert machine.python(version).level == level


def test_a_home_that_is_a_file_is_found(tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("")
    assert machine.folder(tmp_path / "taken" / "home").level == "error"


def test_a_home_everyone_can_list_is_found(tmp_path: Path) -> None:
    tmp_path.chmod(0o755)
    assert machine.folder(tmp_path).level == "warning"


@pytest.mark.parametrize(("number", "level"), [(140012, "error"), (150000, "ok"), (180004, "ok")])
def test_an_old_postgresql_is_found(number: int, level: str) -> None:
    assert database.version(number).level == level


@pytest.mark.parametrize(
    ("skew_s", "level"), [(0.1, "ok"), (-5.0, "warning"), (5.0, "warning"), (90.0, "error")]
)
def test_clocks_that_run_apart_are_found(skew_s: float, level: str) -> None:
    assert database.clock(skew_s).level == level


@pytest.mark.parametrize(("day", "level"), [(20, "ok"), (1, "warning")])
def test_an_old_list_is_found(day: int, level: str) -> None:
    finding = content.freshness("The list", date(2026, 3, day), date(2026, 4, 10), 35)
    assert finding.level == level


def test_an_unreachable_database_is_told_without_its_password() -> None:
    env = {"RESMI_DATABASE_URL": "postgresql://me:hunter2@127.0.0.1:1/resmi"}
    with database.reachable(env) as (findings, works):
        assert not works
        assert findings[0].level == "error"
        assert "hunter2" not in findings[0].text


def test_a_database_of_another_kind_is_told() -> None:
    with database.reachable({"RESMI_DATABASE_URL": "mysql://db/resmi"}) as (findings, works):
        assert not works
        assert "PostgreSQL" in findings[0].mend


def test_without_a_database_init_is_advised(tmp_path: Path) -> None:
    with database.reachable({"RESMI_HOME": str(tmp_path)}) as (findings, works):
        assert not works
        assert "resmi init" in findings[0].mend
    assert not (tmp_path / "postgres").exists()


def test_the_command_reports_as_json_and_by_its_exit_code(
    database_url: str, tmp_path: Path
) -> None:
    env = environment(database_url, RESMI_HOME=str(tmp_path), **PRODUCTION)
    env["RESMI_MODE"] = "production"
    done = subprocess.run(
        [BIN / "resmi", "doctor", "--json"], env=env, capture_output=True, text=True, check=False
    )
    report = json.loads(done.stdout)
    errors = [one for one in report["findings"] if one["level"] == "error"]
    assert (errors, report["ok"], done.returncode) == ([], True, 0)
    assert {"database", "tables", "register", "pack"} <= {
        one["check"] for one in report["findings"]
    }


def test_every_setting_the_code_reads_is_in_the_catalogue() -> None:
    source = Path(settings.__file__).parents[2]
    for path in source.rglob("*.py"):
        for word in path.read_text().replace('"', " ").replace("'", " ").split():
            if word.startswith("RESMI_") and word.isidentifier() and word.isupper():
                assert word in catalogue.NAMES or word == "RESMI_", f"{word} in {path}"
