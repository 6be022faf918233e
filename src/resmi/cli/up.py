"""`resmi up`: a whole small installation in one process tree."""

from __future__ import annotations

import asyncio
import os
from typing import Annotated

import typer

from resmi.cli import diagnosis, keeper, main, nursery, preloading, supervisor
from resmi.cli.trouble import Trouble
from resmi.config import embedded, environment

app = typer.Typer()


@app.command()
def up(
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="Port to listen on.")] = 8700,
    web: Annotated[int, typer.Option(help="Web processes.", min=1)] = 1,
    workers: Annotated[int, typer.Option(help="Worker processes.", min=1)] = 1,
) -> None:
    """Runs web, worker, sender and jobs together and restarts what falls. Ctrl-C drains and ends.

    Example: resmi up --port 8700
    """
    own_server = bool(os.environ.get("RESMI_DATABASE_URL"))
    embedded.ensure_database_url()
    wrong = [finding for finding in diagnosis.examine(os.environ) if finding.level == "error"]
    if wrong:
        told = "\n".join(f"  - {finding.text}\n    {finding.mend}" for finding in wrong)
        raise Trouble(f"this installation is not ready:\n{told}")
    programs = [
        supervisor.resmi("serve", "--host", host, "--port", str(port), "--workers", str(web)),
        *(supervisor.resmi("work") for _ in range(workers)),
        supervisor.resmi("send"),
        supervisor.resmi("jobs"),
    ]
    voice = supervisor.Voice([*(program.name for program in programs), "database"])
    folder = environment.home(os.environ) / "postgres"
    chores = [] if own_server else [keeper.keep(folder, voice)]
    preloading.load()
    nursery.settle()
    copies = nursery.Nursery(main.run, preloading.load)
    try:
        house = supervisor.Supervisor(programs, chores=chores, say=voice, copies=copies)
        asyncio.run(house.run())
    finally:
        copies.close()
        if not own_server:
            embedded.stop(folder)
