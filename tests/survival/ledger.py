"""The books at the end of every scenario: what was acknowledged, stored, answered, delivered.

Every message that WhatsApp got a 200 for is stored once and in its conversation once; every one is
answered or its conversation waits where a person sees it; every delivery has a final state, and
one that did not arrive says why; nothing reached a citizen twice; every log proves itself.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass

import psycopg

from resmi.cli.keeping import checking

ARRIVED = frozenset({"accepted", "sent", "delivered", "read"})
EXPLAINED = frozenset({"failed", "unknown", "cancelled"})
VISIBLE = frozenset({"waiting", "offered", "assigned"})

_STORED = """
    SELECT split_part(key, ':m:', 2), status, error FROM channels_inbound WHERE kind = 'message'
"""
_UNDER_WAY = """
    SELECT (SELECT count(*) FROM channels_inbound WHERE status = 'new')
         + (SELECT count(*) FROM channels_delivery WHERE status IN ('queued', 'sending'))
"""
# For each message of a citizen: how often it is in a log, and whether anybody wrote after it.
_LOGGED = """
    SELECT e.data->>'provider_id', count(*), bool_or(c.status = ANY(%s)),
           bool_or(EXISTS (SELECT 1 FROM conversations_event a
                           WHERE a.conversation_id = e.conversation_id AND a.seq > e.seq
                             AND a.type = 'message_created'))
    FROM conversations_event e JOIN conversations_conversation c ON c.id = e.conversation_id
    WHERE e.type = 'message_received' GROUP BY 1
"""
_DELIVERIES = "SELECT ref, status, error_code, error FROM channels_delivery"


@dataclass(frozen=True)
class Ledger:
    """What a scenario came to. `open` messages wait for a person; `wrong` should be empty."""

    acknowledged: int
    stored: int
    answered: int
    open: int
    deliveries: dict[str, int]
    wrong: tuple[str, ...]

    @property
    def lost(self) -> int:
        """How many entries do not add up."""
        return len(self.wrong)


def under_way(url: str) -> int:
    """Items not handled and deliveries not sent; -1 while the database can't be asked."""
    try:
        with psycopg.connect(url, connect_timeout=3) as link:
            row = link.execute(_UNDER_WAY).fetchone()
    except psycopg.OperationalError:
        return -1
    assert row
    return int(row[0])


def draw_up(
    url: str, *, acknowledged: Collection[str], arrivals: Mapping[str, int] | None = None
) -> Ledger:
    """The books of the database at `url`.

    `acknowledged`: the messages' ids WhatsApp got a 200 for; `arrivals`: how often each of our
    references reached WhatsApp, None when nobody counted.
    """
    with psycopg.connect(url) as link:
        stored = {name: (status, error) for name, status, error in link.execute(_STORED)}
        logged = {row[0]: row[1:] for row in link.execute(_LOGGED, [list(VISIBLE)])}
        deliveries = {row[0]: row[1:] for row in link.execute(_DELIVERIES)}
        _, broken = checking.broken_logs(link)
    wrong = [f"{name} was acknowledged and is not stored" for name in set(acknowledged) - {*stored}]
    wrong += _unhandled(stored, logged)
    wrong += _unexplained(deliveries)
    wrong += _arrivals(deliveries, arrivals) if arrivals is not None else []
    wrong += [f"the log of conversation {one} does not prove itself" for one in broken]
    return Ledger(
        acknowledged=len(acknowledged),
        stored=len(stored),
        answered=sum(answered for _, _, answered in logged.values()),
        open=sum(seen and not answered for _, seen, answered in logged.values())
        + sum(status in ("parked", "unparsed") for status, _ in stored.values()),
        deliveries=dict(Counter(status for status, _, _ in deliveries.values())),
        wrong=tuple(sorted(wrong)),
    )


def _unhandled(
    stored: Mapping[str, tuple[str, str]], logged: Mapping[str, tuple[int, bool, bool]]
) -> list[str]:
    wrong = [f"{name} is in a log, but was never stored" for name in {*logged} - {*stored}]
    for name, (status, error) in stored.items():
        times, seen, answered = logged.get(name, (0, False, False))
        if status in ("parked", "unparsed"):
            wrong += [] if error and not times else [f"{name} is {status}, unexplained or done"]
        elif status != "done" or times != 1:
            wrong.append(f"{name} is {status} and {times} times in a log")
        elif not (answered or seen):
            wrong.append(f"{name} is neither answered nor in anybody's sight")
    return wrong


def _unexplained(deliveries: Mapping[str, tuple[str, str, str]]) -> list[str]:
    return [
        f"delivery {ref} is {status} {error}".rstrip()
        for ref, (status, code, error) in deliveries.items()
        if status not in ARRIVED | EXPLAINED
        or (status in ("failed", "unknown") and not (code or error))
    ]


def _arrivals(
    deliveries: Mapping[str, tuple[str, str, str]], arrivals: Mapping[str, int]
) -> list[str]:
    wrong = [f"{ref} reached the citizen {n} times" for ref, n in arrivals.items() if n > 1]
    wrong += [f"{ref} was sent, but is no delivery" for ref in {*arrivals} - {*deliveries}]
    for ref, (status, _, _) in deliveries.items():
        if status in ARRIVED and ref not in arrivals:
            wrong.append(f"{ref} is {status} and never arrived")
        if status in EXPLAINED and arrivals.get(ref):
            wrong.append(f"{ref} is {status}, though it arrived and that was reported")
    return wrong
