"""`resmi serve`: the web process."""

from __future__ import annotations

from typing import Annotated

import typer
from granian import Granian
from granian.constants import HTTPModes, Interfaces, Loops
from granian.http import HTTP1Settings

from resmi.cli import collecting

app = typer.Typer()

# Who takes longer to say what they want, or says more before saying it, is not a browser nor Meta.
HEAD_MS = 10_000
LARGEST_HEAD = 64 * 1024


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
        # The proxy speaks newer HTTP to browsers; waiting for which it will be has no time limit.
        http=HTTPModes.http1,
        http1_settings=HTTP1Settings(header_read_timeout=HEAD_MS, max_buffer_size=LARGEST_HEAD),
        respawn_failed_workers=True,
        workers_kill_timeout=20,
    ).serve()
