"""The simulated world as plain data: numbers, citizens, messages, media, templates.

No I/O, no clock, no chance: times come in as arguments and ids are counted, so a snapshot is the
whole truth and a run can be repeated.
"""

from __future__ import annotations

import base64
import hashlib
from typing import Any, Literal

import msgspec

Json = dict[str, Any]
Status = Literal["accepted", "sent", "delivered", "read", "played", "failed"]

WINDOW = 24 * 3600.0
PHONE_SHARED_FOR = 30 * 24 * 3600.0
INBOUND_MEDIA_FOR = 7 * 24 * 3600.0
UPLOAD_KEPT_FOR = 30 * 24 * 3600.0


class Number(msgspec.Struct, kw_only=True):
    """A business phone number. `tier` is unique citizens per 24 h outside windows; 0 unlimited."""

    id: str
    waba: str
    display: str
    name: str
    country: str
    throughput: int = 80
    quality: str = "GREEN"
    status: str = "CONNECTED"
    settings: Json = msgspec.field(default_factory=dict)
    profile: Json = msgspec.field(default_factory=dict)
    blocked: list[str] = msgspec.field(default_factory=list)


class Citizen(msgspec.Struct, kw_only=True):
    """Somebody with WhatsApp. `phone` is digits; `hidden` withholds it from businesses."""

    key: str
    name: str
    phone: str
    country: str = "ID"
    language: str = "id"
    username: str = ""
    hidden: bool = False
    generation: int = 0
    on_whatsapp: bool = True
    online: bool = True
    read_receipts: bool = True
    marketing_stopped: bool = False
    open_chat: str = ""
    blocks: list[str] = msgspec.field(default_factory=list)


class Step(msgspec.Struct, kw_only=True):
    """One status a message reached, at a Unix time."""

    status: str
    at: float


class Message(msgspec.Struct, kw_only=True):
    """A message either way. `content` is the wire object under its type's name."""

    id: str
    direction: Literal["in", "out"]
    number: str
    citizen: str
    at: float
    type: str
    content: Json
    reply_to: str = ""
    forwarded: bool = False
    steps: list[Step] = msgspec.field(default_factory=list)
    error: Json | None = None
    opaque: str = ""
    addressed: Literal["phone", "user_id"] = "phone"
    recipient: str = ""
    category: str = "service"
    priced: Json | None = None
    rendered: Json | None = None
    reactions: dict[str, str] = msgspec.field(default_factory=dict)
    edited: bool = False
    revoked: bool = False

    def status(self) -> str:
        """The latest status, or empty for an inbound message not yet handed over."""
        return self.steps[-1].status if self.steps else ""

    def reached(self, status: str) -> bool:
        """Whether the message ever had this status."""
        return any(step.status == status for step in self.steps)


class Media(msgspec.Struct, kw_only=True):
    """A file held by the simulated platform until `expires` (Unix seconds)."""

    id: str
    mime: str
    data: bytes
    expires: float
    filename: str = ""
    number: str = ""

    def sha256(self) -> str:
        """Base64 digest, as in webhooks."""
        return base64.b64encode(hashlib.sha256(self.data).digest()).decode()

    def sha256_hex(self) -> str:
        """Hexadecimal digest, as in the answer to a media query."""
        return hashlib.sha256(self.data).hexdigest()


class Template(msgspec.Struct, kw_only=True):
    """A message template in one language."""

    id: str
    waba: str
    name: str
    language: str
    category: str
    components: list[Json]
    status: str = "PENDING"
    parameter_format: str = "POSITIONAL"
    rejected_reason: str = "NONE"


