"""Foreign files: spreadsheets, alerts, entities, identities; and the real lists, when at hand."""

from __future__ import annotations

import gzip
import io
import json
import os
import zipfile
from datetime import date
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from procrastinate.contrib.django.models import ProcrastinateJob

from resmi.registry import reading, tasks
from resmi.registry.errors import ImportRefused
from resmi.registry.importing import (
    brake,
    columns,
    comparing,
    confirming,
    files,
    formats,
    staging,
    tables,
)
from resmi.registry.models import Entity, Release, Staged, StagedRow
from tests.registry.making import csv_of

DATA = Path(os.environ.get("RESMI_TEST_DATA", Path(__file__).parents[3] / "shared" / "data"))
GLEIF = (
    "LEI,Entity.LegalName,Entity.OtherEntityNames.OtherEntityName.1,"
    "Entity.OtherEntityNames.OtherEntityName.1.type,Entity.EntityStatus,"
    "Registration.RegistrationStatus\n"
    "LEI1,Pelangi Ltd,Old Pelangi,PREVIOUS_LEGAL_NAME,ACTIVE,ISSUED\n"
    "LEI2,Jingga Ltd,,,INACTIVE,RETIRED\n"
    "LEI3,Biru Ltd,,,ACTIVE,DUPLICATE\n"
)


def rows(content: bytes, form: str = "", **options: str) -> list[reading.Row]:
    file = io.BytesIO(content)
    look = formats.look(file)
    mapping = columns.guess(look.heading)
    checker = reading.Checker(tolerant=True)
    found = []
    with formats.files.opened(file) as source:
        for number, given in formats.rows(form or look.format, source, mapping, options):
            assert isinstance(given, dict), given
            found.append(checker.row(number, given))
    assert checker.problems == []
    return [row for row in found if row]


def workbook(*records: list[Any]) -> bytes:
    book = openpyxl.Workbook()
    for record in records:
        book.active.append(record)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def test_a_spreadsheet_is_read_with_numbers_dates_and_empty_cells() -> None:
    content = workbook(
        ["No", "Nama Perusahaan", "Tanggal Izin", "Website"],
        [1, "PT Pelangi", date(2024, 5, 3), None],
        [None, None, None, None],
        [2.0, "PT Jingga", "31 Agustus 2020", "jingga.example; biru.example"],
    )
    first, second = rows(content, status="licensed", prefix="OJK-")
    assert (first.id, first.licence_date) == ("OJK-1", date(2024, 5, 3))
    assert (second.id, second.licence_date) == ("OJK-2", date(2020, 8, 31))
    assert second.website == ("jingga.example", "biru.example")


@pytest.mark.parametrize("pack", ["gzip", "zip", "utf-16", "bom"])
def test_packed_and_marked_files_are_the_same_list(pack: str) -> None:
    plain = "Nama,Nomor Izin\nPT Pelangi,KEP-1\n"
    out = io.BytesIO()
    if pack == "zip":
        with zipfile.ZipFile(out, "w") as archive:
            archive.writestr("list.csv", plain)
    content = {
        "gzip": gzip.compress(plain.encode()),
        "zip": out.getvalue(),
        "utf-16": plain.encode("utf-16"),
        "bom": plain.encode("utf-8-sig"),
    }[pack]
    assert [row.name for row in rows(content, status="licensed")] == ["PT Pelangi"]


def test_a_list_without_ids_gives_the_same_ids_in_any_order() -> None:
    one, two = b"PT Pelangi,KEP-1\n", b"PT Jingga,KEP-2\n"
    heading = b"Nama,Nomor Izin\n"
    ids = [{row.id for row in rows(heading + x + y, status="licensed")} for x, y in
           ((one, two), (two, one))]  # fmt: skip
    assert ids[0] == ids[1]
    assert len(ids[0]) == 2


