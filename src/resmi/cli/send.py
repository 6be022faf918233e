"""`resmi send`: the sender process."""

from __future__ import annotations

import typer

from resmi.channels import sender
from resmi.operations import worker as watchman

app = typer.Typer()


@app.command()
def send() -> None:
    """Sends what is due to citizens, in order and at the pace the channel allows.

    As many as you like may run, on any machine.
    Example: resmi send
    """
    watchman.start()
    sender.main()
