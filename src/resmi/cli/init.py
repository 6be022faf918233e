"""`resmi init`: everything an installation needs before its first start."""

from __future__ import annotations

import os
import sys
from datetime import UTC, datetime
from typing import Annotated

import typer
from django.conf import settings
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError

from resmi.agency import services
from resmi.agency.models import Role, User
from resmi.cli import secret, tables
from resmi.cli.trouble import Trouble
from resmi.config import environment
from resmi.registry.receipts import keyring

app = typer.Typer()


@app.command()
def init(
    email: Annotated[str, typer.Option(help="E-mail address of the first administrator.")] = "",
    name: Annotated[str, typer.Option(help="Name of the first administrator.")] = "",
    admin: Annotated[bool, typer.Option(help="Create the first administrator.")] = True,
) -> None:
    """Makes the home folder and secret key, brings tables up to date, creates an administrator.

    Doing it again changes only what is missing: run it after every update. The password is asked
    for, or read from standard input when that is not a terminal.
    Example: resmi init --email ani@agency.example --name "Ani Wijaya"
    """
    home = environment.home(os.environ)
    if not os.environ.get("RESMI_SECRET_KEY") and secret.ensure_key(home):
        print(f"Made the secret key {home / environment.KEY_FILE}: back it up.")
    if keyring.ensure(settings.RECEIPT_KEYS, datetime.now(UTC)):
        print(f"Made the keys receipts are signed with, {settings.RECEIPT_KEYS}: back them up.")
    tables.migrate()
    print(f"Tables are up to date. {tables.put_queues()} queues are as the pack says.")
    if admin and not User.objects.filter(role=Role.ADMIN, is_active=True).exists():
        _create_administrator(email, name)
    print("Next: resmi doctor")


def _create_administrator(email: str, name: str) -> None:
    asking = sys.stdin.isatty()
    if not asking and not (email and name):
        raise Trouble(
            "there is no administrator yet: give --email and --name and the password on standard "
            "input, or --no-admin."
        )
    email = email or typer.prompt("E-mail address of the first administrator")
    name = name or typer.prompt("Name")
    if asking:
        password = typer.prompt("Password", hide_input=True, confirmation_prompt=True)
    else:
        password = sys.stdin.readline().rstrip("\n")
    try:
        validate_password(password)
    except ValidationError as weak:
        raise Trouble(f"this password won't do: {' '.join(weak.messages)}") from weak
    services.create_account(actor=None, email=email, name=name, role=Role.ADMIN, password=password)
    print(f"Created the administrator {name} <{email}>.")
