"""Plain makers of what conversation tests need."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from pathlib import Path
from typing import Any

import msgspec

import resmi
from resmi.agency.models import User
from resmi.bot import packs
from resmi.channels import items, kinds
from resmi.channels.models import Channel, Inbound
from resmi.channels.partitions import partition_of
from resmi.conversations import handle, worker
from resmi.conversations.building import Line, World
from resmi.conversations.models import Conversation as Row
from resmi.conversations.stimuli import Staff
from resmi.engine import content
from resmi.engine.address import Address
from resmi.engine.content import Inbound as Said
from resmi.registry.index import Index
from resmi.registry.rules import Entry
from resmi.registry.watches.rules import Change, Watched
from resmi.routing import services as routing

OPEN = datetime(2026, 1, 6, 3, tzinfo=UTC)  # a Tuesday, 10:00 in Jakarta
SARI = Staff("7", "Sari Wulandari", "Sari")
DEWI = Staff("8", "Dewi Lestari", "Dewi")
BUDI = Address(kind="whatsapp", scope="p1", user_id="ID.1", phone="628111", profile_name="Budi")

_number = itertools.count(1)


@lru_cache(maxsize=1)
def pack() -> packs.Pack:
    return packs.load(Path(resmi.__file__).parent / "packs" / "finance")


@lru_cache(maxsize=1)
def index() -> Index:
    return Index(
        [
            Entry(
                id="L1",
                status="licensed",
                name="PT Dana Sejahtera Nusantara",
                licence="KEP-1/2024",
                source="Register",
                as_of="2026-01-01",
            ),
            Entry(
                id="I1",
                status="illegal",
                name="Pinjam Kilat Makmur",
                source="Alert list",
                as_of="2026-01-01",
            ),
        ],
        version=1,
    )


def world() -> World:
    return World(pack=pack(), index=index())


def line(**fields: Any) -> Line:
    return Line(
        channel=1,
        contact=1,
        address=BUDI,
        capabilities=fields.get("capabilities", kinds.ADAPTERS["whatsapp"].capabilities),
        watching=fields.get("watching", ()),
    )


def watched(**fields: Any) -> Watched:
    given = {"subject": "entity:L1", "name": "PT Dana Sejahtera Nusantara", "standing": "licensed"}
    return Watched(**{**given, **fields})


def change(**fields: Any) -> Change:
    given = {
        "subject": "entity:L1",
        "name": "PT Dana Sejahtera Nusantara",
        "before": "licensed",
        "after": "revoked",
        "source": "Register",
        "as_of": "2026-02-01",
    }
    return Change(**{**given, **fields})


def message(said: Said | str, *, at: datetime = OPEN, sender: Address = BUDI) -> Any:
    body = content.Text(said) if isinstance(said, str) else said
    return items.CitizenMessage(
        sender=sender, provider_id=f"wamid.{next(_number)}", content=body, sent_at=at
    )


def channel(**fields: Any) -> Channel:
    given = {"kind": "whatsapp", "name": "Resmi 150", "portfolio": "p1", **fields}
    return Channel.objects.get_or_create(address=given.pop("address", "1001"), defaults=given)[0]


def agent(name: str = "Sari", *, available: bool = True, skills: Sequence[str] = ()) -> User:
    user = User.objects.create_user(
        email=f"{name.lower()}{next(_number)}@example.org", name=name, display_name=name
    )
    routing.set_presence(actor=user, agent_id=user.pk, status="available" if available else "away")
    every = ["lang:id", "lang:en", "lang:ko", *{s for q in pack().queues for s in q.skills}]
    routing.set_skills(actor=None, agent_id=user.pk, skills=dict.fromkeys(skills or every, 1))
    return user


def queues() -> None:
    for queue in pack().queues:
        routing.put_queue(
            actor=None,
            key=queue.key,
            settings={
                "name": queue.name["en"],
                "skills": list(queue.skills),
                "priority": queue.priority,
                "offer_s": queue.offer_s,
                "target_s": queue.target_s,
                "around_the_clock": True,  # tests run at any hour of any day
            },
        )


def wire(
    said: Said | str,
    *,
    sender: Address = BUDI,
    at: datetime | None = None,
    through: Channel | None = None,
) -> Inbound:
    """A citizen's message as the webhook stores it: real WhatsApp bytes."""
    number = next(_number)
    moment = at or datetime.now(UTC)
    body: dict[str, Any] = {
        "from": sender.phone,
        "from_user_id": sender.user_id,
        "id": f"wamid.{number}",
        "timestamp": str(int(moment.timestamp())),
    }
    if isinstance(said, str):
        body |= {"type": "text", "text": {"body": said}}
    elif isinstance(said, content.Choice):
        body |= {
            "type": "interactive",
            "interactive": {
                "type": "button_reply",
                "button_reply": {"id": said.id, "title": said.title},
            },
        }
    elif isinstance(said, content.Media):
        file = {"id": said.provider_id, "mime_type": said.mime, "caption": said.caption}
        body |= {"type": said.kind, said.kind: file | {"filename": said.filename}}
    else:
        raise TypeError(said)
    contact = {
        "wa_id": sender.phone,
        "user_id": sender.user_id,
        "profile": {"name": sender.profile_name},
    }
    return Inbound.objects.create(
        channel=through or channel(),
        kind="message",
        key=f"wa:1001:m:wamid.{number}",
        contact_key=sender.key(),
        partition=partition_of(sender.key()),
        occurred_at=moment,
        raw=msgspec.json.encode(body),
        envelope=msgspec.json.encode({"metadata": {}, "contact": contact}),
    )


def work() -> int:
    """Lets one worker handle everything that is new."""
    done = 0
    while rows := worker.claim(set(range(64)), 100):
        done += handle.handle(rows)
    return done


def citizen_says(said: Said | str, *, sender: Address = BUDI) -> Row:
    """A citizen writes, the worker works; the citizen's newest conversation."""
    wire(said, sender=sender)
    work()
    return Row.objects.filter(identity__user_id=sender.user_id).latest("id")


def minutes(count: float) -> timedelta:
    return timedelta(minutes=count)
