"""`resmi database`: the embedded PostgreSQL by hand, and what restores put aside."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer

from resmi.cli.keeping import asides
from resmi.config import embedded, environment

app = typer.Typer()


@app.command()
def start() -> None:
    """Starts the embedded PostgreSQL and prints its URL. Example: resmi database start."""
    print(embedded.start(_folder()))


@app.command()
def stop() -> None:
    """Stops it; data stays. Example: resmi database stop."""
    print("stopped" if embedded.stop(_folder()) else "it was not running")


@app.command()
def status() -> None:
    """Says whether it runs, and where. Exit code 3 when not. Example: resmi database status."""
    found = embedded.status(_folder())
    print(f"{found.state} {found.folder} {found.url}".strip())
    if found.state != "running":
        raise typer.Exit(3)


@app.command()
def kept() -> None:
    """Lists databases and files that restores put aside. Example: resmi database kept."""
    found = asides.kept(embedded.ensure_database_url(), os.environ)
    for aside in found:
        size = "no database" if aside.bytes is None else f"{aside.bytes / 1_000_000:,.1f} MB"
        print(f"{aside.stamp}  {size}, {', '.join(map(str, aside.files)) or 'no files'}")
    if not found:
        print("Nothing is kept aside.")


@app.command()
def forget(
    stamp: Annotated[str, typer.Argument(help="Its time, as `resmi database kept` lists it.")],
    yes: Annotated[bool, typer.Option("--yes", help="Do it without asking.")] = False,
) -> None:
    """Removes for good what a restore put aside.

    Example: resmi database forget 20260131020000
    """
    url = embedded.ensure_database_url()
    aside = asides.find(stamp, url, os.environ)
    if not yes:
        typer.confirm(f"Remove what was put aside at {stamp}? It can't be undone.", abort=True)
    asides.forget(aside, url)
    print("Removed.")


def _folder() -> Path:
    return environment.home(os.environ) / "postgres"
