from __future__ import annotations

import fcntl
import logging
import multiprocessing
from collections.abc import Callable
from pathlib import Path

import pytest

from resmi.registry import shelf
from resmi.registry.index import Index
from tests.registry.making import entry


def builder(name: str, version: int = 1, edition: str = "a") -> Callable[[], Index]:
    return lambda: Index([entry(name)], version=version, edition=edition)


def never() -> Index:
    raise AssertionError("built although a file was there")


def held(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_the_second_process_opens_what_the_first_built(tmp_path: Path) -> None:
    folder = tmp_path / "index"
    shelf.obtain(folder, 1, "a", builder("PT Pelangi"))
    index = shelf.obtain(folder, 1, "a", never)
    assert index.verify("PT Pelangi")[0].status == "licensed"


def test_a_new_version_takes_the_place_of_the_old(tmp_path: Path) -> None:
    old = shelf.obtain(tmp_path, 1, "a", builder("PT Pelangi"))
    shelf.obtain(tmp_path, 2, "b", builder("PT Samudra", 2, "b"))
    assert held(tmp_path) == ["2.idx", "lock"]
    assert old.verify("PT Pelangi")[0].status == "licensed"


def test_the_same_version_of_another_database_is_not_taken_for_ours(tmp_path: Path) -> None:
    shelf.obtain(tmp_path, 1, "a", builder("PT Pelangi"))
    index = shelf.obtain(tmp_path, 1, "b", builder("PT Samudra", 1, "b"))
    assert index.verify("PT Samudra")[0].status == "licensed"


def test_a_damaged_file_is_built_again(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    shelf.obtain(tmp_path, 1, "a", builder("PT Pelangi"))
    file = tmp_path / "1.idx"
    whole = file.read_bytes()
    file.write_bytes(whole[:-9])
    index = shelf.obtain(tmp_path, 1, "a", builder("PT Pelangi"))
    assert index.verify("PT Pelangi")[0].status == "licensed"
    assert file.read_bytes() == whole
    assert "damaged" in caplog.text


def test_what_a_killed_writer_left_is_cleared_away(tmp_path: Path) -> None:
    (tmp_path / ".1.idx.k2j3").write_bytes(b"half")
    shelf.obtain(tmp_path, 1, "a", builder("PT Pelangi"))
    assert held(tmp_path) == ["1.idx", "lock"]


def test_without_a_place_to_write_the_index_is_built_in_memory(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "index").write_text("a file where the folder should be")
    index = shelf.obtain(tmp_path / "index", 1, "a", builder("PT Pelangi"))
    assert index.verify("PT Pelangi")[0].status == "licensed"
    assert caplog.records[0].levelno == logging.WARNING


def test_a_file_that_cannot_be_written_leaves_the_index_in_memory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def full(index: Index, path: Path) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Index, "save", full)
    index = shelf.obtain(tmp_path, 1, "a", builder("PT Pelangi"))
    assert index.verify("PT Pelangi")[0].status == "licensed"
    assert "No space left" in caplog.text


def _obtain(folder: Path, log: Path) -> None:
    def build() -> Index:
        with log.open("a") as stream:
            stream.write("built\n")
        return builder("PT Pelangi")()

    assert shelf.obtain(folder, 1, "a", build).verify("PT Pelangi")[0].status == "licensed"


def test_of_many_processes_one_builds(tmp_path: Path) -> None:
    context = multiprocessing.get_context("fork")
    folder, log = tmp_path / "index", tmp_path / "log"
    folder.mkdir()
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # so that all of them wait
        workers = [context.Process(target=_obtain, args=(folder, log)) for _ in range(4)]
        for worker in workers:
            worker.start()
        fcntl.flock(lock, fcntl.LOCK_UN)
    for worker in workers:
        worker.join(30)
    assert [worker.exitcode for worker in workers] == [0] * 4
    assert log.read_text() == "built\n"
