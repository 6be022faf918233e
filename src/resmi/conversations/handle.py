"""The worker's shell: inbound items in, one transaction of consequences out.

A batch of items of many citizens runs as one transaction. When it fails, it is halved until the
poisoned item stands alone; that one is parked with its error, the rest go on.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

import msgspec
import structlog
from django.db import DatabaseError, InterfaceError, OperationalError, connection, transaction

from resmi.agency import arrays, bulk, live
from resmi.bot import consenting
from resmi.channels import items, kinds
from resmi.channels import services as channels
from resmi.channels.errors import Unreadable
from resmi.channels.items import (
    AccountNotice,
    CallEvent,
    CitizenMessage,
    DeliveryFailed,
    DeliveryReported,
    Echo,
    IdentityChanged,
    Item,
    MediaFetched,
    PreferenceChanged,
    TimerDue,
)
from resmi.channels.models import UNDATED
from resmi.contacts import consents
from resmi.contacts import services as contacts
from resmi.conversations import storing, turn, world
from resmi.conversations.building import Turn
from resmi.conversations.stimuli import Stimulus
from resmi.conversations.storing import Loaded, Outcome
from resmi.engine import consent
from resmi.engine.address import Address
from resmi.engine.conversation import Conversation
from resmi.registry.watches import queries as watches
from resmi.registry.watches.rules import Watched

OUR_KINDS = frozenset({"timer", "result"})

log = structlog.get_logger()

# A lost race with another process looks like a database error; the same item wins the next time.
ATTEMPTS = 3
# Classes of SQL states: connection, resources, an operator's doing, the system.
SERVER_STATES = ("08", "53", "57", "58")


class Stored(msgspec.Struct, frozen=True, kw_only=True):
    """A row of the inbound table, as claimed. `channel` is 0 for a notice to the account.

    `stamp` says in which segment of the table it lies.
    """

    id: int
    channel: int
    channel_kind: str
    scope: str
    kind: str
    raw: bytes
    envelope: bytes
    stamp: datetime = UNDATED
    attempts: int = 0


class Read(msgspec.Struct, frozen=True, kw_only=True):
    """A row and what it means."""

    row: Stored
    item: Item


def handle(rows: Sequence[Stored]) -> int:
    """Handles rows in order, all or parked; how many were done without being parked.

    Raises `OperationalError` when the connection was lost: with it went the leases of these rows.
    """
    if not rows:
        return 0
    connection.ensure_connection()
    link = connection.connection
    try:
        with transaction.atomic():
            _handle(rows)
    except Exception as error:
        if connection.connection is not link:  # a new one, opened by Django, holds no leases
            raise OperationalError("The connection was lost in work.") from error
        return _after_failure(rows, error)
    return len(rows)


def _after_failure(rows: Sequence[Stored], error: Exception) -> int:
    if isinstance(error, InterfaceError) or _is_about_the_server(error):
        raise error
    if len(rows) > 1:
        middle = len(rows) // 2
        return handle(rows[:middle]) + handle(rows[middle:])
    if isinstance(error, DatabaseError) and rows[0].attempts + 1 < ATTEMPTS:
        _mark("new", [(rows[0], str(error)[:2000])])
        return 0
    log.error("inbound_parked", action="inbound_parked", inbound=rows[0].id, exc_info=error)
    _mark("parked", [(rows[0], f"{type(error).__name__}: {error}"[:2000])])
    live.announce("alarms")
    return 0


def _is_about_the_server(error: Exception) -> bool:
    """Whether it is lost, full or going down, and not what it was asked that is too much for it."""
    state = getattr(error.__cause__, "sqlstate", None)
    return isinstance(error, OperationalError) and (
        state is None or state.startswith(SERVER_STATES)
    )


def _handle(rows: Sequence[Stored]) -> None:
    read, unreadable = _read(rows)
    batch = _Batch(datetime.now(UTC))
    batch.lock(read)
    for entry in read:
        batch.take(entry)
    storing.save(batch.outcomes())
    _mark("unparsed", unreadable)
    _mark("done", [(entry.row, batch.remarks.get(entry.row.id, "")) for entry in read])


def _read(rows: Sequence[Stored]) -> tuple[list[Read], list[tuple[Stored, str]]]:
    read: list[Read] = []
    unreadable: list[tuple[Stored, str]] = []
    for row in rows:
        try:
            read.append(Read(row=row, item=_item(row)))
        except (Unreadable, msgspec.ValidationError) as error:
            unreadable.append((row, str(error)[:2000]))
    return read, unreadable


def _item(row: Stored) -> Item:
    if row.kind in OUR_KINDS:
        return items.decode(row.raw)
    item = kinds.ADAPTERS[row.channel_kind].read(row.kind, row.raw, row.envelope, scope=row.scope)
    if not row.channel and isinstance(item, CitizenMessage | PreferenceChanged | Echo):
        raise Unreadable("it names no number of ours")
    return item


# Arrays of keys, and no join with them: a plan made for a small table could join it whole.
_MARK = """
    UPDATE channels_inbound SET status = s.status, error = s.remark, attempts = attempts + 1,
        done_at = CASE WHEN s.status = 'done' THEN now() END
    FROM (SELECT %b::text AS status, %b::text AS remark) AS s
    WHERE id = ANY(%b) AND stamp = ANY(%b)
