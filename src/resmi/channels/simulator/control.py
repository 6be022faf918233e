"""The control API, for tests, the demo and the phone page: /control/… Nothing of it is Meta's.

Bodies are JSON (a web page elsewhere can't send that without being asked first). Errors are
`{"error": "what is wrong"}` with 400, or 404 for what does not exist.
"""

from __future__ import annotations

import asyncio
import json

import msgspec
from aiohttp import web

from resmi.channels.simulator import acting, objects
from resmi.channels.simulator.citizens import CantDo
from resmi.channels.simulator.faults import Faults
from resmi.channels.simulator.graph import reply
from resmi.channels.simulator.requests import plain, read, sim_of
from resmi.channels.simulator.simulation import view
from resmi.channels.simulator.state import Json, World

HEARTBEAT = 15.0


class NumberChange(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """What may be changed of a business number; `tier` is the whole portfolio's."""

    throughput: int | None = None
    quality: str | None = None
    status: str | None = None
    tier: int | None = None


class ClockChange(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """`advance` seconds, or go on to Unix time `at`; then run at `rate`."""

    advance: float = 0.0
    at: float | None = None
    rate: float | None = None


class TargetChange(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """Where webhooks go from now on; with a `verify_token` the challenge is made first."""

    url: str | None = None
    app_secret: str | None = None
    verify_token: str | None = None


class Raw(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """An account-level change (`field`, `value`), or a whole body as text, signed with `secret`."""

    field: str = ""
    value: Json = msgspec.field(default_factory=dict)
    waba: str = ""
    body: str = ""
    secret: str | None = None


class Verdict(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """A template's new status, with the reviewer's words if it is rejected."""

    status: str
    reason: str = ""


async def get_state(request: web.Request) -> web.StreamResponse:
    """Numbers, citizens, templates, clock, webhook and faults at a glance."""
    sim = sim_of(request)
    return reply(
        {
            "now": sim.clock.now(),
            "rate": sim.clock.rate,
            "portfolio": sim.world.portfolio,
            "tier": sim.world.tier,
            "numbers": msgspec.to_builtins(list(sim.world.numbers.values())),
            "citizens": [acting.citizen_view(sim, one) for one in sim.world.citizens.values()],
            "templates": msgspec.to_builtins(list(sim.world.templates.values())),
            "webhook": sim.webhook_state(),
            "faults": msgspec.to_builtins(sim.faults),
            "messages": len(sim.world.messages),
        }
    )


async def get_messages(request: web.Request) -> web.StreamResponse:
    """All messages; `direction=in|out`, `citizen=`, `status=` and `after=<Unix time>` narrow it."""
    query = request.query
    after = float(query.get("after", "0"))
    found = [
        view(one)
        for one in sim_of(request).world.messages.values()
        if query.get("direction", one.direction) == one.direction
        and query.get("citizen", one.citizen) == one.citizen
        and query.get("status", one.status()) == one.status()
        and one.at > after
    ]
    return reply({"messages": found})


async def get_faults(request: web.Request) -> web.StreamResponse:
    """What is made to go wrong now."""
    return reply(msgspec.to_builtins(sim_of(request).faults))


async def put_faults(request: web.Request) -> web.StreamResponse:
    """Sets all faults anew: what is not named is healthy again."""
    sim = sim_of(request)
    sim.faults = await read(request, Faults)
    return reply(msgspec.to_builtins(sim.faults))


async def post_clock(request: web.Request) -> web.StreamResponse:
    """Lets time pass or changes its pace."""
    sim = sim_of(request)
    change = await read(request, ClockChange)
    if change.at is not None:
        change.advance = change.at - sim.clock.now()
    if change.advance:
        await sim.clock.advance(change.advance)
    if change.rate is not None:
        sim.clock.set_rate(change.rate)
    return reply({"now": sim.clock.now(), "rate": sim.clock.rate})


async def post_settle(request: web.Request) -> web.StreamResponse:
    """Answers when every webhook under way has been answered."""
    await sim_of(request).clock.settle()
    return reply({"now": sim_of(request).clock.now()})


async def post_webhook(request: web.Request) -> web.StreamResponse:
    """Registers the webhook; 400 when the challenge fails."""
    sim = sim_of(request)
    change = await read(request, TargetChange)
    target = sim.courier.target
    target.url = target.url if change.url is None else change.url
    target.secret = target.secret if change.app_secret is None else change.app_secret
    if change.verify_token is not None:
        target.verify_token = change.verify_token
        if not await sim.courier.handshake():
            raise CantDo(
                f"{target.url} did not answer the challenge: is the verify token the same?"
            )
    sim.tell({"type": "webhook", "webhook": sim.webhook_state()})
    return reply(sim.webhook_state())


async def get_webhooks(request: web.Request) -> web.StreamResponse:
    """The last POSTs made, oldest first."""
    sim = sim_of(request)
    return reply({**sim.webhook_state(), "attempts": msgspec.to_builtins(list(sim.courier.log))})


async def post_raw(request: web.Request) -> web.StreamResponse:
    """Sends an account-level change, or any bytes at all."""
    sim = sim_of(request)
    raw = await read(request, Raw)
    if raw.body:
        secret = sim.courier.target.secret if raw.secret is None else raw.secret
        return reply({"status": await sim.courier.post_raw(raw.body.encode(), secret)})
    if not raw.field:
        raise CantDo("name a `field` and its `value`, or give a `body`")
    sim.account_notice(raw.field, raw.value, raw.waba)
    return reply({})


async def post_business(request: web.Request) -> web.StreamResponse:
    """Changes a business number; quality and tier are told by webhook as Meta does."""
    sim = sim_of(request)
    number = sim.number_of(request.match_info["number"])
    change = await read(request, NumberChange)
    number.throughput = change.throughput or number.throughput
    number.status = change.status or number.status
    if change.quality and change.quality != number.quality:
        number.quality = change.quality
        event = "UNFLAGGED" if change.quality == "GREEN" else "FLAGGED"
        value = {"display_phone_number": number.display, "event": event}
        value["current_limit"] = objects.TIERS.get(sim.world.tier, "TIER_UNLIMITED")
        sim.account_notice("phone_number_quality_update", value, number.waba)
    if change.tier is not None:
        sim.world.tier = change.tier
        limit = {"max_daily_conversations_per_business": change.tier or -1}
        sim.account_notice(
            "business_capability_update", {**limit, "max_phone_numbers_per_waba": 25}, number.waba
        )
    return reply(msgspec.to_builtins(number))


async def post_template(request: web.Request) -> web.StreamResponse:
    """Gives a template a status: APPROVED, REJECTED, PAUSED, DISABLED."""
    sim = sim_of(request)
    template = sim.world.templates.get(request.match_info["template"])
    if template is None:
        raise CantDo("there is no such template")
    verdict = await read(request, Verdict)
    problem = {"reason": verdict.reason, "recommendation": ""} if verdict.reason else None
    objects.judge(sim, template, verdict.status, problem)
    return reply(msgspec.to_builtins(template))


async def post_expire(request: web.Request) -> web.StreamResponse:
    """Lets an access token expire (`token`), or be good again (`revive`)."""
    sim = sim_of(request)
    wanted = await read(request, dict[str, str])
    tokens = {*sim.world.expired_tokens, wanted.get("token", "")} - {wanted.get("revive", ""), ""}
    sim.world.expired_tokens = sorted(tokens)
    return reply({"expired": len(tokens)})


async def get_snapshot(request: web.Request) -> web.StreamResponse:
    """The whole world, to be put back later."""
    body = msgspec.json.encode(sim_of(request).world)
    return web.Response(body=body, content_type="application/json")


async def put_snapshot(request: web.Request) -> web.StreamResponse:
    """Puts a world back; what was under way is dropped."""
    sim = sim_of(request)
    world = await read(request, World)
    sim.reset()
    sim.world = world
    return reply({"messages": len(world.messages)})


async def post_reset(request: web.Request) -> web.StreamResponse:
    """Begins again."""
    sim_of(request).reset()
    return reply({})


async def get_events(request: web.Request) -> web.StreamResponse:
    """Everything that happens, as server-sent events: message, typing, webhook, citizen, reset."""
    sim = sim_of(request)
    stream = web.StreamResponse(
        headers={"Content-Type": "text/event-stream", "Cache-Control": "no-store"}
    )
    queue = sim.watch()
    try:
        await stream.prepare(request)
        await stream.write(b"retry: 1000\n\n")
        while True:
            try:
                event = await asyncio.wait_for(queue.get(), HEARTBEAT)
            except TimeoutError:
                await stream.write(b": still here\n\n")
                continue
            await stream.write(b"data: " + json.dumps(event).encode() + b"\n\n")
            if event["type"] == "lost":
                break
    except (ConnectionError, asyncio.CancelledError):
        pass
    finally:
        sim.unwatch(queue)
    return stream


def routes() -> list[web.RouteDef]:
    """Every control endpoint."""
    return [
        *acting.routes(),
        web.get("/control/state", plain(get_state)),
        web.get("/control/events", get_events),
        web.get("/control/messages", plain(get_messages)),
        web.get("/control/faults", plain(get_faults)),
        web.put("/control/faults", plain(put_faults)),
        web.post("/control/clock", plain(post_clock)),
        web.post("/control/settle", plain(post_settle)),
        web.post("/control/webhook", plain(post_webhook)),
        web.get("/control/webhooks", plain(get_webhooks)),
        web.post("/control/raw", plain(post_raw)),
        web.post("/control/numbers/{number}", plain(post_business)),
        web.post("/control/templates/{template}", plain(post_template)),
        web.post("/control/tokens", plain(post_expire)),
        web.get("/control/snapshot", plain(get_snapshot)),
        web.put("/control/snapshot", plain(put_snapshot)),
        web.post("/control/reset", plain(post_reset)),
    ]
