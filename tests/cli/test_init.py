"""Preparing an installation."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from resmi.agency.models import User
from resmi.cli import secret
from resmi.routing.models import Queue
from tests.processes import BIN, environment


def init(
    database_url: str, home: Path, *arguments: str, password: str = ""
) -> subprocess.CompletedProcess[str]:
    env = environment(database_url, RESMI_HOME=str(home))
    del env["RESMI_SECRET_KEY"]
    return subprocess.run(
        [BIN / "resmi", "init", *arguments],
        env=env,
        input=password,
        capture_output=True,
        text=True,
        check=False,
    )


ANI = ("--email", "Ani@Agency.example", "--name", "Ani Wijaya")


def test_it_makes_the_key_the_queues_and_an_administrator(
    database_url: str, tmp_path: Path
) -> None:
    done = init(database_url, tmp_path, *ANI, password="correct horse battery\n")
    assert done.returncode == 0, done.stderr
    user = User.objects.get(email="ani@agency.example")
    assert (user.role, user.check_password("correct horse battery")) == ("admin", True)
    assert Queue.objects.count() >= 1
    assert (tmp_path / "secret-key").stat().st_mode & 0o777 == 0o600


def test_doing_it_again_changes_nothing(database_url: str, tmp_path: Path) -> None:
    init(database_url, tmp_path, *ANI, password="correct horse battery\n")
    key = (tmp_path / "secret-key").read_text()
    again = init(database_url, tmp_path)
    assert again.returncode == 0, again.stderr
    assert (tmp_path / "secret-key").read_text() == key
    assert User.objects.count() == 1


@pytest.mark.parametrize("password", ["short", "12345678901", "password"])
def test_a_weak_password_is_refused_in_words(
    database_url: str, tmp_path: Path, password: str
) -> None:
    done = init(database_url, tmp_path, *ANI, password=f"{password}\n")
    assert done.returncode == 1
    assert "this password won't do" in done.stderr
    assert not User.objects.exists()


def test_without_a_terminal_it_says_what_to_give(database_url: str, tmp_path: Path) -> None:
    done = init(database_url, tmp_path)
    assert done.returncode == 1
    assert "--email" in done.stderr


def test_no_administrator_is_made_when_none_is_wanted(database_url: str, tmp_path: Path) -> None:
    assert init(database_url, tmp_path, "--no-admin").returncode == 0
    assert not User.objects.exists()


def test_a_key_is_long_and_never_the_same(tmp_path: Path) -> None:
    assert secret.ensure_key(tmp_path / "one")
    assert secret.ensure_key(tmp_path / "two")
    assert not secret.ensure_key(tmp_path / "one")
    one, two = ((tmp_path / name / "secret-key").read_text() for name in ("one", "two"))
    assert one != two
    assert len(one) > 60
