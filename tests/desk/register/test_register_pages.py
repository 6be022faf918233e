"""The register's screens, asked by a client."""

from __future__ import annotations

import io
from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone
from django.utils.translation import override

from resmi.agency.models import AuditEntry
from resmi.desk.register import counting
from resmi.desk.templatetags import register_tags
from resmi.registry import services
from resmi.registry.models import Correction, FalseAnswer, Lookup, Register, Release, Staged
from tests.desk import scenes
from tests.registry import making

pytestmark = pytest.mark.django_db
SOURCE = "Register of the Authority"


@pytest.fixture(autouse=True)
def _office() -> None:
    scenes.office()
    services._cache.index = None


@pytest.fixture
def rina() -> Client:
    return scenes.signed_in(scenes.supervisor())


@pytest.fixture
def sari() -> Client:
    return scenes.signed_in(scenes.agent())


def put(*rows: dict[str, str], source: str = SOURCE) -> Release:
    services.forget_index()
    return services.import_csv(
        actor=None,
        file=io.BytesIO(making.csv_of(*rows)),
        source=source,
        authority="The Authority",
        as_of=timezone.localdate(),
    )


def text(client: Client, address: str, **given: Any) -> str:
    answer = client.get(address, given)
    assert answer.status_code == 200, answer.status_code
    return answer.content.decode()


def hand_over(client: Client, content: bytes, name: str = "list.csv", **fields: str) -> Staged:
    given: Mapping[str, Any] = {
        "file": SimpleUploadedFile(name, content),
        "source": SOURCE,
        "authority": "The Authority",
        "as_of": str(timezone.localdate()),
        **fields,
    }
    client.post("/register/import/", given)
    return Staged.objects.latest("id")


KEEPING = ["/register/lists/", "/register/import/", "/register/look-ups/", "/register/answers/"]


@pytest.mark.parametrize("address", KEEPING)
def test_only_who_keeps_the_register_sees_how_it_is_kept(
    rina: Client, sari: Client, address: str
) -> None:
    assert rina.get(address).status_code == 200
    assert sari.get(address).status_code == 403


def test_agents_search_and_look_but_are_offered_no_correction(sari: Client) -> None:
    put({"id": "1", "name": "PT Pelangi Samudra"})
    assert "PT Pelangi Samudra" in text(sari, "/register/", q="pelangi")
    assert "Take out" not in text(sari, "/register/entity/", id="1")
    assert sari.post("/register/entity/correct/", {}).status_code == 403


def test_an_empty_register_says_what_to_do(rina: Client) -> None:
    assert "Import a list" in text(rina, "/register/")


@pytest.mark.parametrize(
    "asked",
    ["pelangi", "PELANGI sam", "samudra", "L-1", "l-1", "KEP-9", "pelangi.example", "SiPela"],
)
def test_an_entity_is_found_by_name_id_licence_website_and_brand(rina: Client, asked: str) -> None:
    put(
        {
            "id": "L-1",
            "name": "PT Pelangi Samudra",
            "licence_no": "KEP-9/2020",
            "website": "https://www.pelangi.example/id",
            "brands": "SiPelangi",
        },
        {"id": "L-2", "name": "PT Jingga"},
    )
    page = text(rina, "/register/", q=asked)
    assert "id=L-1" in page
    assert "id=L-2" not in page


@pytest.mark.parametrize("asked", ["'", "\\", "a & b | !", ":*", "%", "\0x", "🙂", "x" * 5000])
def test_nothing_typed_breaks_the_search(rina: Client, asked: str) -> None:
    put({"id": "1"})
    assert rina.get("/register/", {"q": asked}).status_code == 200


def test_the_search_says_what_a_citizen_would_be_told(rina: Client) -> None:
    put({"id": "1", "name": "PT Pelangi Samudra"})
    assert "Licensed: in the register" in text(rina, "/register/", q="Pelangi Samudra")


def test_a_search_takes_as_few_queries_however_much_it_finds(
    rina: Client, django_assert_max_num_queries: Any
) -> None:
    put(*({"id": str(n), "name": f"PT Pelangi {n}"} for n in range(60)))
    services.current_index()
    with django_assert_max_num_queries(8):
        page = text(rina, "/register/", q="pelangi")
    assert "1–25 of 60" in page


def test_an_entity_page_takes_as_few_queries_however_long_its_history(
    rina: Client, django_assert_max_num_queries: Any
) -> None:
    for n in range(6):
        put({"id": "1", "name": f"PT Pelangi {n}"})
    with django_assert_max_num_queries(16):
        page = text(rina, "/register/entity/", id="1")
    assert page.count("<ins") == 5


def test_an_entity_that_never_was_is_not_found(rina: Client) -> None:
    assert rina.get("/register/entity/", {"id": "nobody"}).status_code == 404


