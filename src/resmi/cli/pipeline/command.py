"""`resmi bench pipeline`: what the whole way of a message carries, measured."""

from __future__ import annotations

from typing import Annotated

import typer

from resmi.cli.pipeline import run


def pipeline(
    rate: Annotated[float, typer.Option(help="Questions per second.", min=1)] = 100,
    seconds: Annotated[float, typer.Option(help="How long.", min=1)] = 20,
    citizens: Annotated[int, typer.Option(help="How many people ask.", min=1)] = 20_000,
    companies: Annotated[int, typer.Option(help="Names in the register.", min=10)] = 30_000,
    workers: Annotated[int, typer.Option(help="Worker processes.", min=1)] = 2,
    naive: Annotated[bool, typer.Option(help="Measure a straightforward handler too.")] = False,
    limits: Annotated[bool, typer.Option(help="Measure what the parts do alone.")] = False,
    saturate: Annotated[bool, typer.Option(help="Look for the highest rate sustained.")] = False,
    flood: Annotated[int, typer.Option(help="Repeat beside so many unsigned POSTs.", min=0)] = 0,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON only.")] = False,
) -> None:
    """Sends signed webhooks at a fixed rate and times each reply at the far end.

    Everything is real and durable: embedded PostgreSQL, web, worker and sender in a temporary
    folder; each reply is reported sent, delivered and read.
    Example: resmi bench pipeline --rate 500 --seconds 30 --json
    """
    if not as_json:
        typer.echo(f"Asking {rate:g} times a second for {seconds:g} s", err=True)
    wish = run.Wish(
        rate=rate, seconds=seconds, citizens=citizens, companies=companies, workers=workers
    )
    extras = run.Extras(naive=naive, limits=limits, saturate=saturate, flood=flood)
    typer.echo(run.measure(wish, extras).encode().decode())
