from __future__ import annotations

import io
from datetime import date, timedelta

import pytest
from django.db.models import Q
from django.utils import timezone

from resmi.agency.models import AuditEntry
from resmi.registry import services
from resmi.registry.errors import ImportRefused
from resmi.registry.models import Entity, Release
from tests.registry.making import HEADING, csv_of

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _fresh_cache() -> None:
    services._cache.index = None


def put(
    content: bytes, *, source: str = "Test register", as_of: date = date(2026, 1, 31)
) -> Release:
    services.forget_index()
    return services.import_csv(
        actor=None, file=io.BytesIO(content), source=source, authority="Authority", as_of=as_of
    )


def refusal(content: bytes) -> str:
    with pytest.raises(ImportRefused) as caught:
        put(content)
    assert not Entity.objects.exists()
    assert not Release.objects.exists()
    return str(caught.value)


def test_an_imported_company_is_verified_with_source_date_and_version() -> None:
    put(csv_of({"id": "1", "name": "PT Bank Pelangi Samudra", "licence_no": "KEP-1/2020"}))
    (verdict,) = services.current_index().verify("apakah Bank Pelangi Samudra terdaftar?")
    assert verdict.status == "licensed"
    assert (verdict.entity, verdict.licence) == ("1", "KEP-1/2020")
    assert (verdict.source, verdict.as_of, verdict.version) == ("Test register", "2026-01-31", 1)


def test_an_import_changes_only_what_differs_and_keeps_what_was_known_before() -> None:
    put(csv_of({"id": "1"}, {"id": "2"}, {"id": "3"}))
    release = put(csv_of({"id": "1"}, {"id": "2", "status": "revoked"}, {"id": "4"}))
    assert (release.added, release.changed, release.vanished) == (1, 1, 1)
    in_force = Entity.objects.filter(until=None)
    assert {(e.external_id, e.status) for e in in_force} == {
        ("1", "licensed"),
        ("2", "revoked"),
        ("4", "licensed"),
    }
    before = Entity.objects.filter(Q(until=None) | Q(until__version__gt=1), since__version=1)
    assert {e.external_id for e in before} == {"1", "2", "3"}


def test_the_index_follows_a_new_version_without_a_restart() -> None:
    put(csv_of({"id": "1", "name": "Pelangi Samudra"}))
    assert services.current_index().verify("Pelangi Samudra")[0].status == "licensed"
    put(csv_of({"id": "1", "name": "Pelangi Samudra", "status": "revoked"}))
    assert services.current_index().verify("Pelangi Samudra")[0].status == "revoked"


def test_the_database_is_not_asked_again_within_a_second(
    django_assert_num_queries: object,
) -> None:
    put(csv_of({"id": "1"}))
    index = services.current_index()
    with django_assert_num_queries(0):  # type: ignore[operator]
        assert services.current_index() is index


def test_two_lists_live_beside_each_other() -> None:
    put(csv_of({"id": "1", "name": "Pelangi Samudra"}), source="Licences")
    put(csv_of({"id": "2", "name": "Jingga Kilat", "status": "illegal"}), source="Warnings")
    index = services.current_index()
    assert index.verify("Pelangi Samudra")[0].source == "Licences"
    assert index.verify("Jingga Kilat")[0].source == "Warnings"


def test_an_id_of_another_list_is_refused() -> None:
    put(csv_of({"id": "1"}), source="Licences")
    with pytest.raises(ImportRefused, match=r"row 2, “id”: “1” already stands in the list Lic"):
        put(csv_of({"id": "1"}), source="Warnings")


def test_an_older_list_is_refused() -> None:
    put(csv_of({"id": "1"}), as_of=date(2026, 5, 1))
    with pytest.raises(ImportRefused, match="newer than 2026-04-30"):
        put(csv_of({"id": "1"}), as_of=date(2026, 4, 30))


def test_a_list_of_a_day_to_come_is_refused() -> None:
    soon = timezone.localdate() + timedelta(days=2)
    with pytest.raises(ImportRefused, match=f"{soon} is still to come"):
        put(csv_of({"id": "1"}), as_of=soon)
    put(csv_of({"id": "1"}), as_of=timezone.localdate())