def test_an_added_alias_counts_at_once_and_outlives_the_next_import(rina: Client) -> None:
    put({"id": "1", "name": "PT Pelangi Samudra"})
    form = {"entity": "1", "field": "alias", "value": "Si Biru Laut", "reason": "Its sign says so"}
    rina.post("/register/entity/correct/", form)
    put({"id": "1", "name": "PT Pelangi Samudra", "scope": "Lending"})
    (verdict,) = services.current_index().verify("Si Biru Laut", whole=True)
    assert (verdict.status, verdict.entity) == ("licensed", "1")
    page = text(rina, "/register/entity/", id="1")
    assert "Its sign says so" in page


def test_a_name_taken_out_no_longer_counts_and_comes_back(rina: Client) -> None:
    put({"id": "1", "name": "PT Pelangi Samudra", "brands": "Biru Laut"})
    form = {"entity": "1", "field": "brand", "value": "Biru Laut", "reason": "x", "hides": "1"}
    rina.post("/register/entity/correct/", form)
    services.forget_index()
    (verdict,) = services.current_index().verify("Biru Laut", whole=True)
    assert verdict.entity == ""
    rina.post(f"/register/entity/undo/{Correction.objects.get().pk}/", {"entity": "1"})
    services.forget_index()
    assert services.current_index().verify("Biru Laut", whole=True)[0].entity == "1"
    assert AuditEntry.objects.filter(target="entity:1").count() == 2


def test_a_correction_without_a_reason_is_refused(rina: Client) -> None:
    put({"id": "1"})
    form = {"entity": "1", "field": "alias", "value": "Biru", "reason": " "}
    page = rina.post("/register/entity/correct/", form, follow=True).content.decode()
    assert "Say why" in page
    assert not Correction.objects.exists()


def test_a_file_is_compared_shown_and_then_confirmed(rina: Client) -> None:
    put(*({"id": str(n)} for n in range(30)))
    rows = [{"id": str(n)} for n in range(30)]
    rows[3]["status"] = "revoked"
    staged = hand_over(rina, making.csv_of(*rows, {"id": "new", "name": "PT Baru"}))
    page = text(rina, f"/register/import/{staged.pk}/", change="changed")
    assert "<del" in page
    assert "Licence revoked" in page
    assert "PT Baru" in text(rina, f"/register/import/{staged.pk}/", change="added")
    assert Release.objects.count() == 1
    rina.post(f"/register/import/{staged.pk}/confirm/", {})
    assert Release.objects.latest("version").added == 1


def test_the_brake_wants_a_reason(rina: Client) -> None:
    put(*({"id": str(n)} for n in range(30)))
    staged = hand_over(rina, making.csv_of({"id": "1"}))
    address = f"/register/import/{staged.pk}/"
    assert "29 of 30 entities (97 %) would vanish" in text(rina, address)
    assert "waits for you" in text(rina, "/floor/")
    page = rina.post(f"{address}confirm/", {}, follow=True).content.decode()
    assert "say why it is right" in page
    assert Release.objects.count() == 1
    rina.post(f"{address}confirm/", {"reason": "They merged"})
    assert Release.objects.latest("version").reason == "They merged"


def test_a_file_compared_with_an_older_list_is_compared_again(rina: Client) -> None:
    staged = hand_over(rina, making.csv_of({"id": "1"}))
    put({"id": "2"})
    address = f"/register/import/{staged.pk}/"
    page = rina.post(f"{address}confirm/", {}, follow=True).content.decode()
    assert "it has been compared again" in page
    assert "1 of 1 entities (100 %) would vanish" in page
    rina.post(f"{address}confirm/", {"reason": "It is right"})
    assert Release.objects.latest("version").vanished == 1


def test_a_dropped_file_changes_nothing(rina: Client) -> None:
    staged = hand_over(rina, making.csv_of({"id": "1"}))
    rina.post(f"/register/import/{staged.pk}/discard/", {})
    assert not Release.objects.exists()
    assert "was dropped" in text(rina, f"/register/import/{staged.pk}/")


def test_a_foreign_table_asks_for_its_columns_once(rina: Client) -> None:
    table = b"Nama Perusahaan,Nomor Izin,Foo\nPT Pelangi,KEP-1,x\n"
    staged = hand_over(rina, table)
    address = f"/register/import/{staged.pk}/"
    assert "Nama Perusahaan" in text(rina, address)
    columns = {
        "column": ["Nama Perusahaan", "Nomor Izin", "Foo"],
        "field": ["name", "licence_no", ""],
    }
    page = rina.post(f"{address}columns/", columns)
    assert page.status_code == 422
    assert "say what standing on this list means" in page.content.decode()
    rina.post(f"{address}columns/", columns | {"status": "licensed"})
    rina.post(f"{address}confirm/", {})
    assert Register.objects.get().mapping["Nama Perusahaan"] == "name"
    again = hand_over(rina, table.replace(b"KEP-1", b"KEP-2"))
    assert again.state == "ready"