"""


def _mark(status: str, remarks: Sequence[tuple[Stored, str]]) -> None:
    alike: dict[str, list[Stored]] = {}
    for row, remark in remarks:
        alike.setdefault(remark, []).append(row)
    for remark, rows in alike.items():
        stamps = list({row.stamp for row in rows})
        bulk.execute(
            _MARK,
            [status, remark, arrays.bigints([row.id for row in rows]), arrays.moments(stamps)],
        )


class _Batch:
    """The conversations of one batch: locked together, moved in order, saved together."""

    def __init__(self, now: datetime) -> None:
        self.now = now
        self.world = world.current()
        self.known: dict[str, contacts.Known] = {}
        self.open: dict[tuple[int, int], Loaded] = {}
        self.by_id: dict[int, Loaded] = {}
        self.turns: dict[int, tuple[Loaded, list[Turn]]] = {}
        self.remarks: dict[int, str] = {}
        self.ids: list[int] = []
        self.failures: dict[int, list[DeliveryFailed]] = {}
        self.watching: dict[watches.Place, tuple[Watched, ...]] = {}
        self.consents: dict[int, consent.Known] = {}

    def lock(self, read: Sequence[Read]) -> None:
        """Follows identities and statuses, then locks every conversation that will move."""
        for entry in read:
            if isinstance(entry.item, IdentityChanged):
                followed = contacts.follow_change(entry.item.before, entry.item.after)
                if followed is not None and followed.was != followed.contact:
                    storing.move(followed.identity, followed.was, followed.contact)
        self._record_reports(read)
        people = [
            (entry, entry.item.sender)
            for entry in read
            if isinstance(entry.item, CitizenMessage | PreferenceChanged)
        ] + [(entry, entry.item.recipient) for entry in read if isinstance(entry.item, Echo)]
        self.known = contacts.resolve(address for _, address in people)
        places = {
            (entry.row.channel, self.known[address.key()].contact) for entry, address in people
        }
        ids = {
            entry.item.conversation
            for entry in read
            if isinstance(entry.item, TimerDue | MediaFetched | DeliveryFailed)
        } | set(self.failures)
        self.open = storing.lock_open(places) if places else {}
        self.watching = watches.active(places) if places else {}
        if places and consenting.needed(self.world.pack):
            self.consents = consents.known({contact for _channel, contact in places})
        if beginnings := len(places) - len(self.open):
            self.ids = storing.new_ids(beginnings)
        self.by_id = {item.conversation.id: item for item in self.open.values()}
        missing = ids - set(self.by_id)
        if missing:
            self.by_id.update(storing.lock_by_id(missing))

    def _record_reports(self, read: Sequence[Read]) -> None:
        reports = [
            (entry, item) for entry in read if isinstance(item := entry.item, DeliveryReported)
        ]
        if not reports:
            return
        results = channels.record_reports([item for _entry, item in reports])
        hints: dict[int, str] = {}
        for (entry, _item), result in zip(reports, results, strict=True):
            if result is None:
                self.remarks[entry.row.id] = "no delivery of ours has this reference"
            elif result.failed and result.conversation is not None:
                self.failures.setdefault(result.conversation, []).append(
                    DeliveryFailed(
                        conversation=result.conversation,
                        ref=result.ref,
                        code=result.code,
                        reason=result.reason,
                    )
                )
            elif result.conversation is not None and result.changed:
                hints[result.conversation] = result.status
        live.announce_all(
            (f"conversation:{conversation}", {"status": status})
            for conversation, status in hints.items()
        )

    def take(self, entry: Read) -> None:
        """Moves the conversation an item belongs to."""
        match entry.item:
            case CitizenMessage():
                self._citizen(entry, entry.item)
            case PreferenceChanged() as change:
                contact = self.known[change.sender.key()].contact
                contacts.set_opted_out(contact, opted_out=change.stop)
                self._move_open(entry, contact, change)
            case Echo() as echo:
                self._move_open(entry, self.known[echo.recipient.key()].contact, echo)
            case TimerDue() | MediaFetched() | DeliveryFailed() as item:
                self._move_by_id(entry, item.conversation, item)
            case AccountNotice() as notice:
                self._notice(entry, notice)
            case CallEvent():
                self.remarks[entry.row.id] = "calls are kept, not carried yet"
            case DeliveryReported() | IdentityChanged():
                pass

    def _notice(self, entry: Read, notice: AccountNotice) -> None:
        self.remarks[entry.row.id] = notice.summary[:2000]
        if not entry.row.channel:
            live.announce("alarms")
        else:
            channels.record_notice(entry.row.channel, notice)

    def _citizen(self, entry: Read, message: CitizenMessage) -> None:
        person = self.known[message.sender.key()]
        place = (entry.row.channel, person.contact)
        left: tuple[Stimulus, ...] = (message,)
        while left:
            loaded = self.open.get(place)
            if loaded is None or self._now_is(loaded).status == "closed":
                loaded = storing.begin(
                    self._new_id(),
                    channel=entry.row.channel,
                    kind=entry.row.channel_kind,
                    contact=person.contact,
                    identity=person.identity,
                    address=message.sender,
                    language=self._language(place, person),
                )
                self._hold(place, loaded)
            elif loaded.identity != person.identity:
                loaded = self._answered_at(loaded, person.identity, message.sender)
                self._hold(place, loaded)
            left = self._move(loaded, left)

    def _hold(self, place: tuple[int, int], loaded: Loaded) -> None:
        self.open[place] = loaded
        self.by_id[loaded.conversation.id] = loaded

    def _answered_at(self, loaded: Loaded, identity: int, sender: Address) -> Loaded:
        """A citizen known by two numbers is answered at the one they wrote from last."""
        moved = msgspec.structs.replace(
            loaded,
            identity=identity,
            line=msgspec.structs.replace(loaded.line, address=sender),
        )
        if turns := self.turns.get(loaded.conversation.id):
            self.turns[loaded.conversation.id] = (moved, turns[1])
        return moved

    def _new_id(self) -> int:
        return self.ids.pop(0) if self.ids else storing.new_ids(1)[0]

    def _language(self, place: tuple[int, int], person: contacts.Known) -> str:
        earlier = self.open.get(place)
        return self._now_is(earlier).language if earlier else person.language

    def _now_is(self, loaded: Loaded) -> Conversation:
        moved = self.turns.get(loaded.conversation.id)
        return moved[1][-1].conversation if moved else loaded.conversation

    def _move(self, loaded: Loaded, taken: tuple[Stimulus, ...]) -> tuple[Stimulus, ...]:
        place = (loaded.line.channel, loaded.line.contact)
        contact = loaded.line.contact
        line = msgspec.structs.replace(
            loaded.line,
            watching=self.watching.get(place, ()),
            consent=self.consents.get(contact, consent.Known()),
        )
        result = turn.take(self._now_is(loaded), taken, line, self.world, self.now)
        self.watching[place], self.consents[contact] = result.watching, result.consent
        self.turns.setdefault(loaded.conversation.id, (loaded, []))[1].append(result)
        return result.left

    def _move_open(self, entry: Read, contact: int, stimulus: Stimulus) -> None:
        loaded = self.open.get((entry.row.channel, contact))
        if loaded is not None:
            self._move(loaded, (stimulus,))

    def _move_by_id(self, entry: Read, conversation: int, stimulus: Stimulus) -> None:
        loaded = self.by_id.get(conversation)
        if loaded is None:
            self.remarks[entry.row.id] = "the conversation is gone"
        else:
            self._move(loaded, (stimulus,))

    def outcomes(self) -> list[Outcome]:
        """What to save: failures the channel reported, then one merged turn per conversation."""
        for conversation, failures in self.failures.items():
            if loaded := self.by_id.get(conversation):
                self._move(loaded, tuple(failures))
        return [
            Outcome(loaded=loaded, turn=_merged(turns)) for loaded, turns in self.turns.values()
        ]


def _merged(turns: Sequence[Turn]) -> Turn:
    if len(turns) == 1:
        return turns[0]
    timers = {change.kind: change for one in turns for change in one.timers}
    return Turn(
        conversation=turns[-1].conversation,
        events=tuple(event for one in turns for event in one.events),
        deliveries=tuple(delivery for one in turns for delivery in one.deliveries),
        media=tuple(media for one in turns for media in one.media),
        pictures=tuple(code for one in turns for code in one.pictures),
        timers=tuple(timers.values()),
        silence_bot=any(one.silence_bot for one in turns),
    )
