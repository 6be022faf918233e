"""Makers of desks with something on them: citizens who wrote, agents who hold conversations."""

from __future__ import annotations

import itertools
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
from django.test import Client

from resmi.agency.models import User
from resmi.channels.models import MediaFile
from resmi.conversations import router, services
from resmi.conversations.models import Conversation
from resmi.engine import content
from resmi.engine.address import Address
from resmi.engine.conversation import Conversation as State
from tests.conversations import factories

_citizens = itertools.count(1)


def citizen(name: str = "Budi Santoso") -> Address:
    """Somebody new on WhatsApp."""
    number = next(_citizens)
    return Address(
        kind="whatsapp",
        scope="p1",
        user_id=f"ID.desk.{number}",
        phone=f"628119{number:06}",
        profile_name=name,
    )


def office() -> None:
    """A channel and the pack's queues."""
    factories.channel(account="waba1")
    factories.queues()


def agent(name: str = "Sari", *, available: bool = True) -> User:
    """An agent with every skill."""
    return factories.agent(name, available=available)


def supervisor(name: str = "Rina", role: str = "supervisor") -> User:
    """A supervisor, or an administrator."""
    user = factories.agent(name, available=False)
    user.role = role
    user.save()
    return user


def with_bot(name: str = "Budi Santoso", said: str = "halo") -> Conversation:
    """A conversation the bot has."""
    return factories.citizen_says(said, sender=citizen(name))


def waiting(name: str = "Budi Santoso") -> Conversation:
    """A conversation in a queue; nobody is asked yet."""
    return factories.citizen_says("agent", sender=citizen(name))


def offered(name: str = "Budi Santoso") -> Conversation:
    """A conversation offered to an available agent."""
    conversation = waiting(name)
    router.run_pass()
    conversation.refresh_from_db()
    assert conversation.status == "offered"
    return conversation


def held(by: User, name: str = "Budi Santoso") -> Conversation:
    """A conversation that `by` holds."""
    conversation = with_bot(name)
    services.take_over(actor=by, conversation_id=conversation.pk)
    conversation.refresh_from_db()
    return conversation


def with_file(
    name: str = "Budi Santoso", *, kind: content.MediaKind = "document", **fields: Any
) -> tuple[Conversation, MediaFile]:
    """A conversation in which the citizen sent a file, and the file with `fields` set."""
    mime = {"image": "image/jpeg", "video": "video/mp4", "audio": "audio/ogg"}.get(
        kind, "application/pdf"
    )
    said = content.Media(kind, mime, provider_id=f"file.{next(_citizens)}")
    conversation = factories.citizen_says(said, sender=citizen(name))
    row = MediaFile.objects.get(conversation=conversation.pk)
    for field, value in fields.items():
        setattr(row, field, value)
    row.save()
    return conversation, row


def signed_in(user: User) -> Client:
    """A client with a session of `user`."""
    client = Client()
    client.force_login(user)
    return client


def close_window(conversation: Conversation) -> None:
    """Makes the citizen's last message 25 hours old."""
    before = datetime.now(UTC) - timedelta(hours=25)
    state = msgspec.json.decode(bytes(conversation.state), type=State)
    conversation.state = msgspec.json.encode(msgspec.structs.replace(state, last_inbound_at=before))
    conversation.last_inbound_at = before
    conversation.window_closes_at = before + timedelta(hours=24)
    conversation.save()
