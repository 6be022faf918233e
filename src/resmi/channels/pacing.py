"""Claims what may leave now: the oldest of each lane, within the limits of number and pair.

The limits are kept in the database (`models.Pace`), so that any number of senders together stay
below them, and a restarted one does not begin anew.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import psycopg

from resmi.channels import rules
from resmi.channels.outcomes import Job
from resmi.channels.settling import Claimed
from resmi.engine.address import Address
from resmi.engine.content import Outbound, Text, decode_outbound

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)

_OPEN_ACCOUNTS = """
    INSERT INTO channels_pace (key, full_at)
    SELECT 'channel:' || c.id, now() FROM channels_channel c
    WHERE NOT EXISTS (SELECT 1 FROM channels_pace p WHERE p.key = 'channel:' || c.id)
    ON CONFLICT (key) DO NOTHING
"""
_CHANNELS = """
    SELECT c.id, c.kind, c.address, c.messages_per_second, p.full_at, clock_timestamp()
    FROM channels_channel c JOIN channels_pace p ON p.key = 'channel:' || c.id
    WHERE c.paused_at IS NULL AND c.kind = ANY(%s) AND EXISTS (
        SELECT 1 FROM channels_delivery d
        WHERE d.channel_id = c.id AND d.pending = 1 AND d.status = 'queued'
            AND d.not_before <= now())
    ORDER BY p.key
"""
# OFFSET 0 keeps the look at a delivery's lane a look at that lane. Made a join, it reads all that
# waits for each delivery wherever the tables were last counted while nothing did.
# One sender at a time claims on a channel: whoever finds the pace moved, or the channel paused,
# since it was read gets no row here, claims nothing and looks again. What this statement sees of
# the deliveries may be older than the lock, which only ever holds a lane back.
_CLAIM = """
    WITH pace AS MATERIALIZED (
        SELECT p.key FROM channels_pace p
        WHERE p.key = %(pace)s AND p.full_at = %(full_at)s FOR UPDATE
    ), ready AS (
        SELECT d.id, m.upload_id
        FROM channels_delivery d
        LEFT JOIN channels_pace p ON p.key = d.lane
        LEFT JOIN channels_mediafile m ON m.id = d.media AND m.channel_id = d.channel_id
        WHERE d.channel_id = %(channel)s AND d.pending = 1 AND d.status = 'queued'
            AND d.not_before <= %(now)s
            AND (SELECT count(*) FROM pace) = 1
            AND EXISTS (
                SELECT 1 FROM channels_channel c
                WHERE c.id = %(channel)s AND c.paused_at IS NULL)
            AND (d.purpose <> 'message' OR p.full_at IS NULL OR p.full_at <= %(pair_latest)s)
            AND (d.media IS NULL OR m.upload_expires_at > %(now)s)
            AND NOT EXISTS (
                SELECT 1 FROM channels_delivery e
                WHERE e.lane = d.lane AND e.id < d.id
                    AND e.pending > 0
                    AND (e.status = 'sending'
                        OR (e.status = 'queued' AND NOT (e.gives_way AND e.not_before > %(now)s))
                        OR (e.status = 'unknown' AND e.updated_at > %(doubted_since)s))
                OFFSET 0)
        ORDER BY d.not_before, d.id LIMIT %(limit)s FOR UPDATE OF d SKIP LOCKED
    ), claimed AS (
        UPDATE channels_delivery d
        SET status = 'sending', rank = 5, attempts = d.attempts + 1, claimed_until = %(until)s,
            updated_at = %(now)s
        FROM ready WHERE d.id = ready.id
        RETURNING d.*, ready.upload_id
    ), paced AS (
        INSERT INTO channels_pace AS p (key, full_at)
        SELECT lane, %(now)s + %(pair_interval)s FROM claimed WHERE purpose = 'message'
        ON CONFLICT (key)
        DO UPDATE SET full_at = greatest(p.full_at, %(now)s) + %(pair_interval)s
    ), spent AS (
        UPDATE channels_pace SET full_at = greatest(full_at, %(now)s) + taken.count * %(interval)s
        FROM (SELECT count(*) FROM claimed) AS taken
        WHERE key = %(pace)s AND taken.count > 0
    )
    SELECT held.count, id, ref, recipient::text, purpose, content, reply_to, upload_id,
        conversation, lane, attempts, claimed_until, created_at, window_closes_at
    FROM (SELECT count(*) FROM pace) AS held LEFT JOIN claimed ON true ORDER BY id
"""
_CLAIMED = """
    SELECT d.id, ref, recipient::text, purpose, content, reply_to, m.upload_id,
        d.conversation, lane, d.attempts, claimed_until, d.created_at, window_closes_at
    FROM channels_delivery d
    LEFT JOIN channels_mediafile m ON m.id = d.media AND m.channel_id = d.channel_id
    WHERE d.channel_id = %s AND d.pending = 1 AND d.status = 'sending' AND d.claimed_until = %s