def test_a_name_of_a_list_that_does_not_fit_is_refused() -> None:
    with pytest.raises(ImportRefused, match=r"“source”: “LLL.*has 201 characters, at most 200 fit"):
        put(csv_of({"id": "1"}), source="L" * 201)


def test_an_import_is_written_to_the_audit_trail() -> None:
    put(csv_of({"id": "1"}))
    assert AuditEntry.objects.get().after["added"] == 1


def test_every_fault_is_named_with_row_and_column() -> None:
    words = refusal(
        csv_of(
            {"id": "1", "licence_date": "31/01/2020"},
            {"id": "1"},
            {"id": "3", "status": "fine"},
            {"id": "4", "name": ""},
            {"id": "5", "emails": "nobody"},
            {"id": "6", "phones": "call us"},
        )
    )
    assert "row 2, “licence_date”: “31/01/2020” is not a date: write year-month-day" in words
    assert "row 3, “id”: “1” already stands in row 2" in words
    assert "row 4, “status”: “fine” is not a status: write licensed, revoked, illegal" in words
    assert "row 5, “name”: This field must not be empty" in words
    assert "row 6, “emails”: “nobody” is not an e-mail address" in words
    assert "row 7, “phones”: “call us” is not a phone number" in words


def test_one_bad_row_among_good_ones_imports_nothing() -> None:
    refusal(csv_of(*({"id": str(n)} for n in range(50)), {"id": "x", "status": ""}))


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "The file is empty"),
        (b"  \n\n", "The file is empty"),
        (HEADING.encode(), "no row below"),
        (b"id,name\n1,A\n", "row 1, “status”: This column is missing"),
        (f"{HEADING},colour\n".encode(), "row 1, “colour”: Nobody knows this column"),
        (f"{HEADING},id\n".encode(), "row 1, “id”: This column stands twice"),
        (f"{HEADING}\n1,A,licensed\n".encode(), "row 2: The row has 3 fields, the heading 15"),
        (f'{HEADING}\n1,"A,licensed\n'.encode(), "row 2: From here the file can't be read"),
        (f"{HEADING}\n1,Caf\xe9".encode("latin-1"), "row 2: The text is not UTF-8"),
        (b"\xef\xbb\xbf\n<!DOCTYPE html><html>", "This is a web page"),
        (HEADING.encode("utf-16-le"), "row 1: The text is not UTF-8"),
        (b"PK\x03\x04", "The spreadsheet or archive is damaged"),
        ((HEADING + "\n1,A\x00B" + "," * 13).encode(), "“name”: There is a control character"),
        ((HEADING + "\n1,A\ufffdB" + "," * 13).encode(), "“name”: A letter is broken"),
        (
            (HEADING + "\n1," + "A" * 301 + "," * 13).encode(),
            "A…” has 301 characters, at most 300 fit",
        ),
        ((HEADING + "\n1,!?," + "," * 12).encode(), "“name”: A name needs at least one letter"),
    ],
)
def test_a_broken_file_is_refused_with_the_reason(content: bytes, words: str) -> None:
    assert words in refusal(content)


def test_semicolons_a_byte_order_mark_reordered_columns_and_blank_lines_are_understood() -> None:
    rows = "\n".join(
        line.replace(",", ";") for line in csv_of({"id": "1"}, {"id": "2"}).decode().split("\n")
    )
    release = put(b"\xef\xbb\xbf" + rows.encode() + b"\r\n\r\n")
    assert release.rows == 2


def test_lists_within_a_field_are_separated_by_bars() -> None:
    put(csv_of({"id": "1", "aliases": "Pelangi | Si Pelangi", "website": "pelangi.example"}))
    entity = Entity.objects.get()
    assert {n.name for n in entity.names.all()} == {"PT Nama 1", "Pelangi", "Si Pelangi"}
    assert entity.identifiers.get().value == "pelangi.example"
