"""`resmi static`: the files browsers load, ready to be sent."""

from __future__ import annotations

import typer
from django.conf import settings

from resmi.cli import collecting, startup

app = typer.Typer()


@app.command()
def static() -> None:
    """Collects and compresses what browsers load; `make install` and every start do it too.

    Example: resmi static
    """
    startup.setup(database=False)
    if collecting.ensure():
        print(f"Collected what browsers load into {settings.STATIC_ROOT}.")
    else:
        print(f"What browsers load is up to date in {settings.STATIC_ROOT}.")
