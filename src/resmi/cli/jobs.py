"""`resmi jobs`: the process for everything slow."""

from __future__ import annotations

import os
import signal
import threading
from typing import Annotated, cast

import typer
from procrastinate.contrib.django import app as queue
from procrastinate.contrib.django.django_connector import DjangoConnector

from resmi.channels.tasks import own_connection
from resmi.operations import stepping
from resmi.operations import worker as watchman

app = typer.Typer()


@app.command()
def jobs(
    concurrency: Annotated[int, typer.Option(help="Jobs at the same time.", min=1)] = 4,
) -> None:
    """Runs slow jobs: fetching files, clean-up. As many as you like may run.

    Example: resmi jobs --concurrency 8
    """
    again = threading.Event()
    watchman.start(on_step=lambda: _begin_again(again))
    connector = cast(DjangoConnector, queue.connector).get_worker_connector()
    while True:
        with queue.replace_connector(connector) as worker_queue:
            worker_queue.run_worker(name="jobs", concurrency=concurrency, wait=True)
        if not again.is_set():
            return
        again.clear()
        with own_connection():
            stepping.free_periodic()  # what was begun between the step and the end of the round


def _begin_again(again: threading.Event) -> None:
    """Ends this round of work, with what is running, for a next one.

    The queue remembers up to when it began periodic jobs. After the clock was set back it would
    wait until that moment comes again.
    """
    again.set()
    os.kill(os.getpid(), signal.SIGTERM)
