"""Backups where citizens' files are in an S3-compatible store: in it, proved, and back again."""

from __future__ import annotations

import hashlib
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from resmi.channels.models import MediaFile
from resmi.cli.diagnosis import machine
from resmi.cli.keeping.keepers import InStore
from resmi.cli.keeping.store import Store
from resmi.cli.trouble import Trouble
from tests import stores
from tests.cli.keeping import test_backup
from tests.cli.keeping.test_backup import environment, resmi

pytestmark = pytest.mark.slow

home = test_backup.home
lived_in = test_backup.lived_in

LARGE = bytes(range(256)) * 80_000  # 20 MB: several parts of an upload


@pytest.fixture(scope="module")
def store() -> Iterator[stores.Store]:
    with stores.running() as running:
        yield running


@pytest.fixture
def filled(store: stores.Store, lived_in: dict[str, str]) -> dict[str, str]:
    """The installation, with a large file and its preview in the store."""
    held = {"media/2026/01/large.bin": LARGE, "previews/2026/01/large.jpg": b"jpeg"}
    for name, data in held.items():
        store.put("files", name, data)
    store.put("files", "somebody/elses.txt", b"not named by the database")
    MediaFile.objects.create(
        kind="video",
        state="stored",
        file="media/2026/01/large.bin",
        preview="previews/2026/01/large.jpg",
        sha256=hashlib.sha256(LARGE).hexdigest(),
        size=len(LARGE),
    )
    return {**lived_in, "RESMI_STORAGE": store.url()}


def test_files_of_a_store_are_in_the_backup_and_come_back_into_a_store_or_a_folder(
    home: Path, filled: dict[str, str], store: stores.Store
) -> None:
    file = home / "monday.bak"
    done = resmi(filled, "backup", file)
    assert done.returncode == 0, done.stderr
    assert done.stderr.count("2 files, 20.5 MB") == 2  # saved, and proved
    assert "otherwise" not in done.stderr
    assert file.stat().st_size > len(LARGE)

    there = {**environment(home / "there"), "RESMI_STORAGE": store.make("restored")}
    assert resmi(there, "restore", file).returncode == 0
    assert store.all("restored") == {
        "media/2026/01/large.bin": LARGE,
        "previews/2026/01/large.jpg": b"jpeg",
    }
    done = resmi(environment(home / "there"), "restore", file, "--replace")
    assert done.returncode == 0, done.stderr
    assert (home / "there/media/media/2026/01/large.bin").read_bytes() == LARGE


def test_a_lost_and_a_damaged_file_are_named_and_the_rest_is_saved(
    home: Path, filled: dict[str, str], store: stores.Store
) -> None:
    store.put("files", "media/2026/01/large.bin", b"damaged")
    MediaFile.objects.create(kind="image", state="stored", file="media/2026/01/lost.jpg")
    done = resmi(filled, "backup", home / "monday.bak")
    assert done.returncode == 0, done.stderr
    assert "1 files are named by the database and not in the store: media/2026/01/lost.jpg" in (
        done.stderr
    )
    assert "otherwise than they were received: media/2026/01/large.bin" in done.stderr


def test_a_store_that_is_away_makes_no_backup(home: Path, filled: dict[str, str]) -> None:
    away = {**filled, "RESMI_STORAGE": "s3+http://key:secret@127.0.0.1:9/files?region=eu-west-1"}
    done = resmi(away, "backup", home / "away.bak")
    assert done.returncode == 1
    assert "the store of citizens' files can't be used" in done.stderr
    assert "Traceback" not in done.stderr
    assert list(home.glob("away*")) == []


def test_a_restore_that_fails_leaves_the_store_as_it_was(
    home: Path, filled: dict[str, str], store: stores.Store
) -> None:
    file = home / "monday.bak"
    assert resmi(filled, "backup", file, "--no-trial").returncode == 0
    file.write_bytes(file.read_bytes()[:-20])
    there = {**filled, "RESMI_STORAGE": store.make("broken")}
    done = resmi(there, "restore", file, "--replace")
    assert done.returncode == 1
    assert "can't be restored" in done.stderr
    assert store.all("broken") == {}


def test_doctor_says_whether_the_store_answers(
    store: stores.Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert machine.files(store.url()).level == "ok"
    assert machine.files(store.url("nobodys")).level == "warning"
    assert machine.files("s3+http://key:secret@127.0.0.1:9/files?region=eu-west-1").level == (
        "warning"
    )
    monkeypatch.setitem(sys.modules, "boto3", None)
    found = machine.files(store.url())
    assert (found.level, "make install-s3" in found.mend) == ("error", True)


def test_another_file_of_that_name_is_not_written_over(tmp_path: Path, store: stores.Store) -> None:
    kept = Store(store.make("taken"))
    store.put("taken", "media/a.jpg", b"older and longer")
    with (tmp_path / "put").open("w+") as put:
        keeper = InStore(tmp_path, kept, put)
        with pytest.raises(Trouble, match="holds another file named media/a"):
            keeper.keep("media/media/a.jpg", iter([b"new"]))
        keeper.keep("media/media/b.jpg", iter([b"ne", b"w"]))
        assert store.all("taken")["media/b.jpg"] == b"new"
        keeper.keep("media/media/b.jpg", iter([b"old"]))  # as large, so it is taken to be the same
        assert store.all("taken")["media/b.jpg"] == b"new"
        keeper.undo()
    assert store.all("taken") == {"media/a.jpg": b"older and longer"}
    kept.close()


def test_a_connection_that_breaks_is_taken_up_where_it_broke(
    store: stores.Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = Store(store.make("breaking"))
    store.put("breaking", "a.bin", LARGE)
    get, asked = kept._get, []

    def breaking(name: str, **more: str) -> Any:
        answer = get(name, **more)
        asked.append(more.get("Range", "all"))
        if len(asked) < 3:
            whole = answer["Body"]
            answer["Body"] = _Breaking(whole, kept._errors.ReadTimeoutError(endpoint_url="s3"))
        return answer

    monkeypatch.setattr(kept, "_get", breaking)
    parts = kept.read("a.bin")
    assert parts is not None
    assert b"".join(parts) == LARGE
    assert len(asked) == 3
    assert asked[0] == "all"
    assert kept.read("none.bin") is None
    kept.close()


class _Breaking:
    """A body that breaks after two parts."""

    def __init__(self, whole: Any, error: Exception) -> None:
        self.whole = whole
        self.error = error

    def close(self) -> None:
        self.whole.close()

    def iter_chunks(self, size: int) -> Iterator[bytes]:
        chunks = self.whole.iter_chunks(size)
        yield next(chunks)
        yield next(chunks)
        raise self.error
