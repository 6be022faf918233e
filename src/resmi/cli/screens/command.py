"""`resmi bench desk`: how fast open screens hear of what happens, measured."""

from __future__ import annotations

from typing import Annotated

import msgspec
import typer

from resmi.cli.screens import run


def desk(
    agents: Annotated[int, typer.Option(help="Agents with an open desk.", min=1)] = 500,
    rate: Annotated[float, typer.Option(help="Events per second.", min=0.1)] = 20,
    events: Annotated[int, typer.Option(help="How many events.", min=1)] = 400,
    workers: Annotated[int, typer.Option(help="Web processes.", min=1)] = 2,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON only.")] = False,
) -> None:
    """Opens a stream for each agent's desk and times what staff do until each screen knows.

    Real web processes, sessions, services and PostgreSQL in a temporary folder. Every fourth event
    concerns all screens, the others one. One screen in ten loses its connection and resumes.
    Example: resmi bench desk --agents 500 --json
    """
    if not as_json:
        typer.echo(f"Opening {agents} desks", err=True)
    wish = run.Wish(agents=agents, rate=rate, events=events, workers=workers)
    typer.echo(msgspec.json.format(msgspec.json.encode(run.measure(wish))).decode())
