"""What the parts of the pipeline can do alone. Run as `resmi bench-limits` by the measurement."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterator
from datetime import UTC, datetime
from typing import Annotated

import msgspec
import typer
import uvloop
from django.conf import settings

from resmi.channels.whatsapp import graph, signature, splitting, storing
from resmi.cli.pipeline import load, names
from resmi.registry import services as registry

ITEMS = 40
POSTS = 400
SENT = 8000
AT_ONCE = 32
ASKED = 5000

app = typer.Typer()


class Limits(msgspec.Struct, frozen=True, kw_only=True):
    """How many a second each part does with the machine to itself.

    `webhook_items_per_s`: signature checked, split, committed (four are one answer);
    `sends_per_s`: POSTed to the sink and answered; `verdicts_per_s`: one thread.
    """

    webhook_items_per_s: float
    sends_per_s: float
    verdicts_per_s: float


@app.command()
def limits(
    companies: Annotated[int, typer.Option(help="Names in the register.")] = 30_000,
) -> None:
    """Measures the parts on the configured database and prints JSON."""
    measured = Limits(
        webhook_items_per_s=round(uvloop.run(_store()) * ITEMS, 0),
        sends_per_s=round(uvloop.run(_send()), 0),
        verdicts_per_s=round(_verify(companies), 0),
    )
    typer.echo(msgspec.json.encode(measured).decode())


async def _rate(count: int, one: Callable[[int], Awaitable[object]]) -> float:
    numbers = iter(range(count))

    async def lane() -> None:
        for number in numbers:
            await one(number)

    begin = time.perf_counter()
    await asyncio.gather(*(lane() for _ in range(AT_ONCE)))
    return count / (time.perf_counter() - begin)


async def _store() -> float:
    """POSTs a second of 40 items each, without HTTP."""
    storage = storing.Storage()
    bodies = list(_bodies())
    secret = settings.WHATSAPP_APP_SECRETS[0]
    signatures = [signature.sign(secret, body) for body in bodies]

    async def one(number: int) -> None:
        body = bodies[number]
        if signature.is_genuine([secret], body, signatures[number]):
            await storage.put(splitting.split(body, received=datetime.now(UTC)))

    try:
        return await _rate(POSTS, one)
    finally:
        await storage.close()


def _bodies() -> Iterator[bytes]:
    """Statuses of messages nobody sent: they are stored like any other."""
    for post in range(POSTS):
        numbers = range(post * ITEMS, (post + 1) * ITEMS)
        items = [
            f'{{"id":"wamid.limit{n}","status":"sent","timestamp":"1767225600",'
            f'"recipient_id":"62899{n:08}"}}'
            for n in numbers
        ]
        yield load.body([f"62899{n:08}" for n in numbers], items, "statuses")


async def _send() -> float:
    async with graph.connect(
        settings.WHATSAPP_GRAPH_URL, settings.WHATSAPP_TOKEN, connections=AT_ONCE
    ) as client:
        said = {"to": "+6289900000000", "type": "text", "text": {"body": "x" * 400}}
        return await _rate(SENT, lambda _: client.send(load.NUMBER, said))


def _verify(companies: int) -> float:
    known = list(names.names(companies))
    index = registry.current_index()
    begin = time.perf_counter()
    for number in range(ASKED):
        index.verify(f"Apakah PT {known[number * 7 % companies]} terdaftar?")
    return ASKED / (time.perf_counter() - begin)
