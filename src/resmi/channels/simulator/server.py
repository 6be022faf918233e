"""Puts the simulator together and serves it."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
from collections.abc import AsyncIterator, Callable

from aiohttp import web

from resmi.channels.simulator import control, keeping, objects, phone
from resmi.channels.simulator.config import Config, check_mode
from resmi.channels.simulator.graph import SIMULATION
from resmi.channels.simulator.simulation import Simulation

LARGEST_BODY = 105 * 1024 * 1024
HANDSHAKE_EVERY = 2.0


def make_app(config: Config) -> web.Application:
    """The application, not yet listening. Does not check the mode: `serve` and `run` do."""
    app = web.Application(client_max_size=LARGEST_BODY)
    app[SIMULATION] = Simulation(config)
    app.cleanup_ctx.append(_running)
    app.on_shutdown.append(_hang_up)
    app.add_routes(control.routes())
    app.add_routes(phone.routes())
    app.add_routes(objects.routes())
    app.on_response_prepare.append(phone.secure)
    app.on_response_prepare.append(_note_change)
    return app


async def _running(app: web.Application) -> AsyncIterator[None]:
    sim = app[SIMULATION]
    await sim.courier.start()
    await keeping.take_up(sim)
    helpers = [asyncio.ensure_future(_knock(sim)), asyncio.ensure_future(keeping.keep(sim))]
    yield
    for helper in helpers:
        helper.cancel()
    await asyncio.gather(*helpers, return_exceptions=True)
    await sim.clock.close()
    await keeping.store(sim)
    await sim.courier.close()


async def _note_change(request: web.Request, _: web.StreamResponse) -> None:
    """What was asked for may have changed the world in a way nobody is told of."""
    if request.method != "GET":
        request.app[SIMULATION].changes += 1


async def _hang_up(app: web.Application) -> None:
    """Ends the event streams, which would otherwise hold the server up."""
    app[SIMULATION].tell({"type": "lost"})


async def _knock(sim: Simulation) -> None:
    """Registers the webhook as soon as it answers Meta's challenge."""
    while sim.courier.target.url and sim.courier.target.verify_token:
        if await sim.courier.handshake():
            break
        await asyncio.sleep(HANDSHAKE_EVERY)
    sim.tell({"type": "webhook", "webhook": sim.webhook_state()})


async def serve(
    config: Config,
    *,
    ready: Callable[[str], None] = lambda _: None,
    until: asyncio.Event | None = None,
) -> None:
    """Serves until `until` is set (or for ever); `ready` gets the address once it listens.

    Port 0 takes a free one. Raises `NotInProduction`, and `OSError` if the port is taken.
    """
    check_mode(os.environ)
    app = make_app(config)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.5)
    await runner.setup()
    try:
        site = web.TCPSite(runner, config.host, config.port)
        await site.start()
        port = runner.addresses[0][1]
        address = f"http://{config.host}:{port}"
        app[SIMULATION].base_url = config.base_url.rstrip("/") or address
        ready(address)
        await (until or asyncio.Event()).wait()
    finally:
        await runner.cleanup()


def run(config: Config) -> None:
    """Serves until interrupted (SIGINT or SIGTERM). Raises `NotInProduction`."""
    check_mode(os.environ)

    async def main() -> None:
        stop = asyncio.Event()
        loop = asyncio.get_running_loop()
        for name in (signal.SIGINT, signal.SIGTERM):
            with contextlib.suppress(NotImplementedError):
                loop.add_signal_handler(name, stop.set)
        await serve(config, until=stop)

    asyncio.run(main())
