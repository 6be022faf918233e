"""Writes what became of tries, many at once, and gives up on tries nobody finished."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import psycopg

from resmi.agency import arrays
from resmi.channels import intake, items, pacing, rules, settling
from resmi.channels.items import DeliveryFailed
from resmi.channels.settling import Claimed, Settlement

_LOCK = """
    SELECT id, status, claimed_until FROM channels_delivery WHERE id = ANY(%s)
    ORDER BY id FOR UPDATE
"""
# Nearly all results: the channel took it. Nothing is locked that is not written.
_ACCEPT = """
    WITH n AS (
        SELECT * FROM unnest(%s, %s, %s) AS n (id, claim, provider_id)
    ), held AS (
        SELECT d.id, n.provider_id, d.status IN ('sending', 'unknown') AS is_first
        FROM channels_delivery d JOIN n ON n.id = d.id AND n.claim = d.claimed_until
        WHERE d.status IN ('sending', 'unknown') OR d.provider_id IS NULL
        ORDER BY d.id FOR UPDATE OF d
    ), written AS (
        UPDATE channels_delivery d
        SET provider_id = coalesce(d.provider_id, held.provider_id),
            status = CASE WHEN is_first THEN 'accepted' ELSE d.status END,
            rank = CASE WHEN is_first THEN 10 ELSE d.rank END,
            gives_way = d.gives_way AND NOT is_first,
            error_code = CASE WHEN is_first THEN '' ELSE d.error_code END,
            error = CASE WHEN is_first THEN '' ELSE d.error END,
            updated_at = CASE WHEN is_first THEN now() ELSE d.updated_at END
        FROM held WHERE d.id = held.id
    )
    SELECT id FROM held WHERE is_first
"""
_WRITE = """
    UPDATE channels_delivery d
    SET status = n.status, rank = n.rank, provider_id = coalesce(d.provider_id, n.provider_id),
        not_before = coalesce(n.not_before, d.not_before), gives_way = n.gives_way,
        error_code = n.code, error = n.error, updated_at = now()
    FROM unnest(%s::bigint[], %s::text[], %s::smallint[], %s::text[], %s::timestamptz[],
        %s::boolean[], %s::text[], %s::text[])
        AS n (id, status, rank, provider_id, not_before, gives_way, code, error)
    WHERE d.id = n.id
"""
_REMOVE = "DELETE FROM channels_delivery WHERE id = ANY(%s)"
_SHUT = """
    UPDATE channels_pace p SET full_at = greatest(p.full_at, n.full_at)
    FROM unnest(%s::text[], %s::timestamptz[]) AS n (key, full_at) WHERE p.key = n.key
"""
_GIVE_UP = """
    WITH lost AS (
        SELECT id FROM channels_delivery
        WHERE pending = 1 AND status = 'sending' AND claimed_until < now()
        ORDER BY id FOR UPDATE SKIP LOCKED
    ), removed AS (
        DELETE FROM channels_delivery d USING lost WHERE d.id = lost.id AND d.purpose <> 'message'
    )
    UPDATE channels_delivery d SET status = 'unknown', rank = %s, error = %s, updated_at = now()
    FROM lost WHERE d.id = lost.id AND d.purpose = 'message'
    RETURNING d.conversation
