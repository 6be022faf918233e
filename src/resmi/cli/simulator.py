"""`resmi simulator`: the process that stands in for WhatsApp and for citizens."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer

from resmi.channels.simulator import server
from resmi.channels.simulator.config import Config, NotInProduction
from resmi.cli.trouble import Trouble

app = typer.Typer()


@app.command()
def simulator(
    port: Annotated[int, typer.Option(help="Port to listen on, on loopback only.")] = 8701,
    webhook: Annotated[
        str, typer.Option(help="Where Resmi takes webhooks.")
    ] = "http://127.0.0.1:8700/hooks/whatsapp",
    frame: Annotated[
        str, typer.Option(help="Origin of the page that may show the phone in a frame.")
    ] = "",
    keep: Annotated[
        Path | None, typer.Option(help="File in which chats outlive this process.")
    ] = None,
) -> None:
    """Stands in for WhatsApp and for citizens; the phone is at /phone. Only in RESMI_MODE=demo.

    App secret, verify token and access token are those of RESMI_WHATSAPP_….
    Example: RESMI_MODE=demo resmi simulator --port 8701
    """
    secrets = os.environ.get("RESMI_WHATSAPP_APP_SECRETS", "").split(",")
    config = Config(
        port=port,
        webhook_url=webhook,
        app_secret=secrets[0].strip() or "simulator",
        verify_token=os.environ.get("RESMI_WHATSAPP_VERIFY_TOKEN", ""),
        token=os.environ.get("RESMI_WHATSAPP_TOKEN", ""),
        frame_ancestors=(frame,) if frame else (),
        keep=str(keep or ""),
    )
    try:
        server.run(config)
    except NotInProduction as error:
        raise Trouble(str(error)) from error
    except OSError as error:
        raise Trouble(f"Port {port} can't be used: {error.strerror}.") from error
