"""A world kept in a file, so that a restarted simulator goes on where the last one stopped.

Resmi remembers every chat. A platform that had forgotten them would show an empty phone to somebody
who waits for an answer, and what was under way when it ended would never arrive.
"""

from __future__ import annotations

import asyncio
import logging
import os
from pathlib import Path

import msgspec

from resmi.channels.simulator import sending
from resmi.channels.simulator.simulation import Simulation
from resmi.channels.simulator.state import Message, World

STORE_EVERY_S = 1.0
# Reports this old were taken before the end, or tried again long enough.
RETOLD_S = 60.0

log = logging.getLogger(__name__)


class Kept(msgspec.Struct, kw_only=True):
    """What the file holds: the world, and when (Unix seconds) it was so."""

    at: float
    world: World


async def take_up(sim: Simulation) -> None:
    """Goes on with the world in the file, if there is one; nothing else happened in `sim` yet.

    A file of another shape is put aside (`….unreadable`) and said to be so. Raises `OSError`.
    """
    if not sim.config.keep:
        return
    kept = await asyncio.to_thread(_read, Path(sim.config.keep))
    if kept is not None:
        await sim.clock.advance(max(0.0, kept.at - sim.clock.now()))
        _take(sim, kept)


def _read(path: Path) -> Kept | None:
    try:
        return msgspec.json.decode(path.read_bytes(), type=Kept)
    except FileNotFoundError:
        return None
    except msgspec.DecodeError as error:
        aside = path.with_name(path.name + ".unreadable")
        log.warning("the world in %s can't be read, it is now %s: %s", path, aside, error)
        path.replace(aside)
        return None


def _take(sim: Simulation, kept: Kept) -> None:
    sim.world = kept.world
    sim.world.born = sim.birth()  # what was given after the last store is not in the file
    for message in kept.world.messages.values():
        if message.direction == "in":
            if message.reached("sent") and not message.reached("delivered"):
                sim.hand_over(message)
        else:
            _go_on(sim, message, kept.at - RETOLD_S)


def _go_on(sim: Simulation, message: Message, since: float) -> None:
    citizen = sim.world.citizens.get(message.citizen)
    for step in message.steps:
        if step.at >= since and step.status != "accepted":
            sim.courier.put([sim.report(message, step.status, step.at)])
    if message.error and not message.reached("failed"):
        sending.fall(sim, message)
    elif message.status() == "accepted":
        sending.leave(sim, citizen, message)
    elif message.status() == "sent" and citizen is not None and message.type != "reaction":
        sending.arrive(sim, citizen, message)


async def keep(sim: Simulation) -> None:
    """Stores the world again and again while it changes."""
    if not sim.config.keep:
        return
    stored = -1
    while True:
        if sim.changes != stored:
            stored = sim.changes
            await store(sim)
        await asyncio.sleep(STORE_EVERY_S)


async def store(sim: Simulation) -> None:
    """Writes the world into its file, whole or not at all; what can't be written is logged."""
    if not sim.config.keep:
        return
    raw = msgspec.json.encode(Kept(at=sim.clock.now(), world=sim.world))
    try:
        await asyncio.to_thread(_write, Path(sim.config.keep), raw)
    except OSError as error:
        log.warning("the world can't be kept in %s: %s", sim.config.keep, error)


def _write(path: Path, raw: bytes) -> None:
    part = path.with_name(path.name + ".part")
    part.write_bytes(raw)
    os.replace(part, path)
