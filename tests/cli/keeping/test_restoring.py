"""What is left when what was restored can't take the place of what was there."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from psycopg import sql

from resmi.cli.keeping import postgres, restoring
from resmi.cli.keeping.contents import Places
from resmi.cli.trouble import Trouble


def test_keys_that_can_not_be_put_in_place_are_kept_and_it_is_said_where(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no folder")
    folder = tmp_path / "restore-1"
    (folder / "keys").mkdir(parents=True)
    (folder / "keys/receipt-keys.json").write_text("{}")
    (folder / "media").mkdir()
    places = Places(tmp_path, {"receipt-keys.json": tmp_path / "file/receipt-keys.json"})
    with pytest.raises(Trouble, match=f"Those left are in {folder}"):
        restoring._take_files(folder, places, "1", lambda _words: None)
    assert (tmp_path / "media").is_dir()
    assert (folder / "keys/receipt-keys.json").read_text() == "{}"


@pytest.fixture
def pair(postgres_url: str) -> Iterator[tuple[str, str]]:
    """The URLs of a database in use and of one that was restored beside it."""
    with postgres.throw_away(postgres_url, "swap") as ours:
        with postgres.throw_away(postgres_url, "swap") as new:
            yield ours, new
        postgres.drop(postgres_url, postgres.beside(postgres_url, "resmi_before_1"))


def databases(url: str) -> set[str]:
    with psycopg.connect(url) as link:
        return {name for (name,) in link.execute("SELECT datname FROM pg_database")}


def test_a_restored_database_in_use_does_not_take_the_place(pair: tuple[str, str]) -> None:
    ours, new = pair
    with (
        psycopg.connect(new),
        pytest.raises(Trouble, match=r"accessed by other users\. Nothing has changed"),
    ):
        restoring._swap_database(ours, new, "1")
    assert {postgres.name_of(ours), postgres.name_of(new)} <= databases(ours)
    assert "resmi_before_1" not in databases(ours)


def test_it_is_said_where_the_database_is_when_it_can_not_be_named_back(
    pair: tuple[str, str], postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    ours, new = pair
    rename = restoring._rename

    def and_somebody_takes_the_name(link: psycopg.Connection, old: str, to: str) -> None:
        rename(link, old, to)
        link.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(old)))

    monkeypatch.setattr(restoring, "_rename", and_somebody_takes_the_name)
    with pytest.raises(Trouble, match="is named resmi_before_1 now") as caught:
        restoring._swap_database(ours, new, "1")
    assert "Nothing has changed" not in str(caught.value)
    assert "resmi_before_1" in databases(postgres_url)
