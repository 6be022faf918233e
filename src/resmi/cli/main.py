"""The `resmi` command."""

from __future__ import annotations

import os

import django
import typer
from django.core.management import execute_from_command_line

from resmi.config import embedded

app = typer.Typer(no_args_is_help=True, pretty_exceptions_enable=False, help=__doc__)


@app.callback()
def root() -> None:
    """The open contact centre for public agencies."""


def setup() -> None:
    """Makes the database reachable and Django ready; every command that needs them calls it."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "resmi.config.settings")
    embedded.ensure_database_url()
    django.setup()


@app.command(
    context_settings={"allow_extra_args": True, "ignore_unknown_options": True},
    add_help_option=False,
)
def manage(context: typer.Context) -> None:
    """Runs a Django management command. Example: resmi manage migrate."""
    setup()
    execute_from_command_line(["resmi manage", *context.args])


def main() -> None:
    """Entry point."""
    app(prog_name="resmi")


if __name__ == "__main__":
    main()
