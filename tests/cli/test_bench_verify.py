from __future__ import annotations

import csv
import gzip
import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from resmi.cli import bench
from resmi.cli.trouble import Trouble

LICENSED = (
    "entity_id name legal_form kinds brand aliases former_names ticker licence_no licence_date"
    " business_type website os owner as_of sources"
)
ILLEGAL = "entity_id name aliases web email phone last_input_date"
QUERIES = "query_id query query_kind expected_status also_accept expected_entity_ids embedded"


def write(file: Path, columns: str, *rows: dict[str, str]) -> Path:
    opener = gzip.open if file.suffix == ".gz" else open
    with opener(file, "wt", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, columns.split(), restval="")
        writer.writeheader()
        writer.writerows(rows)
    return file


@pytest.fixture
def register(tmp_path: Path) -> Path:
    folder = tmp_path / "register"
    folder.mkdir()
    write(
        folder / "licensed_entities.csv",
        LICENSED,
        {"entity_id": "L1", "name": "PT Bank Pelangi Samudra", "as_of": "2026-01-01"},
    )
    write(folder / "illegal_entities.csv.gz", ILLEGAL, {"entity_id": "X1", "name": "Dana Jempol"})
    return folder


@pytest.fixture
def questions(tmp_path: Path) -> Path:
    folder = tmp_path / "questions"
    folder.mkdir()
    write(
        folder / "queries.csv.gz",
        QUERIES,
        {
            "query_id": "1",
            "query": "apakah Bank Pelangi Samudra resmi?",
            "embedded": "1",
            "query_kind": "sentence",
            "expected_status": "licensed",
            "expected_entity_ids": "L1",
        },
        {
            "query_id": "2",
            "query": "dana jempol",
            "query_kind": "lowercase",
            "expected_status": "illegal",
            "expected_entity_ids": "X1",
            "embedded": "0",
        },
        {
            "query_id": "3",
            "query": "Bank Pelangi Samudra Kencana",
            "query_kind": "suffix",
            "expected_status": "unknown",
            "embedded": "0",
        },
    )
    return folder


def ask(*arguments: str | Path) -> Result:
    return CliRunner().invoke(bench.app, ["verify", *map(str, arguments)])


def test_the_answers_are_scored_and_told_as_json(register: Path, questions: Path) -> None:
    for given in (questions, questions / "queries.csv.gz", questions / "queries.csv"):
        told = ask("--register", register, "--queries", given, "--json")
        assert told.exit_code == 0, told.exception
        report = json.loads(told.stdout)
        assert (report["n"], report["negatives"], report["false_licensed"]) == (3, 2, 0)
        assert report["licensed_found"] == report["illegal_recall"] == 1.0
        assert report["by_kind"]["suffix/unknown"]["n"] == 1
        assert 0 < report["p50_us"] <= report["p99_us"]
        assert report["names"] == 2
        assert report["worst_odd_ms"] > 0


def test_peers_stress_and_growth_come_with_their_options(register: Path, questions: Path) -> None:
    told = ask(
        *("--register", register, "--queries", questions, "--json"),
        *("--peers", "--stress", "20", "--scale", "50"),
    )
    report = json.loads(told.stdout)
    assert report["stress"]["false_licensed"] == 0
    assert set(report["peers"]) > {"resmi", "exact key"}
    assert [grown["names"] for grown in report["scale"]] == [50]


def test_without_json_a_line_is_told_for_each_number(register: Path, questions: Path) -> None:
    told = ask("--register", register, "--queries", questions).stdout
    assert "false_licensed_rate          0.0000" in told
    assert "by_kind" not in told


@pytest.mark.parametrize(
    ("break_it", "told"),
    [
        (("register", ""), "missing is no folder"),
        (("register", "illegal"), "illegal_entities.csv is missing"),
        (("register", "columns"), "licensed_entities.csv has no column 'legal_form'"),
        (("queries", ""), "missing is missing"),
        (("queries", "folder"), "queries.csv is missing (looked for queries.csv.gz too)"),
        (("queries", "columns"), "queries.csv has no column 'query_kind'"),
        (("queries", "binary"), "queries.csv is no readable CSV"),
        (("queries", "gzip"), "queries.csv.gz is no readable CSV"),
        (("scale", "3,many"), "--scale takes whole numbers"),
        (("scale", "0"), "--scale takes whole numbers"),
    ],
)
def test_what_cannot_be_read_is_told_in_one_line(
    register: Path, questions: Path, tmp_path: Path, break_it: tuple[str, str], told: str
) -> None:
    option, how = break_it
    given: dict[str, str | Path] = {"register": register, "queries": questions, "scale": "50"}
    broken = tmp_path / "broken"
    broken.mkdir()
    given[option] = how if option == "scale" else broken
    if how == "":
        given[option] = tmp_path / "missing"
    elif how == "illegal":
        write(broken / "licensed_entities.csv", LICENSED)
    elif how == "columns" and option == "register":
        write(broken / "licensed_entities.csv", "entity_id name brand", {"entity_id": "L1"})
        (broken / "licensed_entities.csv").write_text(
            "entity_id,name,brand,aliases,former_names,ticker\nL1,x,,,,\n"
        )
    elif how == "columns":
        write(broken / "queries.csv", "query_id query", {"query_id": "1"})
    elif how == "binary":
        (broken / "queries.csv").write_bytes(b"\x80\xff" * 40)
    elif how == "gzip":
        (broken / "queries.csv.gz").write_bytes(b"no gzip at all")
    result = ask(*[part for name, value in given.items() for part in (f"--{name}", value)])
    assert isinstance(result.exception, Trouble)
    assert told in str(result.exception)
    assert "\n" not in str(result.exception)
