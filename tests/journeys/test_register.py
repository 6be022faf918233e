"""The register's screens in a real browser: both themes, wide and 360 px, no axe findings."""

from __future__ import annotations

import io
from datetime import timedelta
from pathlib import Path

import pytest
from django.utils import timezone
from playwright.sync_api import Locator, Page, expect

from resmi.agency.models import User
from resmi.registry import correcting, reporting, services
from resmi.registry.importing import comparing, staging
from resmi.registry.models import Lookup, Release, Staged
from tests.desk import scenes
from tests.journeys.conftest import PageFor, cut_off_tables, violations
from tests.registry import making

pytestmark = pytest.mark.browser
SOURCE = "Register of the Financial Authority"
ROWS = [
    {
        "id": f"L-{number:03}",
        "name": f"PT Pelangi Samudra {word}",
        "licence_no": f"KEP-{number}/2021",
        "licence_date": "2021-03-01",
        "scope": "Lending between people by means of information technology",
        "website": f"https://www.pelangi{number}.example",
        "brands": f"Si{word}",
        "legal_form": "PT",
    }
    for number, word in enumerate(("Nusantara", "Abadi", "Jaya", "Makmur", "Sentosa") * 6, 1)
]


def _stage(rows: list[dict[str, str]], source: str = SOURCE) -> Staged:
    file = io.BytesIO(making.csv_of(*rows))
    staged = staging.stage(
        actor=None,
        file=file,
        filename="licensed.csv",
        source=source,
        authority="Financial Authority",
        as_of=timezone.localdate(),
        keep=False,
    )
    return comparing.read(staged.pk, file=file)


@pytest.fixture
def rina(database_url: str) -> User:
    """A supervisor over a register with a past."""
    rina = scenes.supervisor()
    for rows in (ROWS, [{**ROWS[0], "scope": "Lending"}, *ROWS[1:]]):
        services.import_csv(
            actor=rina,
            file=io.BytesIO(making.csv_of(*rows)),
            source=SOURCE,
            authority="Financial Authority",
            as_of=timezone.localdate() - timedelta(days=3),
        )
    correcting.correct(
        actor=rina, entity="L-001", field="alias", value="Biru Laut", reason="Its sign says so"
    )
    (verdict,) = services.current_index().verify("Jingga Kilat Jaya", whole=True)
    reporting.report(
        actor=rina,
        query=verdict.query,
        verdict={"status": "unknown", "query": verdict.query, "source": SOURCE,
                 "as_of": "2026-01-01", "version": 1},
        comment="It has been licensed since May.",
    )  # fmt: skip
    for days, people in ((0, 14), (8, 2)):
        Lookup.objects.create(
            day=timezone.localdate() - timedelta(days=days),
            key="jinggakilat",
            name="Jingga Kilat",
            status="similar",
            asked=people,
            people=people,
        )
    return rina


def _check(page: Page, address: str, width: int) -> None:
    page.goto(address)
    assert violations(page) == [], address
    assert page.evaluate("document.documentElement.scrollWidth") <= width, address
    assert cut_off_tables(page) == [], address


@pytest.mark.parametrize(("theme", "width"), [("light", 1280), ("dark", 360)])
def test_the_registers_screens_are_accessible(
    page_for: PageFor, rina: User, theme: str, width: int
) -> None:
    release = Release.objects.latest("version")
    braked = _stage([*ROWS[:20], {**ROWS[20], "status": "revoked"}])
    refused = _stage([{"id": "1", "status": "fine"}, {"id": "1"}], "Another list")
    page = page_for(rina, theme=theme, width=width)
    for address in (
        "/register/",
        "/register/?q=pelangi",
        "/register/?q=nothing+like+it",
        "/register/entity/?id=L-001",
        "/register/lists/",
        f"/register/lists/{release.register_id}/",
        "/register/import/",
        f"/register/import/{braked.pk}/",
        f"/register/import/{braked.pk}/?change=changed",
        f"/register/import/{refused.pk}/",
        "/register/look-ups/",
        "/register/answers/",
        f"/register/answers/{reporting.FalseAnswer.objects.get().pk}/",
    ):
        _check(page, address, width)


def test_a_list_goes_in_by_keyboard_and_comes_out_again(
    page_for: PageFor, rina: User, tmp_path: Path
) -> None:
    file = tmp_path / "warnings.csv"
    file.write_text("Nama Entitas;Situs\nJingga Kilat;jingga.example\n", encoding="utf-8")
    page = page_for(rina)
    page.goto("/register/lists/")
    page.keyboard.press("i")
    page.get_by_label("File").set_input_files(file)
    page.get_by_label("Name of the list").fill("Warning list")
    page.get_by_label("Who keeps it").fill("Financial Authority")
    page.get_by_role("button", name="Hand over").press("Enter")
    page.get_by_label("Standing on this list means").select_option("illegal")
    page.get_by_role("button", name="Read and compare").press("Enter")
    expect(page.get_by_text("Jingga Kilat")).to_be_visible()
    page.get_by_role("button", name="Put in force").press("Enter")
    page.get_by_role("link", name="To the list").click()
    page.get_by_label("Why").fill("Only a trial")
    page.get_by_role("button", name="Undo the import").press("Enter")
    expect(page.get_by_text("Only a trial")).to_be_visible()
    assert Release.objects.latest("version").rows == 0


def test_a_foreign_list_is_mapped_compared_confirmed_answered_from_and_undone(
    page_for: PageFor, rina: User, tmp_path: Path
) -> None:
    """The whole way of a list: what citizens are told changes only by confirming."""
    file = tmp_path / "holders.csv"
    header = "Daftar Berizin;;\n\nKode;Nama Resmi;Nomor Izin\n"
    kept = "".join(f"{row['id']};{row['name']};{row['licence_no']}\n" for row in ROWS[:20])
    file.write_text(header + kept + "L-900;PT Laut Jingga Terang;KEP-900/2026\n", encoding="utf-8")
    page = page_for(rina)

    def told(name: str) -> Locator:
        page.goto(f"/register/?q={name}")
        return page.locator(".told")

    expect(told("Laut Jingga Terang")).to_contain_text("Not in the register")
    page.goto(f"/register/import/?list={Release.objects.latest('version').register_id}")
    page.get_by_label("File").set_input_files(file)
    page.get_by_role("button", name="Hand over").click()
    page.get_by_label("Nama Resmi").select_option("name")
    page.get_by_label("Standing on this list means").select_option("licensed")
    page.get_by_role("button", name="Read and compare").click()
    expect(page.get_by_text("10 of 30 entities (33 %) would vanish.")).to_be_visible()
    page.get_by_role("link", name="Added").click()
    expect(page.get_by_role("row", name="PT Laut Jingga Terang")).to_contain_text("KEP-900/2026")
    waiting = page.url
    expect(told("Laut Jingga Terang")).to_contain_text("Not in the register")

    page.goto(waiting)
    page.get_by_label("Why this is right").fill("They gave their licences back")
    page.get_by_role("button", name="Put in force").click()
    expect(page.get_by_text("1 added, 20 changed, 10 vanished")).to_be_visible()
    page.wait_for_timeout(1100)  # processes ask for a new version once a second
    expect(told("Laut Jingga Terang")).to_contain_text("KEP-900/2026")

    page.goto(waiting)
    page.get_by_role("link", name="To the list").click()
    page.get_by_label("Why").fill("Wrong file")
    page.get_by_role("button", name="Undo the import").click()
    expect(page.get_by_text("Wrong file")).to_be_visible()
    page.wait_for_timeout(1100)
    expect(told("Laut Jingga Terang")).to_contain_text("Not in the register")