"""
LOST_RACE_S = 0.02


class Claims(msgspec.Struct, frozen=True):
    """What was claimed; `opens_in_s` says when a number at its limit may go on, if one is."""

    claimed: list[Claimed]
    opens_in_s: float | None = None


class _Channel(msgspec.Struct, frozen=True):
    """A channel with something to send, and its pace."""

    id: int
    kind: str
    address: str
    messages_per_second: int
    full_at: datetime
    now: datetime


class Mark(msgspec.Struct, frozen=True):
    """What tells one claim from all others: the channel, and when the claim ends.

    Of two senders only one claims with the same state of the channel's pace, so no two claims end
    at the same microsecond.
    """

    channel: _Channel
    until: datetime


def micros(moment: datetime) -> int:
    """A moment as `rules` counts it: whole microseconds since 1970."""
    return (moment - EPOCH) // MICROSECOND


def moment(micros: int) -> datetime:
    """The reverse of `micros`."""
    return EPOCH + micros * MICROSECOND


async def open_accounts(connection: psycopg.AsyncConnection) -> bool:
    """Gives new channels their pace; True if there were any."""
    return (await connection.execute(_OPEN_ACCOUNTS)).rowcount > 0


async def claim(
    connection: psycopg.AsyncConnection,
    kinds: Sequence[str],
    limit: int,
    *,
    lease: timedelta,
    grace: timedelta,
    begun: list[Mark],
) -> Claims:
    """Claims at most `limit` deliveries on channels of these kinds, one statement a channel.

    Each claim is noted in `begun` before it is made: when this raises, some may have been made.

    What another sender took meanwhile is not claimed; then `opens_in_s` says to look again soon.
    A lane waits while an earlier delivery of it is queued, on the wire, or in doubt for less than
    `grace`. A claim not settled within `lease` is for `results.give_up` to find.
    """
    claimed: list[Claimed] = []
    waits: list[float] = []
    cursor = await connection.execute(_CHANNELS, [list(kinds)], prepare=True)
    for channel in [_Channel(*row) for row in await cursor.fetchall()]:
        bucket = rules.number_bucket(channel.messages_per_second)
        now, full_at = micros(channel.now), micros(channel.full_at)
        room = min(bucket.room(full_at, now), limit - len(claimed))
        if room > 0:
            mark = Mark(channel, channel.now + lease)
            begun.append(mark)
            taken = await _claim_on(connection, mark, bucket, room, grace)
            if taken is None:
                waits.append(LOST_RACE_S)
                continue
            claimed += taken
            full_at = bucket.take(full_at, now, len(taken)) if taken else full_at
        if not bucket.room(full_at, now):
            waits.append((bucket.opens_at(full_at, now) - now) / rules.SECOND)
    return Claims(claimed, min(waits, default=None))


async def claimed_as(connection: psycopg.AsyncConnection, mark: Mark) -> list[Claimed]:
    """What the claim with this mark took and nobody has settled or given up since."""
    cursor = await connection.execute(_CLAIMED, [mark.channel.id, mark.until])
    return [_claimed(mark.channel, row) for row in await cursor.fetchall()]


async def _claim_on(
    connection: psycopg.AsyncConnection,
    mark: Mark,
    bucket: rules.Bucket,
    room: int,
    grace: timedelta,
) -> list[Claimed] | None:
    """What was claimed; None if another sender was faster."""
    channel, now = mark.channel, mark.channel.now
    cursor = await connection.execute(
        _CLAIM,
        {
            "channel": channel.id,
            "pace": f"channel:{channel.id}",
            "full_at": channel.full_at,
            "interval": bucket.interval * MICROSECOND,
            "now": now,
            "limit": room,
            "until": mark.until,
            "doubted_since": now - grace,
            "pair_latest": moment(rules.PAIR.latest(micros(now))),
            "pair_interval": rules.PAIR.interval * MICROSECOND,
        },
        prepare=True,
    )
    rows = await cursor.fetchall()
    if not rows[0][0]:
        return None
    return [_claimed(channel, row[1:]) for row in rows if row[1] is not None]


def _claimed(channel: _Channel, row: tuple[Any, ...]) -> Claimed:
    key, ref, recipient, purpose, content, reply_to, upload_id, *rest = row
    conversation, lane, attempts, claim, created_at, window_closes_at = rest
    address, said, spoilt = _read(recipient, content)
    job = Job(
        ref=ref,
        sender=channel.address,
        recipient=address,
        content=said,
        purpose=purpose,
        reply_to=reply_to,
        upload_id=upload_id or "",
    )
    return Claimed(
        id=key,
        job=job,
        channel=channel.id,
        kind=channel.kind,
        conversation=conversation,
        lane=lane,
        attempts=attempts,
        claim=claim,
        created_at=created_at,
        window_closes_at=window_closes_at,
        spoilt=spoilt,
    )


def _read(recipient: str, content: bytes) -> tuple[Address, Outbound, str]:
    """What is to be sent to whom, and what is wrong with it: one bad row must not stop the rest."""
    try:
        address = msgspec.json.decode(recipient, type=Address)
        return address, decode_outbound(content), ""
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        return Address(kind=""), Text(""), str(error)
