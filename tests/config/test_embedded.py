"""The embedded PostgreSQL, with the real server."""

from __future__ import annotations

import multiprocessing
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import psycopg
import pytest

from resmi.config import embedded
from resmi.config.embedded import (
    account,
    cluster,
    errors,
    launch,
    postmaster,
    programs,
    sockets,
    waiting,
)
from tests.processes import PATIENCE_S

AS_ROOT = os.geteuid() == 0
needs_root = pytest.mark.skipif(not AS_ROOT, reason="only root can act as two accounts")


def reached_by_all() -> bool:
    """Whether any account may run the packaged programs: not in a clone in a private folder."""
    if not AS_ROOT:
        return True
    entry = pwd.getpwnam("nobody")
    nobody = account.Account(entry.pw_uid, entry.pw_gid, entry.pw_name, switch=True)
    return nobody.can_run(programs.locate() / "bin" / "postgres")


needs_open_programs = pytest.mark.skipif(
    not reached_by_all(), reason="other accounts can't reach this virtualenv"
)


@pytest.fixture
def home() -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(prefix="resmi-e-"))
    folder.chmod(0o711)
    yield folder
    for data in folder.rglob("PG_VERSION"):
        if data.parent.parent.name != "base":
            embedded.stop(data.parent)
    shutil.rmtree(folder, ignore_errors=True)


def ask(url: str, query: str) -> object:
    with psycopg.connect(url, autocommit=True) as connection:
        row = connection.execute(query).fetchone()
    return row and row[0]


def do(url: str, statement: str) -> None:
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(statement)


def kill_server(data: Path) -> int:
    server = postmaster.running(data)
    assert server
    process = psutil.Process(server.pid)
    process.kill()
    process.wait(PATIENCE_S)
    return server.pid


def in_another_process(job: Callable[[], str], *, uid: int | None = None) -> str:
    """What the job returns in a forked child, which may be another account."""
    ours, theirs = multiprocessing.Pipe(duplex=False)

    def work() -> None:
        if uid is not None:
            os.setgroups([])
            os.setgid(pwd.getpwuid(uid).pw_gid)
            os.setuid(uid)
        try:
            theirs.send(job())
        except embedded.Unusable as error:
            theirs.send(f"unusable: {error}")

    child = multiprocessing.get_context("fork").Process(target=work)
    child.start()
    assert ours.poll(PATIENCE_S)
    words = str(ours.recv())
    child.join(PATIENCE_S)
    return words


def test_a_new_folder_gets_a_server_and_a_utf8_database(home: Path) -> None:
    url = embedded.start(home / "postgres")
    assert ask(url, "SELECT current_database()") == "resmi"
    assert ask(url, "SHOW server_encoding") == "UTF8"


def test_a_second_start_joins_the_running_server(home: Path) -> None:
    url = embedded.start(home / "postgres")
    pid = embedded.status(home / "postgres").pid
    assert embedded.start(home / "postgres") == url
    assert embedded.status(home / "postgres").pid == pid


def test_processes_starting_at_once_share_one_server(home: Path) -> None:
    data = home / "postgres"
    context = multiprocessing.get_context("fork")
    children = [context.Process(target=embedded.start, args=(data,)) for _ in range(4)]
    for child in children:
        child.start()
    for child in children:
        child.join(PATIENCE_S)
    assert [child.exitcode for child in children] == [0, 0, 0, 0]
    assert ask(embedded.start(data), "SELECT 1") == 1


def test_data_survives_a_stop_and_a_start(home: Path) -> None:
    url = embedded.start(home / "postgres")
    do(url, "CREATE TABLE kept AS SELECT 7 AS n")
    assert embedded.stop(home / "postgres")
    assert embedded.status(home / "postgres").state == "stopped"
    assert ask(embedded.start(home / "postgres"), "SELECT n FROM kept") == 7


def test_data_survives_the_server_being_killed(home: Path) -> None:
    url = embedded.start(home / "postgres")
    do(url, "CREATE TABLE kept AS SELECT 7 AS n")
    kill_server(home / "postgres")
    assert ask(embedded.start(home / "postgres"), "SELECT n FROM kept") == 7