def test_a_faulty_file_is_answered_with_rows_and_columns(rina: Client) -> None:
    staged = hand_over(rina, making.csv_of({"id": "1", "status": "fine"}))
    page = text(rina, f"/register/import/{staged.pk}/")
    assert "“fine” is not a status" in page
    assert "nothing was imported" in page


def test_an_empty_file_is_refused_where_it_was_handed_over(rina: Client) -> None:
    answer = rina.post(
        "/register/import/",
        {
            "file": SimpleUploadedFile("a.csv", b"\n"),
            "source": SOURCE,
            "authority": "A",
            "as_of": "2026-01-01",
        },
    )
    assert answer.status_code == 422
    assert "The file is empty" in answer.content.decode()


def test_an_undone_import_is_told_on_the_entity_page(rina: Client) -> None:
    put({"id": "1", "name": "PT Pelangi"})
    release = put({"id": "1", "name": "PT Salah"})
    address = f"/register/lists/{release.register_id}/"
    rina.post(f"{address}undo/", {"reason": "Wrong file"})
    assert "Wrong file" in text(rina, address)
    page = text(rina, "/register/entity/", id="1")
    assert '<h1 dir="auto">PT Pelangi</h1>' in page
    assert "by an undone import" in page


@pytest.mark.parametrize(
    "feed", ["http://example.org/list", "ftp://x", "file:///etc/passwd", "/etc"]
)
def test_a_feed_must_be_https_or_a_folder(rina: Client, feed: str) -> None:
    release = put({"id": "1"})
    address = f"/register/lists/{release.register_id}/feed/"
    answer = rina.post(address, {"feed": feed, "every_hours": "24", "stale_days": "35"})
    assert answer.status_code == 422
    assert Register.objects.get().feed == ""


def test_rising_names_are_ranked_and_an_alarm(rina: Client) -> None:
    today = timezone.localdate()
    for day, people in ((today, 12), (today - timedelta(days=8), 2)):
        Lookup.objects.create(
            day=day,
            key="jingga",
            name="Jingga Kilat",
            status="unknown",
            asked=people,
            people=people,
        )
    Lookup.objects.create(
        day=today, key="biru", name="Biru", status="licensed", asked=90, people=90
    )
    page = text(rina, "/register/look-ups/")
    assert "Jingga Kilat" in page
    assert "4.3×" in page
    assert "Biru" not in page
    assert "Jingga Kilat" in text(rina, "/floor/")


def test_look_ups_are_counted_from_the_answers_under_one_key(rina: Client) -> None:
    for name, said in (("Budi", "apakah Zamrudia Quintal berizin?"), ("Ani", "zamrudia QUINTAL")):
        conversation = scenes.with_bot(name)
        scenes.services.verify(
            actor=scenes.supervisor(f"S{name}"), conversation_id=conversation.pk, query=said
        )
    counting.count()
    counting.count()
    rows = Lookup.objects.filter(key__contains="zamrudia")
    assert [(row.people, row.status) for row in rows] == [(2, "unknown")]


def test_a_reported_answer_is_listed_replayed_and_decided(rina: Client, sari: Client) -> None:
    put({"id": "1", "name": "PT Pelangi Samudra"})
    conversation = scenes.with_bot()
    scenes.services.verify(
        actor=scenes.supervisor("Tini"), conversation_id=conversation.pk, query="Jingga Kilat Jaya"
    )
    conversation.refresh_from_db()
    form = {"conversation": conversation.pk, "seq": conversation.seq, "comment": "It is licensed"}
    for _ in range(2):
        sari.post("/register/answers/report/", form)
    made = FalseAnswer.objects.get()
    assert "It is licensed" in text(rina, "/register/answers/")
    put({"id": "1", "name": "PT Jingga Kilat Jaya"})
    page = text(rina, f"/register/answers/{made.pk}/")
    assert "another answer" in page
    rina.post(f"/register/answers/{made.pk}/", {"outcome": "fixed", "decision": "Imported"})
    made.refresh_from_db()
    assert (made.outcome, made.decision) == ("fixed", "Imported")
    assert "No report" in text(rina, "/register/answers/")


def test_only_a_line_that_is_an_answer_can_be_reported(sari: Client) -> None:
    conversation = scenes.with_bot()
    form = {"conversation": conversation.pk, "seq": 1}
    assert sari.post("/register/answers/report/", form).status_code == 404


def test_a_list_is_old_after_its_own_days(rina: Client) -> None:
    release = put({"id": "1"})
    Release.objects.filter(pk=release.pk).update(as_of=date.today() - timedelta(days=20))  # noqa: DTZ011
    assert "” is old" not in text(rina, "/floor/")
    Register.objects.update(stale_days=10)
    assert "” is old" in text(rina, "/floor/")


def test_days_are_written_in_the_readers_order_also_those_kept_as_text() -> None:
    with override("id"):
        assert register_tags.day("2026-11-19") == register_tags.day(date(2026, 11, 19))
        assert register_tags.day("2026-11-19").startswith("19 ")
        assert register_tags.day("unknown") == "unknown"
        assert register_tags.day("") == ""
