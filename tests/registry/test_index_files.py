from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from resmi.registry.index import Index
from resmi.registry.matching import storing
from resmi.registry.rules import Entry
from tests.registry.making import entry, index_of

ENTRIES = (
    entry("PT Bank Pelangi Samudra", licence="KEP-12/D.05/2021", names=(("brand", "PelangiPay"),)),
    entry("하늘무지개은행"),
    entry("Dana Jempol", status="illegal", identifiers=(("phone", "0812 3456 7890"),)),
    entry("PT Wira Usaha Gadai", status="revoked"),
)
TEXTS = (
    *("apakah Bank Pelangi Samudra resmi?", "pelngi samudra", "KEP-12/D.05/2021", "dana jmpol"),
    *("081234567890", "하늘무지개은행이 뭐예요", "PT Entah Siapa", "wira usaha", "halo"),
)

NAMES = st.text(st.characters(codec="utf-8"), max_size=20)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "7.idx"
    index_of(*ENTRIES).save(path)
    return path


def test_an_index_opened_from_its_file_answers_the_same(file: Path) -> None:
    built, opened = index_of(*ENTRIES), Index.open(file)
    assert [opened.verify(text) for text in TEXTS] == [built.verify(text) for text in TEXTS]
    assert list(opened.entries) == list(ENTRIES)
    assert (opened.version, opened.source, opened.as_of) == (7, "Test register", "2026-01-31")


def test_an_index_remembers_its_edition_and_country(tmp_path: Path) -> None:
    Index([], version=3, edition="abc", country="82").save(tmp_path / "x")
    opened = Index.open(tmp_path / "x")
    assert (opened.version, opened.edition) == (3, "abc")
    assert opened.verify("PT Entah Siapa")[0].status == "unknown"


@settings(deadline=None)  # files are synced to the disk
@given(st.lists(st.builds(Entry, id=NAMES, name=NAMES, status=st.just("licensed"))))
def test_any_register_is_stored_and_opened(
    tmp_path_factory: pytest.TempPathFactory, entries: list[Entry]
) -> None:
    path = tmp_path_factory.mktemp("idx") / "1.idx"
    Index(entries).save(path)
    assert list(Index.open(path).entries) == entries


@pytest.mark.parametrize("share", [0.0, 0.001, 0.5, 0.99])
def test_a_truncated_file_is_refused(file: Path, share: float) -> None:
    whole = file.read_bytes()
    file.write_bytes(whole[: int(len(whole) * share)])
    with pytest.raises(storing.Unusable):
        Index.open(file)


@settings(deadline=None)
@given(at=st.integers(0, 10**6), bit=st.integers(0, 7))
def test_a_file_with_any_bit_changed_is_refused(
    tmp_path_factory: pytest.TempPathFactory, at: int, bit: int
) -> None:
    path = tmp_path_factory.mktemp("idx") / "7.idx"
    index_of(*ENTRIES).save(path)
    content = bytearray(path.read_bytes())
    content[at % len(content)] ^= 1 << bit
    path.write_bytes(content)
    with pytest.raises(storing.Unusable):
        Index.open(path)


def test_a_foreign_file_is_refused(file: Path) -> None:
    file.write_bytes(b"SQLite format 3\0" + bytes(4096))
    with pytest.raises(storing.Unusable, match="no index of format"):
        Index.open(file)


def test_a_file_made_by_other_rules_is_refused(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(storing, "rules", lambda: "other")
    with pytest.raises(storing.Unusable, match="another version of the program"):
        Index.open(file)


def test_an_open_index_goes_on_when_its_file_is_replaced_and_removed(file: Path) -> None:
    opened = Index.open(file)
    before = [opened.verify(text) for text in TEXTS]
    index_of(entry("PT Lain Sekali")).save(file)
    assert Index.open(file).verify("PT Lain Sekali")[0].status == "licensed"
    file.unlink()
    assert [opened.verify(text) for text in TEXTS] == before


def test_a_folder_that_is_missing_is_an_os_error_and_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        index_of(*ENTRIES).save(tmp_path / "none" / "7.idx")
    assert list(tmp_path.iterdir()) == []