def test_a_pid_file_whose_number_is_now_another_process_does_not_stop_a_start(home: Path) -> None:
    data = home / "postgres"
    embedded.start(data)
    lines = (data / "postmaster.pid").read_text().splitlines()
    embedded.stop(data)
    identity = account.for_folder(data).identity()
    with subprocess.Popen(["sleep", "60"], **identity) as stranger:
        (data / "postmaster.pid").write_text("\n".join([str(stranger.pid), *lines[1:]]))
        assert embedded.status(data).state == "stopped"
        assert ask(embedded.start(data), "SELECT 1") == 1
        stranger.kill()


def test_stopping_what_does_not_run_says_so(home: Path) -> None:
    assert embedded.stop(home / "postgres") is False
    assert embedded.status(home / "postgres").state == "absent"


@pytest.mark.parametrize("name", ["with blanks", "a+b,c", 'quo"te', "$HOME `id`", "données"])
def test_any_character_may_stand_in_the_path(home: Path, name: str) -> None:
    assert ask(embedded.start(home / name / "postgres"), "SELECT 1") == 1


def test_a_path_too_long_for_a_socket_puts_the_socket_elsewhere(home: Path) -> None:
    data = home / ("d" * 60) / ("e" * 60) / "postgres"
    data.parent.parent.mkdir(mode=0o711)
    url = embedded.start(data)
    assert ask(url, "SELECT 1") == 1
    assert embedded.start(data) == url
    server = postmaster.running(data)
    assert server
    assert server.sockets != data
    assert server.sockets.stat().st_mode & 0o077 == 0
    embedded.stop(data)
    assert waiting.until(lambda: not server.sockets.exists(), 5)


