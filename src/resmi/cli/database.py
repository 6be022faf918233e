"""`resmi database`: the embedded PostgreSQL by hand."""

from __future__ import annotations

import os
from pathlib import Path

import typer

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


def _folder() -> Path:
    return environment.home(os.environ) / "postgres"
