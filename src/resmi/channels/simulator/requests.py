"""What control endpoints share: reading a JSON body, saying what can't be done."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TypeVar

import msgspec
from aiohttp import web

from resmi.channels.simulator.citizens import CantDo
from resmi.channels.simulator.graph import SIMULATION, reply
from resmi.channels.simulator.simulation import Simulation

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
Kind = TypeVar("Kind")


def plain(handler: Handler) -> Handler:
    """Turns what can't be done into a 400 that says why."""

    async def run(request: web.Request) -> web.StreamResponse:
        try:
            return await handler(request)
        except (CantDo, ValueError, TypeError) as problem:
            return reply({"error": str(problem)}, 400)

    return run


async def read(request: web.Request, kind: type[Kind]) -> Kind:
    """The JSON body as a `kind`. Raises `CantDo` or `ValueError` when it is none."""
    if request.content_type != "application/json":
        raise CantDo("send JSON with Content-Type: application/json")
    return msgspec.json.decode(await request.read() or b"{}", type=kind)


def sim_of(request: web.Request) -> Simulation:
    """The simulation this server runs."""
    return request.app[SIMULATION]