class World(msgspec.Struct, kw_only=True):
    """Everything that a snapshot keeps. `windows`, `pairs`, `chats` are keyed `number:citizen`.

    `born` tells this world from others of the portfolio: none gives an id that another gave.
    """

    portfolio: str
    born: str = ""
    tier: int = 250
    serial: int = 0
    numbers: dict[str, Number] = msgspec.field(default_factory=dict)
    citizens: dict[str, Citizen] = msgspec.field(default_factory=dict)
    phones: dict[str, str] = msgspec.field(default_factory=dict)
    user_ids: dict[str, str] = msgspec.field(default_factory=dict)
    messages: dict[str, Message] = msgspec.field(default_factory=dict)
    chats: dict[str, list[str]] = msgspec.field(default_factory=dict)
    media: dict[str, Media] = msgspec.field(default_factory=dict)
    templates: dict[str, Template] = msgspec.field(default_factory=dict)
    windows: dict[str, float] = msgspec.field(default_factory=dict)
    phone_shared: dict[str, float] = msgspec.field(default_factory=dict)
    pairs: dict[str, float] = msgspec.field(default_factory=dict)
    outside: dict[str, float] = msgspec.field(default_factory=dict)
    free_service: dict[str, int] = msgspec.field(default_factory=dict)
    template_created: list[float] = msgspec.field(default_factory=list)
    media_tickets: dict[str, tuple[str, float]] = msgspec.field(default_factory=dict)
    subscribed: list[str] = msgspec.field(default_factory=list)
    expired_tokens: list[str] = msgspec.field(default_factory=list)

    def next_serial(self) -> int:
        """A number never given before in this world."""
        self.serial += 1
        return self.serial


def pair(number: str, citizen: str) -> str:
    """The key of what a business number and a citizen have between them."""
    return f"{number}:{citizen}"


def keep_message(world: World, message: Message) -> None:
    """Adds a message to the world and to its chat."""
    world.messages[message.id] = message
    world.chats.setdefault(pair(message.number, message.citizen), []).append(message.id)


def chat(world: World, number: str, citizen: str) -> list[Message]:
    """The messages between a business number and a citizen, oldest first."""
    return [world.messages[name] for name in world.chats.get(pair(number, citizen), [])]


def new_message_id(world: World) -> str:
    """A `wamid.…`: opaque, with the characters that break careless parsers (`+`, `/`, `=`)."""
    return "wamid." + base64.b64encode(b"\x1d\x18" + _unused(world)[:26]).decode()


def new_object_id(world: World, prefix: int) -> str:
    """A numeric Graph object id, as text."""
    return str(prefix * 10**14 + int.from_bytes(_unused(world)[:8], "big") % 10**14)


def _unused(world: World) -> bytes:
    seed = f"{world.portfolio}:{world.born}:{world.next_serial()}".encode()
    return hashlib.sha256(seed).digest()


def user_id(world: World, citizen: Citizen) -> str:
    """The citizen's business-scoped id in this portfolio; a new number makes a new one."""
    seed = f"{world.portfolio}:{citizen.key}:{citizen.generation}".encode()
    digits = int.from_bytes(hashlib.sha256(seed).digest()[:8], "big")
    return f"{citizen.country}.{digits:020d}"


def index_citizen(world: World, citizen: Citizen) -> None:
    """Makes a new or renamed citizen findable; old numbers and scoped ids lead nowhere."""
    if before := world.citizens.get(citizen.key):
        for table in (world.phones, world.user_ids):
            for known in [name for name, key in table.items() if key == before.key]:
                del table[known]
    world.citizens[citizen.key] = citizen
    world.phones[citizen.phone] = citizen.key
    world.user_ids[user_id(world, citizen)] = citizen.key


def by_phone(world: World, digits: str) -> Citizen | None:
    """The citizen who has this number now."""
    return world.citizens.get(world.phones.get(digits, ""))


def by_user_id(world: World, scoped: str) -> Citizen | None:
    """The citizen with this scoped id in this portfolio now."""
    return world.citizens.get(world.user_ids.get(scoped, ""))


def phone_visible(world: World, number: str, citizen: Citizen, now: float) -> bool:
    """Whether webhooks to this number may carry the citizen's phone."""
    shared = world.phone_shared.get(pair(number, citizen.key), 0.0)
    return not citizen.hidden or now - shared < PHONE_SHARED_FOR
