"""The Graph API as Resmi sees it: messages and who may ask. Media and accounts: `objects.py`."""

from __future__ import annotations

import json
import re
from collections.abc import Awaitable, Callable

from aiohttp import web

from resmi.channels.simulator import bodies, faults, sending
from resmi.channels.simulator.bodies import ReadMark
from resmi.channels.simulator.errors import Denied, Refusal, no_such_object
from resmi.channels.simulator.simulation import Simulation
from resmi.channels.simulator.state import Json, Message, Number

SIMULATION = web.AppKey("simulation", Simulation)
OLDEST_VERSION = 21.0
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


def reply(body: object, status: int = 200) -> web.Response:
    """A JSON answer."""
    return web.Response(
        body=json.dumps(body, separators=(",", ":")).encode(),
        status=status,
        content_type="application/json",
        charset="UTF-8",
    )


def guarded(handler: Handler) -> Handler:
    """Checks version and token before a Graph endpoint and turns refusals into answers."""

    async def run(request: web.Request) -> web.StreamResponse:
        try:
            _check_version(request)
            check_token(request)
            return await handler(request)
        except Refusal as refusal:
            return reply(refusal.body(f"{id(request)}{request.path}"), refusal.http)

    return run


def _check_version(request: web.Request) -> None:
    version = request.match_info.get("version", "")
    if version and float(version[1:]) < OLDEST_VERSION:
        message = f"(#2635) You are calling a deprecated version ({version}) of the API."
        raise Denied(400, message, "OAuthException", 2635)


def check_token(request: web.Request) -> None:
    """Raises `Denied` (104 or 190) unless the request carries a good access token."""
    sim = request.app[SIMULATION]
    header = request.headers.get("Authorization", "")
    token = header.partition(" ")[2].strip() or request.query.get("access_token", "")
    if not token:
        message = "An access token is required to request this resource."
        raise Denied(401, message, "OAuthException", 104)
    if token in sim.world.expired_tokens:
        message = "Error validating access token: Session has expired."
        raise Denied(401, message, "OAuthException", 190, subcode=463)
    if sim.config.token and token != sim.config.token:
        message = "Invalid OAuth access token - Cannot parse access token"
        raise Denied(401, message, "OAuthException", 190)


def number_of(request: web.Request) -> Number:
    """The business number in the path. Raises `Denied` when there is none."""
    name = request.match_info["object"]
    number = request.app[SIMULATION].world.numbers.get(name)
    if number is None:
        raise no_such_object(name, request.method)
    return number


async def json_body(request: web.Request) -> Json:
    """The JSON object sent. Raises `Refusal` 100 for anything else."""
    try:
        body = json.loads(await request.read())
    except ValueError:
        raise Refusal(100, "Invalid parameter: the body is not JSON") from None
    if not isinstance(body, dict):
        raise Refusal(100, "The body must be a JSON object")
    return body


async def post_messages(request: web.Request) -> web.StreamResponse:
    """POST /{phone}/messages: send, mark as read, show typing."""
    sim = request.app[SIMULATION]
    await sim.clock.sleep(sim.faults.latency)
    if status := faults.take(sim.faults.http):
        return web.Response(status=status, text="Service Unavailable")
    number = number_of(request)
    wanted = bodies.read_body(await json_body(request))
    if isinstance(wanted, ReadMark):
        sending.mark_read(sim, number, wanted)
        return reply({"success": True})
    message = sending.send(sim, number, wanted)
    sim.tell_message(message)
    await sending.early(sim, message)
    hang = sim.faults.take_hang()
    if hang is not None:
        await sim.clock.sleep(hang)
        if request.transport is not None:
            request.transport.abort()
        return web.Response(status=500)
    return reply(accepted(message, wanted.to or wanted.recipient))


def accepted(message: Message, given: str) -> Json:
    """The answer to a message taken."""
    who = "wa_id" if message.addressed == "phone" else "user_id"
    result: Json = {"id": message.id}
    if message.type == "template":
        result["message_status"] = "accepted"
    return {
        "messaging_product": "whatsapp",
        "contacts": [{"input": given, who: message.recipient}],
        "messages": [result],
    }


def version_path(path: str) -> str:
    """A path under /{version}."""
    return r"/{version:v\d+\.\d+}" + re.sub("^/?", "/", path)
