"""Backups of a real database, made and restored by the command."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from resmi.agency.models import User
from resmi.cli.keeping import asides, postgres
from resmi.cli.trouble import Trouble
from resmi.config import embedded
from resmi.conversations.models import Conversation
from tests import processes
from tests.desk import scenes
from tests.processes import BIN

pytestmark = pytest.mark.slow

PASSPHRASE = "three words and more"


@pytest.fixture
def home() -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(prefix="resmi-k-"))
    folder.chmod(0o711)
    yield folder
    for data in folder.glob("*/postgres"):
        embedded.stop(data)
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def lived_in(home: Path, database_url: str) -> dict[str, str]:
    """The environment of an installation with a talk, a file and its keys."""
    scenes.office()
    sari = scenes.agent("Sari")
    for name in ("Budi", "Ayu"):
        scenes.held(sari, name)
    place = home / "old"
    (place / "media/2026/01").mkdir(parents=True)
    (place / "media/2026/01/photo.jpg").write_bytes(b"jpeg" * 1000)
    (place / "secret-key").write_text("k" * 50)
    (place / "receipt-keys.json").write_text("{}")
    return environment(place, database_url)


def environment(place: Path, url: str = "") -> dict[str, str]:
    env = processes.environment(
        url, RESMI_HOME=str(place), RESMI_BACKUP_PASSPHRASE=PASSPHRASE, RESMI_TEST_DATABASE=""
    )
    if not url:
        del env["RESMI_DATABASE_URL"]
    return env


def resmi(env: dict[str, str], *words: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [str(BIN / "resmi"), *map(str, words)], env=env, check=False, capture_output=True, text=True
    )


def ask(url: str, query: str) -> object:
    with psycopg.connect(url) as link:
        row = link.execute(query).fetchone()
    return row and row[0]


def aside(url: str) -> set[str]:
    kept = (
        "SELECT string_agg(datname, ' ') FROM pg_database WHERE datname ~ '^resmi_(trial|restore)_'"
    )
    return set(str(ask(url, kept) or "").split())


def left_over(url: str) -> set[str]:
    """Databases put aside that stay. Tests beside this one make some too, and drop them soon."""
    found = aside(url)
    deadline = time.monotonic() + 100
    while found and time.monotonic() < deadline:
        time.sleep(0.1)
        found &= aside(url)
    return found


def test_a_backup_restores_into_an_empty_installation(
    home: Path, lived_in: dict[str, str], database_url: str
) -> None:
    file = home / "monday.bak"
    done = resmi(lived_in, "backup", file)
    assert done.returncode == 0, done.stderr
    assert "the logs of 2 conversations" in done.stderr
    assert file.stat().st_mode & 0o077 == 0
    assert b"PGDMP" not in file.read_bytes()
    assert not left_over(database_url)

    new = home / "new"
    done = resmi(environment(new), "restore", file)
    assert done.returncode == 0, done.stderr
    url = embedded.status(new / "postgres").url
    assert ask(url, "SELECT count(*) FROM conversations_conversation") == 2
    assert ask(url, "SELECT count(*) FROM agency_user") == User.objects.count()
    assert (new / "media/2026/01/photo.jpg").read_bytes() == b"jpeg" * 1000
    assert (new / "secret-key").read_text() == "k" * 50
    assert not left_over(url)
    done = resmi(environment(new), "init", "--no-admin")
    assert done.returncode == 0, done.stderr

    again = resmi(environment(new), "restore", file)
    assert again.returncode == 1
    assert "--replace" in again.stderr
    again = resmi(environment(new), "restore", file, "--replace")
    assert again.returncode == 0, again.stderr
    assert ask(url, "SELECT count(*) FROM pg_database WHERE datname ~ '^resmi_before_'") == 1
    aside = next(new.glob("media.before-*"))
    stamp = aside.name.rpartition("-")[2]
    kept = resmi(environment(new), "database", "kept").stdout
    assert kept.startswith(f"{stamp}  ")
    assert str(aside) in kept
    assert resmi(environment(new), "database", "forget", stamp, "--yes").returncode == 0
    assert ask(url, "SELECT count(*) FROM pg_database WHERE datname ~ '^resmi_before_'") == 0
    assert list(new.glob("*.before-*")) == []
    unasked = resmi(environment(new), "database", "forget", stamp)
    assert "nothing was put aside" in unasked.stderr
    assert "Remove" not in unasked.stdout
    with pytest.raises(Trouble, match="nothing was put aside"):
        asides.find(stamp, url, environment(new))


def test_a_backup_that_can_not_be_proved_does_not_get_its_name(
    home: Path, lived_in: dict[str, str], database_url: str
) -> None:
    talk = Conversation.objects.first()
    assert talk
    with psycopg.connect(database_url) as link:
        link.execute("SET session_replication_role = replica")
        link.execute(
            "UPDATE conversations_event SET at = at + interval '1 hour' "
            "WHERE conversation_id = %s AND seq = 1",
            [talk.pk],
        )
    done = resmi(lived_in, "backup", home / "monday.bak")
    assert done.returncode == 1
    assert f"the log of conversation {talk.pk} does not prove itself" in done.stderr
    assert list(home.glob("monday*")) == []
    assert not left_over(database_url)


def test_a_damaged_or_foreign_backup_changes_nothing(
    home: Path, lived_in: dict[str, str], database_url: str
) -> None:
    file = home / "monday.bak"
    assert resmi(lived_in, "backup", file, "--no-trial").returncode == 0
    whole = file.read_bytes()
    other = {**lived_in, "RESMI_BACKUP_PASSPHRASE": "another passphrase"}
    for data, env in ((whole[:-20], lived_in), (whole, other), (b"hello", lived_in)):
        damaged = home / "damaged.bak"
        damaged.write_bytes(data)
        done = resmi(env, "restore", damaged, "--replace")
        assert done.returncode == 1
        assert "Traceback" not in done.stderr
        assert "can't be restored" in done.stderr
    assert Conversation.objects.count() == 2
    assert not left_over(database_url)


def test_it_says_what_is_missing(home: Path, lived_in: dict[str, str]) -> None:
    bare = {key: value for key, value in lived_in.items() if key != "RESMI_BACKUP_PASSPHRASE"}
    assert "--passphrase-file" in resmi(bare, "backup", home / "a.bak").stderr
    short = {**lived_in, "RESMI_BACKUP_PASSPHRASE": "short"}
    assert "at least 12" in resmi(short, "backup", home / "a.bak").stderr
    (home / "a.bak").write_text("mine")
    assert "exists already" in resmi(lived_in, "backup", home / "a.bak").stderr
    assert (home / "a.bak").read_text() == "mine"


def test_files_can_be_left_out_and_it_is_said(home: Path, lived_in: dict[str, str]) -> None:
    done = resmi(lived_in, "backup", home / "small.bak", "--no-files")
    assert done.returncode == 0, done.stderr
    assert "are not in it" in done.stdout
    assert "Files: left out" in done.stderr
    assert ", 0 files, " in done.stderr


def test_nothing_is_restored_under_running_programs(
    home: Path, lived_in: dict[str, str], database_url: str
) -> None:
    file = home / "monday.bak"
    assert resmi(lived_in, "backup", file, "--no-trial").returncode == 0
    with psycopg.connect(database_url, application_name="resmi work"):
        done = resmi(lived_in, "restore", file, "--replace")
    assert done.returncode == 1
    assert "resmi work" in done.stderr


def test_no_password_of_the_database_stands_in_a_list_of_processes() -> None:
    env = postgres.environment(
        "postgresql://resmi:p%40ss@db.example:5433/agency?sslmode=require",
        {"PATH": "/bin", "PGHOST": "other", "RESMI_SECRET_KEY": "x"},
    )
    assert env == {
        "PATH": "/bin",
        "PGHOST": "db.example",
        "PGPORT": "5433",
        "PGUSER": "resmi",
        "PGPASSWORD": "p@ss",
        "PGDATABASE": "agency",
        "PGSSLMODE": "require",
        "LC_ALL": "C",
    }
