"""What a turn wrote into the log, for the rooms that keep receipts, watches and consents."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import msgspec

from resmi.contacts import consents
from resmi.conversations.building import Turn
from resmi.conversations.loaded import Loaded
from resmi.engine import events
from resmi.registry.receipts import services as receipts
from resmi.registry.rules import Verdict
from resmi.registry.watches import services as watches


class Outcome(msgspec.Struct, frozen=True, kw_only=True):
    """A conversation before and after a turn."""

    loaded: Loaded
    turn: Turn


def answers(log: Iterable[events.Event]) -> list[receipts.Answered]:
    """What was answered with a receipt."""
    return [
        receipts.Answered(
            code=event.data.receipt,
            at=event.at,
            verdict=msgspec.convert(event.data.verdict, Verdict),
            conversation=event.conversation,
            seq=event.seq,
        )
        for event in log
        if isinstance(event.data, events.VerdictGiven) and event.data.receipt
    ]


def watches_of(outcomes: Iterable[Outcome]) -> Iterator[watches.Happened]:
    """What the log says about watches, in its order."""
    for outcome in outcomes:
        place = (outcome.loaded.line.channel, outcome.loaded.line.contact)
        language = outcome.turn.conversation.language
        for event in outcome.turn.events:
            match event.data:
                case events.WatchStarted(subject=subject, name=name, standing=standing):
                    yield watches.Started(
                        place=place,
                        subject=subject,
                        name=name,
                        standing=standing,
                        language=language,
                        at=event.at,
                    )
                case events.WatchEnded(subject=subject):
                    yield watches.Ended(place=place, subject=subject, at=event.at)
                case events.WatchTold(subject=subject, after=after):
                    yield watches.Told(place=place, subject=subject, standing=after, at=event.at)


def consents_of(outcomes: Iterable[Outcome]) -> Iterator[consents.Happened]:
    """What the log says about consent, in its order."""
    for outcome in outcomes:
        for event in outcome.turn.events:
            if isinstance(event.data, events.ConsentAsked | events.ConsentAnswered):
                yield consents.Happened(
                    contact=outcome.loaded.line.contact,
                    conversation=event.conversation,
                    channel=outcome.loaded.line.channel,
                    at=event.at,
                    what=event.data,
                )
