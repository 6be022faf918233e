import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime

import psycopg
import pytest

from resmi.channels import batching, intake

NOW = datetime(2026, 11, 1, tzinfo=UTC)


def row(key: str) -> intake.NewInbound:
    return intake.NewInbound(
        channel=None,
        kind="message",
        subkind="",
        key=key,
        contact_key="",
        occurred_at=NOW,
        raw=b"",
        envelope=b"",
    )


class Database:
    """Remembers the batches it was asked to store; refuses those that hold a bad key."""

    def __init__(self, bad: dict[str, Exception] | None = None) -> None:
        self.bad = bad or {}
        self.batches: list[list[str]] = []

    async def store(self, rows: Sequence[intake.NewInbound]) -> frozenset[str]:
        await asyncio.sleep(0.001)
        keys = [row.key for row in rows]
        self.batches.append(keys)
        for key in keys:
            if key in self.bad:
                raise self.bad[key]
        return frozenset(keys)


def put_all(database: Database, *keys: str) -> list[int | BaseException]:
    async def run() -> list[int | BaseException]:
        batcher = batching.Batcher(database.store)
        return await asyncio.gather(
            *(batcher.put([row(key)]) for key in keys), return_exceptions=True
        )

    return asyncio.run(run())


def test_what_comes_during_a_transaction_goes_into_the_next_together() -> None:
    database = Database()
    assert put_all(database, *"abcdefgh") == [1] * 8
    assert sum(len(batch) for batch in database.batches) == 8
    assert len(database.batches) <= 2


def test_one_callers_bad_rows_do_not_fail_the_others() -> None:
    error = psycopg.DataError("bad")
    assert put_all(Database({"b": error}), "a", "b", "c") == [1, error, 1]


def test_a_database_that_is_away_fails_all_at_once() -> None:
    error = psycopg.OperationalError("away")
    database = Database({"a": error})
    assert put_all(database, "a", "b", "c") == [error] * 3
    assert len(database.batches) == 1


def test_batches_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(batching, "MOST_ROWS", 3)
    database = Database()
    assert put_all(database, *"abcdefgh") == [1] * 8
    assert max(len(batch) for batch in database.batches) == 3


def test_more_rows_than_a_batch_holds_still_go_together(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(batching, "MOST_ROWS", 2)
    database = Database()

    async def run() -> int:
        return await batching.Batcher(database.store).put([row(key) for key in "abcde"])

    assert asyncio.run(run()) == 5
    assert database.batches == [list("abcde")]


def test_a_caller_who_left_does_not_disturb_the_others() -> None:
    database = Database()

    async def run() -> int:
        batcher = batching.Batcher(database.store)
        leaving = asyncio.create_task(batcher.put([row("a")]))
        staying = asyncio.create_task(batcher.put([row("b")]))
        await asyncio.sleep(0)
        leaving.cancel()
        return await staying

    assert asyncio.run(run()) == 1
    assert "a" in database.batches[0]
