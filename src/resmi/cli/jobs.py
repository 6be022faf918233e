"""`resmi jobs`: the process for everything slow."""

from __future__ import annotations

from typing import Annotated, cast

import typer
from procrastinate.contrib.django import app as queue
from procrastinate.contrib.django.django_connector import DjangoConnector

from resmi.operations import worker as watchman

app = typer.Typer()


@app.command()
def jobs(
    concurrency: Annotated[int, typer.Option(help="Jobs at the same time.", min=1)] = 4,
) -> None:
    """Runs slow jobs: fetching files, clean-up. As many as you like may run.

    Example: resmi jobs --concurrency 8
    """
    watchman.start()
    connector = cast(DjangoConnector, queue.connector).get_worker_connector()
    with queue.replace_connector(connector) as worker_queue:
        worker_queue.run_worker(name="jobs", concurrency=concurrency, wait=True)
