"""`resmi manage`: Django's management commands."""

from __future__ import annotations

import typer
from django.core.management import execute_from_command_line

app = typer.Typer()


@app.command(
    context_settings={"allow_extra_args": True, "ignore_unknown_options": True},
    add_help_option=False,
)
def manage(context: typer.Context) -> None:
    """Runs a Django management command. Example: resmi manage migrate."""
    execute_from_command_line(["resmi manage", *context.args])