def test_alerts_are_known_by_name_and_repeated_rows_are_one_entity() -> None:
    content = json.dumps(
        {
            "data": {
                "illegals": [
                    {"id": 7, "name": "Jingga Kilat", "alias": ["JK"], "web": ["jingga.example"],
                     "entity_type": "Fintech", "activity_type": ["Lending"]},
                    {"id": 9, "name": "JINGGA KILAT", "email": ["a@jingga.example", "-"]},
                ],
                "apps": [{"id": 1, "name": "Pelangi", "url": "pelangi.example", "owner": "PT P"}],
            }
        }
    ).encode()  # fmt: skip
    by_name = {row.name: row for row in rows(content)}
    assert by_name.keys() == {"Jingga Kilat", "Pelangi"}
    assert by_name["Jingga Kilat"].status == "illegal"
    assert by_name["Jingga Kilat"].emails == ("a@jingga.example",)
    assert (by_name["Pelangi"].status, by_name["Pelangi"].owner) == ("licensed", "PT P")


def test_entities_of_a_warning_list_are_illegal_and_addresses_are_left_out() -> None:
    lines = [
        {"id": "A", "schema": "Company", "caption": "Jingga",
         "properties": {"name": ["Jingga", "Jingga Kilat"], "topics": ["reg.warn"]}},
        {"id": "B", "schema": "Address", "properties": {"full": ["Jl. Merdeka"]}},
        {"id": "C", "schema": "Company", "caption": "Pelangi", "properties": {}},
    ]  # fmt: skip
    content = "\n".join(map(json.dumps, lines)).encode()
    found = rows(content, status="licensed")
    assert [(row.id, row.status, row.aliases) for row in found] == [
        ("A", "illegal", ("Jingga Kilat",)),
        ("C", "licensed", ()),
    ]


def test_an_lei_is_no_licence_so_the_meaning_must_be_said() -> None:
    with pytest.raises(ImportRefused, match="say what standing on this list means"):
        rows(GLEIF.encode())
    first, second = rows(GLEIF.encode(), status="licensed")
    assert (first.id, first.former_names) == ("LEI1", ("Old Pelangi",))
    assert second.status == "revoked"


@pytest.mark.parametrize(
    ("given", "meant"),
    [("31/01/2020", "2020-01-31"), ("1 Mei 2021", "2021-05-01"), ("2020-01-31T00:00", "2020-01-31"),
     ("31/13/2020", "31/13/2020"), ("soon", "soon")],
)  # fmt: skip
def test_dates_are_understood_day_first_or_left_to_be_refused(given: str, meant: str) -> None:
    assert columns.iso_date(given) == meant


@pytest.mark.parametrize(
    ("vanished", "changed", "kinds"),
    [(5, 20, []), (6, 0, ["vanished"]), (0, 21, ["changed"]), (50, 50, ["vanished", "changed"])],
)
def test_the_brake_falls_past_its_shares(vanished: int, changed: int, kinds: list[str]) -> None:
    found = brake.brakes(in_force=100, changed=changed, vanished=vanished)
    assert [one.kind for one in found] == kinds


def test_a_first_import_is_never_braked() -> None:
    assert brake.brakes(in_force=0, changed=0, vanished=0) == ()


def _staged(content: bytes, **fields: Any) -> Staged:
    given = {"source": "Licences", "authority": "Authority", "as_of": date(2026, 1, 31), **fields}
    return staging.stage(actor=None, file=io.BytesIO(content), filename="list.csv", **given)


def _in_force() -> set[tuple[str, str]]:
    return set(Entity.objects.filter(until=None).values_list("external_id", "name"))