def test_a_socket_folder_laid_by_somebody_else_is_refused(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = home / ("d" * 110)
    monkeypatch.setattr(sockets.tempfile, "gettempdir", lambda: str(home))
    monkeypatch.setenv("XDG_RUNTIME_DIR", "")
    who = account.for_folder(data)
    laid = sockets.folder_for(data, who)
    laid.chmod(0o777)
    with pytest.raises(embedded.Unusable, match="not a private folder"):
        sockets.folder_for(data, who)


def test_a_killed_first_start_leaves_no_half_database(home: Path) -> None:
    half = home / "postgres.part"
    half.mkdir()
    (half / "PG_VERSION").write_text("18\n")
    assert ask(embedded.start(home / "postgres"), "SELECT 1") == 1


def test_data_of_another_major_version_is_refused_with_the_way_out(home: Path) -> None:
    data = home / "postgres"
    data.mkdir()
    (data / "PG_VERSION").write_text("16\n")
    with pytest.raises(embedded.Unusable, match="made by PostgreSQL 16"):
        embedded.start(data)


def test_a_folder_with_other_files_is_left_alone(home: Path) -> None:
    data = home / "postgres"
    data.mkdir()
    (data / "thesis.odt").write_text("years of work")
    with pytest.raises(embedded.Unusable, match="holds files, but no database"):
        embedded.start(data)
    assert (data / "thesis.odt").read_text() == "years of work"


def test_a_full_disk_is_told_before_anything_is_made(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    full = shutil._ntuple_diskusage(10**9, 10**9 - 5_000_000, 5_000_000)  # type: ignore[attr-defined]
    monkeypatch.setattr(cluster.shutil, "disk_usage", lambda _: full)
    with pytest.raises(embedded.Unusable, match="Only 5 MB are free"):
        embedded.start(home / "postgres")
    assert not (home / "postgres").exists()


def test_a_disk_that_filled_up_while_starting_is_told_in_words() -> None:
    log = 'FATAL:  could not write lock file "postmaster.pid": No space left on device'
    assert "the disk is full" in errors.explain(log)


def test_an_unknown_reason_is_told_in_the_servers_words() -> None:
    assert "invalid value" in errors.explain("LOG: x\nFATAL: invalid value for parameter\n")


def test_a_home_that_is_a_file_is_told_in_words(home: Path) -> None:
    (home / "taken").write_text("")
    with pytest.raises(embedded.Unusable, match="can't be used"):
        embedded.start(home / "taken" / "postgres")


def test_a_log_that_has_grown_is_put_aside(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(launch, "LOG_BYTES", 10)
    log = home / "postgres.log"
    log.write_text("twelve bytes")
    launch.rotate(log)
    assert (home / "postgres.log.1").read_text() == "twelve bytes"
    assert not log.exists()


def test_the_database_url_of_ones_own_server_is_left_as_it_is() -> None:
    env = {"RESMI_DATABASE_URL": "postgresql://db.example/resmi"}
    assert embedded.ensure_database_url(env) == "postgresql://db.example/resmi"


def test_the_url_is_passed_on_to_child_processes(home: Path) -> None:
    env = {"RESMI_HOME": str(home)}
    assert env["RESMI_HOME"] in str(home)
    url = embedded.ensure_database_url(env)
    assert env["RESMI_DATABASE_URL"] == url


@needs_root
@needs_open_programs
def test_an_ordinary_user_can_run_a_server(home: Path) -> None:
    nobody = pwd.getpwnam("nobody").pw_uid
    mine = home / "nobody"
    mine.mkdir()
    os.chown(mine, nobody, -1)
    who = in_another_process(
        lambda: str(ask(embedded.start(mine / "postgres"), "SELECT 'served'")), uid=nobody
    )
    assert who == "served"
    assert (mine / "postgres").stat().st_uid == nobody


@needs_root
def test_a_folder_of_another_account_is_refused_by_name(home: Path) -> None:
    embedded.start(home / "postgres")
    nobody = pwd.getpwnam("nobody").pw_uid
    words = in_another_process(lambda: embedded.start(home / "postgres"), uid=nobody)
    owner = pwd.getpwuid((home / "postgres").stat().st_uid).pw_name
    assert f"belongs to the account {owner}" in words


@needs_root
@needs_open_programs
def test_root_serves_data_of_an_ordinary_user_as_that_user(home: Path) -> None:
    nobody = pwd.getpwnam("nobody").pw_uid
    os.chown(home, nobody, -1)
    in_another_process(lambda: str(embedded.start(home / "postgres")), uid=nobody)
    embedded.stop(home / "postgres")
    assert ask(embedded.start(home / "postgres"), "SELECT 1") == 1
    assert (home / "postgres" / "postmaster.pid").stat().st_uid == nobody


@needs_root
def test_data_that_root_restored_is_given_back_to_the_service_account(home: Path) -> None:
    data = home / "postgres"
    embedded.start(data)
    embedded.stop(data)
    for path in (data, *data.rglob("*")):
        os.chown(path, 0, 0)
    assert ask(embedded.start(data), "SELECT 1") == 1


@needs_root
def test_a_home_the_service_account_cannot_reach_is_told_with_a_better_place(home: Path) -> None:
    private = home / "private"
    private.mkdir(mode=0o700)
    with pytest.raises(embedded.Unusable, match="RESMI_HOME=/var/lib/resmi"):
        embedded.start(private / "inner" / "postgres")
    assert private.stat().st_mode & 0o777 == 0o700


@needs_root
@pytest.mark.parametrize(
    ("shared", "place"),
    [(lambda home: home / "machine", "machine"), (lambda home: Path("/proc/resmi"), "")],
    ids=["for the machine", "beside the data"],
)
def test_programs_in_a_private_folder_are_copied(
    home: Path, monkeypatch: pytest.MonkeyPatch, shared: Callable[[Path], Path], place: str
) -> None:
    packaged = programs.locate()
    private = home / "private" / programs.PACKAGE
    shutil.copytree(packaged, private / packaged.name, symlinks=True)
    libraries = packaged.parent.with_name(f"{programs.PACKAGE}.libs")
    shutil.copytree(libraries, private.with_name(libraries.name), symlinks=True)
    private.parent.chmod(0o700)
    monkeypatch.setattr(programs, "locate", lambda: private / packaged.name)
    monkeypatch.setattr(programs, "SHARED", shared(home))
    assert ask(embedded.start(home / "postgres"), "SELECT 1") == 1
    server = psutil.Process(embedded.status(home / "postgres").pid)
    assert server.exe().startswith(str(home / place / "postgresql-"))


def test_a_start_while_the_server_is_going_down_brings_it_up_again(home: Path) -> None:
    data = home / "postgres"
    url = embedded.start(data)
    server = postmaster.running(data)
    assert server
    with psycopg.connect(url):
        os.kill(server.pid, signal.SIGTERM)
    assert ask(embedded.start(data), "SELECT 1") == 1
