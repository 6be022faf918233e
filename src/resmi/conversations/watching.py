"""Tells citizens what changed in the register about what they watch.

Every watch is compared once with every register and pack (`mark`): a run that is repeated, cut off
or doubled finds nothing left to tell. What can't be told is held with the reason and tried again
with the next register or pack. News go through the conversation's log like any other message.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import UTC, datetime

import msgspec
import structlog
from django.db import DatabaseError, connection, transaction

from resmi.agency import live
from resmi.conversations import reaching, storing, turn, world
from resmi.conversations.building import World
from resmi.conversations.reaching import Reachable
from resmi.conversations.stimuli import RegisterChanged
from resmi.conversations.storing import Loaded, Outcome
from resmi.engine import events
from resmi.registry import services as registry
from resmi.registry import standings
from resmi.registry.watches import queries, rules, services
from resmi.registry.watches.models import Held
from resmi.registry.watches.queries import Following, Place
from resmi.registry.watches.rules import Change, Now

BATCH = 200

log = structlog.get_logger()


class _News(msgspec.Struct, frozen=True, kw_only=True):
    """A watch and what changed about it."""

    following: Following
    change: Change


def tell_watchers() -> int:
    """Compares every watch with the register in force and tells what changed; how many messages.

    Returns early, to be called again, when the register changes meanwhile.
    """
    registry.forget_index()
    now = world.current()
    register = standings.mark()
    if not register.startswith(f"{now.index.version}:"):
        return 0
    mark = f"{register}:{now.pack.version}"
    told = after = 0
    while batch := queries.behind(mark, after, BATCH):
        said = standings.now((one.watched for one in batch), now.index)
        told += _tell(batch, said, mark, now)
        after = batch[-1].id
    return told


def _tell(batch: Sequence[Following], said: dict[str, Now], mark: str, now: World) -> int:
    """One transaction for a batch; halved when it fails, until what fails stands alone."""
    try:
        with transaction.atomic():
            return _Telling(batch, said, mark, now).run()
    except DatabaseError as error:
        if not connection.is_usable() or len(batch) == 1:
            log.warning("watch_not_told", action="watch_not_told", error=str(error))
            return 0
        middle = len(batch) // 2
        return sum(_tell(half, said, mark, now) for half in (batch[:middle], batch[middle:]))


class _Telling:
    """One batch: conversations are locked first, then watches, as everywhere."""

    def __init__(
        self, batch: Sequence[Following], said: dict[str, Now], mark: str, now: World
    ) -> None:
        self.batch = batch
        self.said = said
        self.mark = mark
        self.world = now
        self.held: dict[Held, list[int]] = defaultdict(list)

    def run(self) -> int:
        """Writes what follows; how many messages."""
        changed = [one for one in self.batch if self._change(one) is not None]
        looked = {one.place for one in changed}
        people = reaching.find(looked) if looked else {}
        conversations = reaching.open_for(people.values()) if people else {}
        locked = queries.lock_behind([one.id for one in self.batch], self.mark)
        changes = [(one, self._change(one)) for one in locked]
        news = [
            _News(following=one, change=change)
            for one, change in changes
            if change is not None and one.place in looked
        ]
        # A watch begun anew a moment ago, with nobody looked up for it, waits for the next run.
        done = [one.id for one, change in changes if change is None or one.place in looked]
        services.note_checked(done, self.mark)
        told = self._send(self._sendable(news, people), conversations, people)
        for why, held in self.held.items():
            services.hold(held, self.mark, why)
        if self.held[Held.NO_TEMPLATE]:
            live.announce("alarms")
        return told

    def _change(self, following: Following) -> Change | None:
        return rules.change(following.watched, self.said[following.watched.subject])

    def _sendable(
        self, news: Sequence[_News], people: dict[Place, Reachable]
    ) -> dict[Place, list[_News]]:
        """The news by place, without those of people who can't or don't want to be told."""
        found: dict[Place, list[_News]] = defaultdict(list)
        for one in news:
            person = people.get(one.following.place)
            if person is None:
                self.held[Held.UNREACHABLE].append(one.following.id)
            elif person.opted_out_at and person.opted_out_at > one.following.started_at:
                self.held[Held.OPTED_OUT].append(one.following.id)
            else:
                found[one.following.place].append(one)
        return found

    def _send(
        self,
        news: dict[Place, list[_News]],
        conversations: dict[Place, Loaded],
        people: dict[Place, Reachable],
    ) -> int:
        outcomes = [
            self._outcome(given, conversations[place], people[place])
            for place, given in news.items()
        ]
        storing.save(outcomes)
        return sum(len(outcome.turn.deliveries) for outcome in outcomes)

    def _outcome(self, given: Sequence[_News], loaded: Loaded, person: Reachable) -> Outcome:
        language = given[0].following.language or person.language
        stimulus = RegisterChanged(tuple(one.change for one in given), language)
        result = turn.take(
            loaded.conversation, (stimulus,), loaded.line, self.world, datetime.now(UTC)
        )
        told = {e.data.subject for e in result.events if isinstance(e.data, events.WatchTold)}
        self.held[Held.NO_TEMPLATE] += [
            one.following.id for one in given if one.change.subject not in told
        ]
        return Outcome(loaded=loaded, turn=result)
