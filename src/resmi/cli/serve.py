"""`resmi serve`: the web process."""

from __future__ import annotations

from typing import Annotated

import typer
from granian import Granian
from granian.constants import Interfaces, Loops

from resmi.cli import collecting

app = typer.Typer()


@app.command()
def serve(
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="Port to listen on.")] = 8700,
    workers: Annotated[int, typer.Option(help="Processes that answer.", min=1)] = 1,
) -> None:
    """Answers web requests and webhooks. Put a proxy that speaks HTTPS before it.

    Example: resmi serve --port 8700 --workers 2
    """
    collecting.ensure()
    Granian(
        "resmi.config.asgi:application",
        address=host,
        port=port,
        workers=workers,
        interface=Interfaces.ASGI,
        loop=Loops.uvloop,
        websockets=False,
        respawn_failed_workers=True,
        workers_kill_timeout=20,
    ).serve()
