"""`resmi contact`: all data about one citizen, as a file, or taken away."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import msgspec
import typer

from resmi.cli.trouble import Trouble
from resmi.operations.personal import erasing, finding, packing

app = typer.Typer()

Who = Annotated[str, typer.Argument(help="The contact's number, or a whole phone number.")]


@app.callback()
def group() -> None:
    """All data about one citizen."""


@app.command()
def export(
    who: Who,
    file: Annotated[Path | None, typer.Option("--to", help="Where to; else citizen-N.zip.")] = None,
) -> None:
    """Writes all data about a citizen into a zip: JSON, and the files they sent and got.

    It names no member of staff, so that it may be handed to the citizen.
    Example: resmi contact export +62811223344
    """
    contact = _one(who)
    place = file or Path(f"citizen-{contact}.zip")
    try:
        with place.open("xb") as target:
            found = packing.export(actor=None, contact_id=contact, target=target)
    except FileExistsError as error:
        raise Trouble(f"{place} is there already: name another file with --to.") from error
    except finding.Refused as error:
        raise Trouble(str(error)) from error
    print(f"Written to {place}: {found.conversations} conversations, {found.files} files.")


@app.command()
def erase(
    who: Who,
    reason: Annotated[str, typer.Option(help="Why; the audit trail keeps it.")] = "",
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what it would do, only.")] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Do it without asking.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Answer as JSON.")] = False,
) -> None:
    """Takes a citizen's data away for good, and says what stays and why.

    Example: resmi contact erase 4711 --reason "Asked by letter of 3 March" --dry-run
    """
    contact = _one(who)
    try:
        planned = erasing.plan(contact)
        if as_json:
            print(
                msgspec.json.encode(
                    {"erased": not dry_run, **msgspec.to_builtins(planned)}
                ).decode()
            )
        else:
            _say(planned)
        if dry_run:
            if not as_json:
                print("Nothing was changed: this was a trial.")
            return
        if not yes:
            typer.confirm("Take it away? It can't be undone.", abort=True)
        erasing.erase(actor=None, contact_id=contact, reason=reason, now=datetime.now(UTC))
    except finding.Refused as error:
        raise Trouble(str(error)) from error
    if not as_json:
        print("Done.")


def _one(who: str) -> int:
    found = finding.find(who)
    if not found:
        raise Trouble(
            f"Nobody is known as {who}. Give the contact's number or the whole phone number."
        )
    if len(found) > 1:
        numbers = ", ".join(map(str, found))
        raise Trouble(f"{who} is several contacts: {numbers}. Give one of these numbers.")
    return found[0]


def _say(planned: erasing.Outcome) -> None:
    held = planned.held
    after = (
        f"{planned.log_days} days after closing" if planned.log_days else "when you set a policy"
    )
    print(f"Contact {held.contact}: {held.name or 'without a name'}")
    print(f"goes    name, language, tags, notes and {held.identities} addresses")
    print(f"goes    {held.files} files, {held.deliveries} deliveries, {held.watches} watches")
    print(f"goes    {held.items} items as they came; keys of the last 30 days stay, so that one")
    print("        that is repeated is not answered again")
    print(f"goes    {held.conversations} conversations from every screen and from search")
    print(f"sealed  their log, {held.events} events: it proves itself line by line, so none can be")
    print(f"        taken out; retention drops it {after}")
    print(f"stays   {held.receipts} receipts: they prove what the agency answered, and name nobody")
    print("stays   the audit trail: it proves who of the staff did what")
