"""An index is of one version, whatever another process puts in force while it is read."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from resmi.registry import queries, services
from tests import processes
from tests.registry.making import csv_of

OLD = csv_of({"id": "1", "name": "Pelangi Samudra", "aliases": "Biru Laut"}, {"id": "2"})
NEW = csv_of(
    {"id": "1", "name": "Pelangi Samudra", "status": "revoked", "aliases": "Jingga Kilat"},
    {"id": "2"},
)


@pytest.fixture
def put(database_url: str, tmp_path: Path, settings: Any) -> Callable[[bytes], None]:
    """Puts a list in force in another process, as the command does."""
    settings.HOME = tmp_path / "home"
    services._cache.index = None
    services.forget_index()

    def do(content: bytes) -> None:
        file = tmp_path / "list.csv"
        file.write_bytes(content)
        words = ["registry", "import", str(file), "--source", "L", "--authority", "A"]
        words += ["--as-of", "2026-01-31", "--reason", "They said so"]
        env = processes.environment(database_url, RESMI_HOME=str(tmp_path / "home"))
        subprocess.run([processes.BIN / "resmi", *words], env=env, check=True, capture_output=True)

    return do


@pytest.mark.parametrize("between", ["_rows", "_corrections", "_entries"])
def test_an_import_between_two_reads_does_not_mix_versions(
    put: Callable[[bytes], None], monkeypatch: pytest.MonkeyPatch, between: str
) -> None:
    put(OLD)
    read, pending = getattr(queries, between), [NEW]

    def interrupted(*given: Any) -> Any:
        if pending:
            put(pending.pop())
        return read(*given)

    monkeypatch.setattr(queries, between, interrupted)
    index = services.current_index()
    assert index.version == 2
    for name in ("Pelangi Samudra", "Jingga Kilat"):
        (verdict,) = index.verify(name, whole=True)
        assert (verdict.status, verdict.version, verdict.entity) == ("revoked", 2, "1"), name
    assert index.verify("Biru Laut", whole=True)[0].status == "unknown"
    assert services._cache.stamp == queries.stamp()


def test_releases_that_come_too_fast_wait_for_the_index(
    put: Callable[[bytes], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    put(OLD)
    turns = [NEW, OLD, NEW]
    read = queries._corrections

    def interrupted() -> Any:
        if turns:
            put(turns.pop(0))
        return read()

    monkeypatch.setattr(queries, "_corrections", interrupted)
    picture = queries.picture()
    assert (picture.version, picture.edition) == queries.stamp()
    assert picture.version == 4
    assert [entry.status for entry in picture.entries] == ["licensed", "revoked"]
