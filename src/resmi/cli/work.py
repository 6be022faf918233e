"""`resmi work`: the worker process."""

from __future__ import annotations

import typer

from resmi.cli import stopping
from resmi.conversations import worker
from resmi.operations import worker as watchman

app = typer.Typer()


@app.command()
def work() -> None:
    """Handles what citizens sent. As many as you like may run, on any machine.

    Example: resmi work
    """
    stop = stopping.on_signal()
    watchman.start(stop)
    worker.run(stop)