"""
_FORGET = (
    "DELETE FROM channels_pace WHERE full_at < now() - interval '1 hour' AND key !~ '^channel:'"
)

Result = tuple[Claimed, Settlement]


async def write(connection: psycopg.AsyncConnection, results: Sequence[Result]) -> list[Result]:
    """Writes results in at most two transactions; those that took effect.

    A status the channel reported meanwhile stands, as does what a person decided. A try that was
    given up on before it ended begins no other one.
    """
    accepted = [result for result in results if result[1].status == "accepted"]
    others = [result for result in results if result[1].status != "accepted"]
    effective = await _accept(connection, accepted) if accepted else []
    return effective + (await _write_others(connection, others) if others else [])


async def _accept(connection: psycopg.AsyncConnection, results: Sequence[Result]) -> list[Result]:
    cursor = await connection.execute(
        _ACCEPT,
        [
            arrays.bigints([claimed.id for claimed, _ in results]),
            arrays.moments([claimed.claim for claimed, _ in results]),
            arrays.texts([settlement.provider_id or None for _, settlement in results]),
        ],
        prepare=True,
    )
    first = {key for (key,) in await cursor.fetchall()}
    return [result for result in results if result[0].id in first]


async def _write_others(
    connection: psycopg.AsyncConnection, results: Sequence[Result]
) -> list[Result]:
    async with connection.transaction():
        cursor = await connection.execute(_LOCK, [[claimed.id for claimed, _ in results]])
        now_is = {key: (status, claim) for key, status, claim in await cursor.fetchall()}
        effective: list[Result] = []
        for claimed, settlement in results:
            settled = _effective(claimed, settlement, *now_is.get(claimed.id, ("", None)))
            if settled is not None:
                effective.append((claimed, settled))
        await _write_rows(connection, effective)
        await _shut(connection, effective)
        failed = [_failure(*result) for result in effective if result[1].status == "failed"]
        await intake.store_with(connection, [row for row in failed if row is not None])
    return effective


def _effective(
    claimed: Claimed, settlement: Settlement, status: str, claim: datetime | None
) -> Settlement | None:
    """The settlement that fits what the row has become since the claim; None if none does."""
    if claim != claimed.claim:
        return None
    if status == "sending":
        return settlement
    late = settling.settle_late(settlement)
    is_progress = rules.RANK.get(late.status, -1) > rules.RANK.get(status, 99)
    return late if status == "unknown" and is_progress else None


async def _write_rows(connection: psycopg.AsyncConnection, results: Sequence[Result]) -> None:
    removed = [claimed.id for claimed, settlement in results if not settlement.status]
    if removed:
        await connection.execute(_REMOVE, [removed])
    rows = [
        (
            claimed.id,
            settlement.status,
            rules.RANK[settlement.status],
            settlement.provider_id or None,
            settlement.not_before,
            settlement.gives_way,
            settlement.code[:20],
            settlement.error,
        )
        for claimed, settlement in results
        if settlement.status
    ]
    if rows:
        await connection.execute(_WRITE, [list(column) for column in zip(*rows, strict=True)])


async def _shut(connection: psycopg.AsyncConnection, results: Sequence[Result]) -> None:
    """Holds lanes and channels back that the channel asked to slow down."""
    shut: dict[str, datetime] = {}
    for claimed, settlement in results:
        if until := settlement.shut_lane_until:
            shut[claimed.lane] = pacing.moment(rules.PAIR.shut_until(pacing.micros(until)))
        if until := settlement.shut_channel_until:
            key = f"channel:{claimed.channel}"
            shut[key] = max(until, shut.get(key, until))
    if shut:
        await connection.execute(_SHUT, [list(shut), list(shut.values())])


def _failure(claimed: Claimed, settlement: Settlement) -> intake.NewInbound | None:
    """The item that tells the conversation; each try of a ref has its own."""
    if claimed.conversation is None:
        return None
    item = DeliveryFailed(
        conversation=claimed.conversation,
        ref=claimed.job.ref,
        code=settlement.code,
        reason=settlement.error,
    )
    return intake.NewInbound(
        channel=claimed.channel,
        kind="result",
        subkind="delivery_failed",
        key=f"failed:{claimed.job.ref}:{pacing.micros(claimed.claim)}",
        contact_key=claimed.job.recipient.key(),
        occurred_at=claimed.claim,
        raw=items.encode(item),
        envelope=b"",
    )


async def give_up(connection: psycopg.AsyncConnection) -> list[int]:
    """Marks tries whose lease ran out as unknown; the conversations concerned."""
    cursor = await connection.execute(_GIVE_UP, [rules.RANK["unknown"], settling.IN_DOUBT])
    return sorted({row[0] for row in await cursor.fetchall() if row[0] is not None})


async def forget_old_paces(connection: psycopg.AsyncConnection) -> None:
    """Removes the pace of citizens who used none of their limit for an hour."""
    await connection.execute(_FORGET)
