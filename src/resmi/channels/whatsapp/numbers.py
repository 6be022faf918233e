"""Which of our channels an incoming item belongs to."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterable, Mapping

import msgspec
import psycopg_pool
from django.db import connection

from resmi.channels import intake
from resmi.channels.models import Channel, InboundStatus
from resmi.channels.whatsapp import people, splitting

FRESH_S = 30.0
# The account named by the "Test" button of Meta's dashboard, whose number is nobody's.
SAMPLE_ACCOUNT = "0"

_SELECT = """
SELECT id, address, account, portfolio FROM channels_channel WHERE kind = %s ORDER BY id
"""


class Number(msgspec.Struct, frozen=True):
    """One WhatsApp number of ours: its channel's id, phone number id, WABA id and portfolio."""

    channel: int
    address: str
    account: str
    portfolio: str


class Numbers(msgspec.Struct, frozen=True):
    """All numbers of ours, as of `read_at` (monotonic seconds)."""

    all: tuple[Number, ...] = ()
    read_at: float = float("-inf")

    def by_address(self, address: str) -> Number | None:
        """The number with this phone number id."""
        return next((number for number in self.all if number.address == address), None)

    def by_account(self, account: str) -> Number | None:
        """The first number of this WABA."""
        return next((number for number in self.all if number.account == account), None)

    def of(self, row: splitting.Row) -> Number | None:
        """Whose item this is. One that names no number is taken by a WABA's only one."""
        if row.number:
            return self.by_address(row.number)
        same = [number for number in self.all if number.account == row.account]
        return same[0] if same and (row.kind == "account" or len(same) == 1) else None

    def may_add(self, row: splitting.Row) -> bool:
        """Whether an unknown number is surely ours: of a WABA of ours, or the first ever seen."""
        if not row.number or row.account == SAMPLE_ACCOUNT:
            return False
        return not self.all or self.by_account(row.account) is not None

    def place(self, row: splitting.Row) -> intake.NewInbound:
        """The row as it is stored. Items for numbers not ours are parked, to be seen by people."""
        number = self.of(row)
        status, error = _standing(row, number)
        return intake.NewInbound(
            channel=number.channel if number else None,
            kind=row.kind,
            subkind=row.subkind,
            key=row.key,
            contact_key=_contact_key(row, number),
            occurred_at=row.occurred_at,
            raw=row.raw,
            envelope=row.envelope,
            status=status.value,
            error=error,
            report=row.report,
        )


def _standing(row: splitting.Row, number: Number | None) -> tuple[InboundStatus, str]:
    if row.kind == "unparsed":
        return InboundStatus.UNPARSED, row.error
    if number is None and row.number:
        return InboundStatus.PARKED, f"phone number id {row.number} is no channel of ours"
    if number is None and row.kind != "account":
        return InboundStatus.PARKED, "no phone number id and no channel of that account"
    return InboundStatus.NEW, ""


def _contact_key(row: splitting.Row, number: Number | None) -> str:
    if row.person is None:
        return ""
    scope = number.portfolio if number else ""
    return msgspec.structs.replace(row.person, scope=scope).key()


class Directory:
    """The numbers in the database, read again when they are old or an unknown one is named."""

    def __init__(self) -> None:
        self._numbers = Numbers()

    async def numbers_for(
        self, pool: psycopg_pool.AsyncConnectionPool, rows: Iterable[splitting.Row]
    ) -> Numbers:
        """The numbers with which these rows can be placed; adds channels we may add."""
        named: Mapping[str, splitting.Row] = {row.number: row for row in rows if row.number}
        is_old = time.monotonic() - self._numbers.read_at > FRESH_S
        if is_old or any(self._numbers.by_address(name) is None for name in named):
            self._numbers = await intake.retried(pool, lambda: _read(pool))
        missing = [row for row in named.values() if self._numbers.by_address(row.number) is None]
        if added := [row for row in missing if self._numbers.may_add(row)]:
            await asyncio.to_thread(_add, added)
            self._numbers = await _read(pool)
        return self._numbers

    def forget(self) -> None:
        """Reads the numbers anew next time."""
        self._numbers = Numbers()


async def _read(pool: psycopg_pool.AsyncConnectionPool) -> Numbers:
    read_at = time.monotonic()
    async with pool.connection() as reader:
        cursor = await reader.execute(_SELECT, [people.KIND])
        return Numbers(tuple(Number(*row) for row in await cursor.fetchall()), read_at)


def _add(rows: Iterable[splitting.Row]) -> None:
    try:
        for row in rows:
            Channel.objects.get_or_create(
                kind=people.KIND,
                address=row.number[:100],
                defaults={
                    "name": (row.display or row.number)[:100],
                    "account": row.account[:100],
                    "display_address": row.display[:100],
                },
            )
    finally:
        connection.close()
