"""`resmi retention`: how long what is kept, and dropping what is older."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated

import typer

from resmi.cli.trouble import Trouble
from resmi.operations import retention
from resmi.operations.retention import Part

app = typer.Typer()
MEGABYTE = 1_000_000

_Contact = Annotated[int, typer.Argument(help="The contact's number.")]


@app.callback()
def group() -> None:
    """How long what came in and conversations are kept. Without a policy: for ever."""


@app.command("set")
def set_policy(
    inbound_days: Annotated[
        int | None, typer.Option(help="Days for raw items; 0: for ever.", show_default="unchanged")
    ] = None,
    conversation_days: Annotated[
        int | None, typer.Option(help="Days after closing; 0: for ever.", show_default="unchanged")
    ] = None,
) -> None:
    """Sets the policy; it is applied every night at 3:10. What is not given stays as it is.

    Example: resmi retention set --inbound-days 90 --conversation-days 1825
    """
    if inbound_days is None and conversation_days is None:
        raise Trouble("say how many days: --inbound-days, --conversation-days, or both.")
    now = retention.policy()
    try:
        retention.set_policy(
            actor=None,
            inbound_days=_chosen(inbound_days, now.inbound_days),
            conversation_days=_chosen(conversation_days, now.conversation_days),
        )
    except retention.Refused as error:
        raise Trouble(str(error)) from error
    plan()


def _chosen(given: int | None, now: int | None) -> int | None:
    return now if given is None else given or None


@app.command()
def plan() -> None:
    """Says what would go now and what stays although it is old; drops nothing.

    Example: resmi retention plan
    """
    _tell(retention.plan(datetime.now(UTC)))


@app.command()
def apply(
    yes: Annotated[bool, typer.Option("--yes", help="Do it without asking.")] = False,
) -> None:
    """Drops what is old, after showing it. What is dropped is only in your backups.

    Example: resmi retention apply
    """
    now = datetime.now(UTC)
    parts = retention.plan(now)
    _tell(parts)
    if any(not part.stays for part in parts):
        if not yes:
            typer.confirm("Drop this?", abort=True)
        gone = retention.apply(actor=None, now=now)
        print(f"Dropped {len(gone)} parts, {_megabytes(gone)} MB.")


@app.command()
def hold(
    contact: _Contact, reason: Annotated[str, typer.Option(help="Why; it is written down.")]
) -> None:
    """Keeps everything of a contact, whatever the policy says.

    Example: resmi retention hold 4711 --reason "Court order 12/2026"
    """
    try:
        retention.hold(actor=None, contact_id=contact, reason=reason)
    except retention.Refused as error:
        raise Trouble(str(error)) from error
    print(f"Everything of contact {contact} is kept until it is released.")


@app.command()
def release(contact: _Contact) -> None:
    """Ends a hold. Example: resmi retention release 4711."""
    try:
        retention.release(actor=None, contact_id=contact, now=datetime.now(UTC))
    except retention.Refused as error:
        raise Trouble(str(error)) from error
    print(f"The policy holds for contact {contact} again.")


def _tell(parts: list[Part]) -> None:
    keep = retention.policy()
    print(f"Raw items are kept {_days(keep.inbound_days)}.")
    print(f"Conversations are kept {_days(keep.conversation_days)} after closing.")
    for part in parts:
        what = f"{part.kind} {part.begin:%Y-%m-%d} to {part.end:%Y-%m-%d}"
        size = f"{_megabytes([part])} MB" + (f", {part.rows} conversations" if part.rows else "")
        print(f"{'stays' if part.stays else 'goes'}  {what}, {size}. {part.stays}".rstrip(". "))
    if not any(not part.stays for part in parts):
        print("Nothing is to be dropped.")


def _days(days: int | None) -> str:
    return f"{days} days" if days else "for ever"


def _megabytes(parts: list[Part]) -> int:
    return sum(part.bytes for part in parts) // MEGABYTE
