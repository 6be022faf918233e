"""Fills the database of a measurement. Run as `resmi bench-seed` in a process of its own."""

from __future__ import annotations

import io
from datetime import date
from typing import Annotated

import typer
from django.conf import settings
from django.core.management import CommandError

from resmi.channels.models import Channel
from resmi.cli import tables
from resmi.cli.pipeline import load, names
from resmi.registry import services as registry

app = typer.Typer()


@app.command()
def seed(
    companies: Annotated[int, typer.Option(help="Names in the register.")] = 30_000,
    limit: Annotated[int, typer.Option(help="Messages per second the channel allows.")] = 30_000,
) -> None:
    """Fills an empty database with an invented register and one channel."""
    if settings.MODE != "demo":
        raise CommandError("Invented companies belong in RESMI_MODE=demo only.")
    tables.migrate()
    tables.put_queues()
    Channel.objects.create(
        kind="whatsapp",
        name="Bench",
        address=load.NUMBER,
        account=load.ACCOUNT,
        display_address=load.DISPLAY,
        messages_per_second=limit,
    )
    registry.import_csv(
        actor=None,
        file=io.BytesIO(names.as_csv(companies)),
        source="Bench register",
        authority="Bench",
        as_of=date(2026, 1, 1),
    )
