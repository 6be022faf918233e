"""`resmi registry`, as typed."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from resmi.cli import registry
from resmi.cli.trouble import Trouble
from resmi.registry import services
from resmi.registry.models import Release
from tests.registry.making import csv_of

pytestmark = pytest.mark.django_db
SOURCE = ("--source", "Licences", "--authority", "Authority")


@pytest.fixture(autouse=True)
def _fresh_cache() -> None:
    services._cache.index = None


def run(*words: str, code: int = 0) -> Any:
    done = CliRunner().invoke(registry.app, [*words, "--json"])
    if done.exception and isinstance(done.exception, Trouble):
        raise done.exception
    assert done.exit_code == code, done.output
    return json.loads(done.stdout)


def put(folder: Path, content: bytes, *words: str, code: int = 0, name: str = "list.csv") -> Any:
    file = folder / name
    file.write_bytes(content)
    return run("import", str(file), *SOURCE, "--as-of", "2026-01-31", *words, code=code)


def test_a_list_goes_in_and_is_shown_among_the_lists(tmp_path: Path) -> None:
    done = put(tmp_path, csv_of({"id": "1"}, {"id": "2", "status": "revoked"}))
    assert (done["version"], done["licensed"], done["revoked"]) == (1, 1, 1)
    (listed,) = run("list")["lists"]
    assert (listed["source"], listed["rows"]) == ("Licences", 2)


def test_a_foreign_table_needs_its_meaning_said(tmp_path: Path) -> None:
    table = b"Firm,Nomor Izin\nPT Pelangi,KEP-1\n"
    with pytest.raises(Trouble, match="No column is named as the name"):
        put(tmp_path, table, "--status", "licensed")
    assert run("list")["waiting"] == []
    columns = ("--column", "Firm=name", "--column", "Nomor Izin=licence_no")
    assert put(tmp_path, table, "--status", "licensed", *columns)["licensed"] == 1


def test_the_brake_holds_a_file_until_somebody_says_why(tmp_path: Path) -> None:
    put(tmp_path, csv_of(*({"id": str(n)} for n in range(10))))
    held = put(tmp_path, csv_of({"id": "1"}), code=registry.BRAKED)
    assert held["brakes"][0] == {"kind": "vanished", "count": 9, "of": 10}
    shown = run("diff", str(held["import"]), "--change", "vanished", "--limit", "3")
    assert len(shown["rows_shown"]["vanished"]) == 3
    with pytest.raises(Trouble, match="say why it is right"):
        run("confirm", str(held["import"]))
    assert Release.objects.count() == 1
    assert run("confirm", str(held["import"]), "--reason", "They merged")["vanished"] == 9
    assert run("undo", "Licences", "--reason", "They did not")["rows"] == 10


def test_a_faulty_file_is_refused_with_its_row_and_nothing_waits(tmp_path: Path) -> None:
    with pytest.raises(Trouble, match="row 2, “status”"):
        put(tmp_path, csv_of({"id": "1", "status": "fine"}))
    assert run("list") == {"lists": [], "waiting": []}


def test_a_held_file_can_be_dropped(tmp_path: Path) -> None:
    put(tmp_path, csv_of(*({"id": str(n)} for n in range(10))))
    held = put(tmp_path, csv_of({"id": "1"}), code=registry.BRAKED)
    assert run("discard", str(held["import"])) == {"discarded": held["import"]}
    assert run("list")["waiting"] == []
    with pytest.raises(Trouble, match="no longer waiting"):
        run("discard", str(held["import"]))


def test_what_columns_were_taken_for_is_said(tmp_path: Path) -> None:
    file = tmp_path / "list.csv"
    file.write_text("Nama Perusahaan,Nomor Izin,Warna\nPT Pelangi,KEP-1,merah\n")
    words = ["import", str(file), *SOURCE, "--as-of", "2026-01-31", "--status", "licensed"]
    told = CliRunner().invoke(registry.app, words).stdout
    assert "Nama Perusahaan = name, Nomor Izin = licence_no. Others are left out." in told


def test_what_is_not_there_is_said(tmp_path: Path) -> None:
    with pytest.raises(Trouble, match="There is no list"):
        run("undo", "Nothing", "--reason", "x")
    with pytest.raises(Trouble, match="no such import"):
        run("diff")


def test_a_text_not_read_to_its_end_is_told_apart(tmp_path: Path) -> None:
    put(tmp_path, csv_of({"id": "1", "name": "PT Pelangi Samudra"}))
    asked = CliRunner().invoke(registry.app, ["verify", "Pelangi Samudra, " + "lain " * 1000])
    assert "ask again with the rest after “Pelangi Samudra”" in asked.stderr
    assert not CliRunner().invoke(registry.app, ["verify", "Pelangi Samudra"]).stderr