@pytest.mark.django_db
def test_reading_goes_on_where_it_was_interrupted(monkeypatch: pytest.MonkeyPatch) -> None:
    content = csv_of(*({"id": str(n)} for n in range(20)))
    staged = _staged(content)

    def cut(done: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        comparing.read(staged.pk, batch=6, tell=cut)
    assert StagedRow.objects.count() == 6
    staged = comparing.read(staged.pk, batch=6)
    assert (staged.state, staged.rows, staged.added) == ("ready", 20, 20)
    assert not Release.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_reading_whose_process_is_gone_is_taken_up_by_a_job() -> None:
    staged = _staged(csv_of(*({"id": str(n)} for n in range(20))))
    for _again in range(2):
        tasks.resume_imports(0)
    jobs = ProcrastinateJob.objects.filter(task_name="registry.read_import")
    assert [job.args for job in jobs] == [{"staged_id": staged.pk}]
    tasks.read_import(**jobs[0].args)
    staged.refresh_from_db()
    assert (staged.state, staged.rows) == ("ready", 20)
    assert staging.being_read() == []
    assert not Release.objects.exists()


@pytest.mark.django_db
def test_undo_restores_what_stood_before_and_undoing_it_brings_the_import_back() -> None:
    for word in ("A", "B"):
        content = csv_of({"id": "1", "name": f"PT {word}"}, {"id": f"only-{word}", "brands": "X"})
        staged = comparing.read(_staged(content).pk)
        release = confirming.confirm(actor=None, staged_id=staged.pk, reason="so it is")
    after = _in_force()
    confirming.undo(actor=None, register_id=release.register_id, reason="wrong file")
    assert {name for _id, name in _in_force()} == {"PT A", "PT Nama only-A"}
    restored = Entity.objects.get(until=None, external_id="only-A")
    assert restored.names.filter(kind="brand").count() == 1
    again = confirming.undo(actor=None, register_id=release.register_id, reason="it was right")
    assert _in_force() == after
    assert again.version == 4


@pytest.mark.django_db
def test_a_comparison_that_is_out_of_date_is_made_anew() -> None:
    first = comparing.read(_staged(csv_of({"id": "1"})).pk)
    second = comparing.read(_staged(csv_of({"id": "2"})).pk)
    confirming.confirm(actor=None, staged_id=first.pk)
    with pytest.raises(confirming.NotNow, match="compared again"):
        confirming.confirm(actor=None, staged_id=second.pk)
    assert comparing.read(staging.start_again(second.pk).pk).vanished == 1


@pytest.mark.django_db
@pytest.mark.skipif(not (DATA / "ojk_registry").exists(), reason="the real lists are not here")
@pytest.mark.parametrize(
    ("name", "status", "count"),
    [("licensed_entities.csv", "licensed", 2259), ("illegal_entities.csv.gz", "illegal", 6550),
     ("mutual_fund_products.csv", "licensed", 2071),
     ("fintech_formerly_registered.csv", "revoked", 35)],
)  # fmt: skip
def test_the_real_lists_go_in_and_out(name: str, status: str, count: int) -> None:
    content = (DATA / "ojk_registry" / name).read_bytes()
    staged = _staged(content, options={"status": status})
    staging.name_columns(
        actor=None, staged_id=staged.pk, mapping=staged.mapping, options=staged.options
    )
    staged = comparing.read(staged.pk)
    release = confirming.confirm(actor=None, staged_id=staged.pk)
    assert (release.rows, getattr(release, status)) == (count, count)
    again = _staged(content)
    assert comparing.read(again.pk).added == 0
    assert confirming.undo(actor=None, register_id=release.register_id, reason="x").rows == 0


TITLED = (
    ["Daftar Penyelenggara Berizin"],
    [],
    ["per 1 April 2026"],
    ["Nama Perusahaan", "Nomor Izin"],
    ["PT Pelangi", "KEP-1"],
    ["PT Samudra"],
)


def test_titles_above_the_heading_are_passed_over() -> None:
    with files.opened(io.BytesIO(workbook(*TITLED))) as source:
        table = tables.Table(source)
        assert table.heading == ["Nama Perusahaan", "Nomor Izin"]
        assert list(table.records()) == [(5, ["PT Pelangi", "KEP-1"]), (6, ["PT Samudra", ""])]


def test_titles_in_a_csv_are_passed_over_and_rows_keep_their_numbers() -> None:
    text = "Daftar Berizin,\n,\nNama Perusahaan,Nomor Izin\nPT Pelangi,KEP-1\n"
    with files.opened(io.BytesIO(text.encode())) as source:
        table = tables.Table(source)
        assert table.heading == ["Nama Perusahaan", "Nomor Izin"]
        assert list(table.records()) == [(4, ["PT Pelangi", "KEP-1"])]


def test_a_table_of_one_column_begins_with_its_heading() -> None:
    names = [["Nama"], *([f"PT Pelangi {number}"] for number in range(30))]
    for content in (workbook(*names), "\n".join(row[0] for row in names).encode()):
        with files.opened(io.BytesIO(content)) as source:
            table = tables.Table(source)
            assert table.heading == ["Nama"]
            assert [record for _at, record in table.records()] == names[1:]
