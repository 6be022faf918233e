"""The staff, citizens and events of `resmi bench desk`; a process of its own with Django."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Annotated

import msgspec
import typer
from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore
from django.core.management import CommandError
from django.db import transaction

from resmi.agency.models import User
from resmi.channels.models import Channel, Inbound
from resmi.channels.partitions import partition_of
from resmi.cli.screens.words import Event, Place
from resmi.conversations import handle, services, team, worker
from resmi.conversations.models import Conversation
from resmi.engine.address import Address
from resmi.routing import services as routing

BATCH = 50
EVERY = set(range(64))
BY_HAND = 4
"""Every so many events a hand goes up, which every screen is told of."""

app = typer.Typer()


@app.command()
def fill(agents: Annotated[int, typer.Option(help="How many agents.", min=1)]) -> None:
    """Hires agents who hold a conversation each, then reads orders: `RATE COUNT` a line.

    Prints the places as one line of JSON, then each event as one line when it begins.
    """
    if settings.MODE != "demo":
        raise CommandError("Made-up agents belong in RESMI_MODE=demo only.")
    places = _places(agents)
    _say(places)
    acts = Acts(places)
    for order in sys.stdin:
        rate, count = order.split()
        for event in acts.do(float(rate), int(count)):
            _say(event)
        _say(None)


def _say(what: object) -> None:
    print(msgspec.json.encode(what).decode(), flush=True)


def _places(agents: int) -> list[Place]:
    channel = Channel.objects.get()
    found = []
    for number in range(agents):
        _write(channel, number)
    while rows := worker.claim(EVERY, BATCH):
        handle.handle(rows)
    for number, conversation in enumerate(Conversation.objects.order_by("id")):
        user = _agent(number)
        services.take_over(actor=user, conversation_id=conversation.pk)
        found.append(Place(agent=user.pk, key=_session(user), conversation=conversation.pk))
    return found


@transaction.atomic
def _agent(number: int) -> User:
    """A member of staff; a password none can sign in with, for hashing 500 takes minutes."""
    user = User.objects.create_user(
        email=f"agent{number}@example.org", name=f"Agent {number}", role="agent"
    )
    routing.set_presence(actor=user, agent_id=user.pk, status="available")
    return user


def _session(user: User) -> str:
    session = SessionStore()
    session[SESSION_KEY] = str(user.pk)
    session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
    session[HASH_SESSION_KEY] = user.get_session_auth_hash()
    session.save()
    return str(session.session_key)


def _write(channel: Channel, number: int) -> None:
    """A citizen's message, as the webhook stores it."""
    phone = f"62811{number:08}"
    address = Address(kind="whatsapp", scope=channel.portfolio, user_id="", phone=phone)
    now = datetime.now(UTC)
    body = {
        "from": phone,
        "id": f"wamid.screen{number}",
        "timestamp": str(int(now.timestamp())),
        "type": "text",
        "text": {"body": "Halo"},
    }
    around = {"metadata": {}, "contact": {"wa_id": phone, "profile": {"name": f"C{number}"}}}
    Inbound.objects.create(
        channel=channel,
        kind="message",
        key=f"wa:screen:{number}",
        contact_key=address.key(),
        partition=partition_of(address.key()),
        occurred_at=now,
        raw=msgspec.json.encode(body),
        envelope=msgspec.json.encode(around),
    )


class Acts:
    """What staff do: mostly notes, now and then a raised hand, each of them once."""

    def __init__(self, places: list[Place]) -> None:
        self.places = places
        self.people = User.objects.in_bulk([place.agent for place in places])
        self.calm = iter(places)

    def do(self, rate: float, count: int) -> Iterator[Event]:
        """Acts evenly at `rate` a second; each event says when it began."""
        begin = time.monotonic()
        for number in range(count):
            time.sleep(max(0.0, begin + number / rate - time.monotonic()))
            raising = next(self.calm, None) if number % BY_HAND == 0 else None
            yield self._raise(raising) if raising else self._note(number)

    def _raise(self, place: Place) -> Event:
        at = time.monotonic()
        team.ask_help(actor=self.people[place.agent], conversation_id=place.conversation)
        return Event(topic="queues", hint={"help": place.conversation}, at=at)

    def _note(self, number: int) -> Event:
        place = self.places[number * 7 % len(self.places)]
        at = time.monotonic()
        seq = services.add_note(
            actor=self.people[place.agent],
            conversation_id=place.conversation,
            body=f"Catatan {number}",
        )
        return Event(topic=f"conversation:{place.conversation}", hint={"seq": seq}, at=at)
