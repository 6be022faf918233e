"""`resmi bench growth`: whether the hot parts stay as fast while the log grows, measured."""

from __future__ import annotations

import subprocess
import sys
from typing import Annotated

import msgspec
import typer

from resmi.cli.pipeline import rig
from resmi.cli.trouble import Trouble


def growth(
    messages: Annotated[
        str, typer.Option(help="Sizes to fill up to and measure at, ascending.")
    ] = "1000000,3000000,10000000",
    companies: Annotated[int, typer.Option(help="Names in the register.", min=10)] = 3_000,
) -> None:
    """Fills a database of its own and times claiming, answering, lists, threads and search.

    Ten million messages take about 35 GB in the folder for temporary files (TMPDIR), given back at
    the end. Prints JSON; progress goes to standard error.
    Example: resmi bench growth --messages 200000,1000000
    """
    try:
        sizes = [int(size) for size in messages.split(",")]
    except ValueError as error:
        raise Trouble(f"{messages!r} is no list of sizes: try 200000,1000000.") from error
    if sizes != sorted(sizes) or sizes[0] < 200_000:
        raise Trouble("the sizes must ascend and begin with 200000 or more.")
    with rig.house(companies) as built:
        command = [sys.executable, "-m", "resmi.cli.main", "bench-growth"]
        done = subprocess.run(
            [*command, "--messages", ",".join(map(str, sizes))],
            env=built.env,
            stdout=subprocess.PIPE,
            check=False,
        )
    if done.returncode:
        raise Trouble("the measurement failed; the reason stands above.")
    typer.echo(msgspec.json.format(done.stdout).decode())
