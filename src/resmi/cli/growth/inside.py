"""Fills and measures the database that `resmi bench growth` made; a process of its own."""

from __future__ import annotations

import sys
import time
from typing import Annotated, Any

import msgspec
import typer
from django.conf import settings
from django.core.management import CommandError
from django.db import connection

from resmi.cli.growth import filling, measuring

app = typer.Typer()


@app.command()
def grow(messages: Annotated[str, typer.Option(help="Sizes: 1000000,3000000.")]) -> None:
    """Prints what was measured at each size, as JSON."""
    if settings.MODE != "demo":
        raise CommandError("Made-up messages belong in RESMI_MODE=demo only.")
    sizes = [int(size) for size in messages.split(",")]
    report: list[dict[str, Any]] = []
    have = 0
    furniture: dict[str, int] = {}
    for size in sizes:
        begin = time.perf_counter()
        filling.fill(size - have, lambda words: print(words, file=sys.stderr))
        filled = time.perf_counter() - begin
        furniture = furniture or measuring.furnish()
        found = measuring.measure(furniture)
        report.append(
            {"messages": size, "fill_s": round(filled, 1), "database_mb": _megabytes(), **found}
        )
        print(msgspec.json.encode(report[-1]).decode(), file=sys.stderr)
        have = size
    print(msgspec.json.encode({"sizes": report, "growth": _growth(report)}).decode())


def _growth(report: list[dict[str, Any]]) -> dict[str, float]:
    """How many times the time at the first size each part takes at the last."""
    first, last = report[0], report[-1]
    return {name: round(last[name] / first[name], 2) for name in first if name.endswith("_ms")}


def _megabytes() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_database_size(current_database()) / 1000000")
        return int(cursor.fetchone()[0])
