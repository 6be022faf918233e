"""The part of the control API in which citizens act: /control/citizens, /control/media."""

from __future__ import annotations

import msgspec
from aiohttp import web

from resmi.channels.simulator import files, rules, sending, state, voice
from resmi.channels.simulator.citizens import CantDo, Said
from resmi.channels.simulator.graph import reply
from resmi.channels.simulator.requests import plain, read, sim_of
from resmi.channels.simulator.simulation import Simulation, view
from resmi.channels.simulator.state import Citizen, Json


class CitizenChange(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """What may be changed of a citizen. `hidden` withholds the phone from now on."""

    name: str | None = None
    language: str | None = None
    username: str | None = None
    hidden: bool | None = None
    on_whatsapp: bool | None = None
    online: bool | None = None
    read_receipts: bool | None = None
    marketing_stopped: bool | None = None
    open_chat: str | None = None
    blocks: list[str] | None = None


PLAIN_FIELDS = (
    "name",
    "language",
    "username",
    "hidden",
    "on_whatsapp",
    "online",
    "read_receipts",
    "open_chat",
    "blocks",
)


def _citizen(request: web.Request) -> Citizen:
    return sim_of(request).citizen_of(request.match_info["key"])


def citizen_view(sim: Simulation, citizen: Citizen) -> Json:
    """A citizen as the control API shows one."""
    shown: Json = msgspec.to_builtins(citizen)
    shown["user_id"] = state.user_id(sim.world, citizen)
    shown["windows"] = {
        number: rules.window_closes(sim.world, number, citizen.key) for number in sim.world.numbers
    }
    return shown


async def get_citizens(request: web.Request) -> web.StreamResponse:
    """All citizens."""
    sim = sim_of(request)
    return reply({"citizens": [citizen_view(sim, one) for one in sim.world.citizens.values()]})


async def post_citizens(request: web.Request) -> web.StreamResponse:
    """A new citizen: `key`, `name`, `phone` (digits), and what else `Citizen` has."""
    sim = sim_of(request)
    citizen = await read(request, Citizen)
    if citizen.key in sim.world.citizens or state.by_phone(sim.world, citizen.phone):
        raise CantDo("that key or phone number is taken")
    state.index_citizen(sim.world, citizen)
    sim.tell({"type": "citizen", "citizen": citizen_view(sim, citizen)})
    return reply(citizen_view(sim, citizen), 201)


async def post_say(request: web.Request) -> web.StreamResponse:
    """The citizen sends something (`Said`); the answer is the message."""
    message = sim_of(request).say(_citizen(request), await read(request, Said))
    return reply(view(message), 201)


async def post_change(request: web.Request) -> web.StreamResponse:
    """Changes a citizen; each change has the effects it has on WhatsApp."""
    sim, citizen = sim_of(request), _citizen(request)
    change = await read(request, CitizenChange)
    for name in PLAIN_FIELDS:
        if (value := getattr(change, name)) is not None:
            setattr(citizen, name, value)
    _take_effect(sim, citizen, change)
    sim.tell({"type": "citizen", "citizen": citizen_view(sim, citizen)})
    return reply(citizen_view(sim, citizen))


def _take_effect(sim: Simulation, citizen: Citizen, change: CitizenChange) -> None:
    if change.hidden:
        for number in sim.world.numbers:
            sim.world.phone_shared.pop(state.pair(number, citizen.key), None)
    if change.marketing_stopped is not None:
        sim.set_marketing(citizen, stopped=change.marketing_stopped)
    if change.online:
        sending.come_online(sim, citizen)
    if change.open_chat:
        sending.citizen_reads(sim, citizen, change.open_chat)


async def post_read(request: web.Request) -> web.StreamResponse:
    """The citizen reads everything, or up to `message`."""
    sim = sim_of(request)
    wanted = await read(request, dict[str, str])
    number = sim.number_of(wanted.get("number", ""))
    count = sending.citizen_reads(sim, _citizen(request), number.id, wanted.get("message", ""))
    return reply({"read": count})


async def post_played(request: web.Request) -> web.StreamResponse:
    """The citizen plays a voice message."""
    sim, citizen = sim_of(request), _citizen(request)
    name = (await read(request, dict[str, str])).get("message", "")
    message = sim.world.messages.get(name)
    if message is None or message.citizen != citizen.key or message.type != "audio":
        raise CantDo("there is no such voice message")
    sending.reach(sim, message, "played")
    return reply(view(message))


async def post_number(request: web.Request) -> web.StreamResponse:
    """The citizen gets another phone number."""
    sim, citizen = sim_of(request), _citizen(request)
    sim.change_number(citizen, (await read(request, dict[str, str])).get("phone", ""))
    sim.tell({"type": "citizen", "citizen": citizen_view(sim, citizen)})
    return reply(citizen_view(sim, citizen))


async def get_thread(request: web.Request) -> web.StreamResponse:
    """What was said between this citizen and a business number."""
    sim, citizen = sim_of(request), _citizen(request)
    number = sim.number_of(request.query.get("number", ""))
    messages = state.chat(sim.world, number.id, citizen.key)
    return reply({"number": number.id, "messages": [view(one) for one in messages]})


async def post_media(request: web.Request) -> web.StreamResponse:
    """A citizen's file: the raw bytes, their Content-Type, `?filename=`. Answers its id."""
    sim = sim_of(request)
    if request.content_type.startswith(("multipart/", "application/x-www-form-urlencoded")):
        raise CantDo("send the bytes of the file itself, with its own Content-Type")
    data = await request.read()
    if not data:
        raise CantDo("the file is empty")
    data, mime = _as_sent(data, request.headers.get("Content-Type", "application/octet-stream"))
    media = files.keep(
        sim.world,
        "",
        mime,
        data,
        sim.clock.now(),
        filename=request.query.get("filename", ""),
        seconds=state.INBOUND_MEDIA_FOR,
    )
    return reply({"id": media.id, "mime": media.mime, "size": len(data)}, 201)


def _as_sent(data: bytes, mime: str) -> tuple[bytes, str]:
    """A browser's recording in the wrapping WhatsApp gives it; anything else as it is."""
    if files.base_mime(mime) != "audio/webm":
        return data, mime
    try:
        return voice.ogg(data), "audio/ogg; codecs=opus"
    except voice.NotOpus as problem:
        raise CantDo(str(problem)) from None


async def get_media(request: web.Request) -> web.StreamResponse:
    """The bytes of a file, for the phone page."""
    media = sim_of(request).world.media.get(request.match_info["media"])
    if media is None:
        return reply({"error": "there is no such file"}, 404)
    safe = files.base_mime(media.mime).startswith(("image/", "audio/", "video/"))
    mime = media.mime if safe and "svg" not in media.mime else "application/octet-stream"
    headers = {"Content-Type": mime, "Cache-Control": "private, max-age=3600"}
    return web.Response(body=media.data, headers=headers)


def routes() -> list[web.RouteDef]:
    """Every endpoint about citizens."""
    return [
        web.get("/control/citizens", plain(get_citizens)),
        web.post("/control/citizens", plain(post_citizens)),
        web.post("/control/citizens/{key}", plain(post_change)),
        web.post("/control/citizens/{key}/say", plain(post_say)),
        web.post("/control/citizens/{key}/read", plain(post_read)),
        web.post("/control/citizens/{key}/played", plain(post_played)),
        web.post("/control/citizens/{key}/number", plain(post_number)),
        web.get("/control/citizens/{key}/thread", plain(get_thread)),
        web.post("/control/media", plain(post_media)),
        web.get("/control/media/{media}", plain(get_media)),
    ]
