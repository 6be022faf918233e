"""`resmi templates`: the messages WhatsApp has to approve before we may send them."""

from __future__ import annotations

from typing import Annotated

import msgspec
import typer

from resmi.bot import services as bot
from resmi.bot import templates
from resmi.bot.templates import Definition
from resmi.channels.models import Channel
from resmi.channels.whatsapp import catalogue
from resmi.channels.whatsapp.catalogue import Standing
from resmi.cli.trouble import Trouble

app = typer.Typer()

NOT_ALL_APPROVED = 3
MEANINGS = {
    "APPROVED": "approved",
    "PENDING": "waits for WhatsApp's review, usually minutes, at most a day",
    "REJECTED": "rejected: change its text in the pack, delete it at Meta, hand it in again",
    "PAUSED": "paused by WhatsApp, because citizens complained: it comes back by itself",
    "DISABLED": "disabled by WhatsApp: hand it in under another name",
    "MISSING": "not handed in: resmi templates submit",
    "DIFFERS": "approved, but with another text than the pack's: edit it at Meta",
}

Account = Annotated[
    str, typer.Option(help="The WhatsApp Business account, when there are several.")
]
Json = Annotated[bool, typer.Option("--json", help="Answer as JSON.")]


class Row(msgspec.Struct, frozen=True, kw_only=True):
    """A template the pack needs, in one language, and what became of it."""

    name: str
    language: str
    status: str
    reason: str = ""


@app.callback()
def group() -> None:
    """Messages WhatsApp has to approve: hand them in, see what became of them."""


@app.command("list")
def show(account: Account = "", as_json: Json = False) -> None:
    """Says which templates the pack needs and whether they may be sent; exits with 3 if not all.

    Example: resmi templates list
    """
    account = account or only_account()
    rows = [judged(definition, known(account)) for definition in needed()]
    tell(rows, as_json=as_json)


@app.command()
def submit(account: Account = "", as_json: Json = False) -> None:
    """Hands in what the account does not have yet; harmless when repeated.

    Example: resmi templates submit
    """
    account = account or only_account()
    there = known(account)
    rows = []
    for definition in needed():
        row = judged(definition, there)
        if row.status == "MISSING":
            row = msgspec.structs.replace(row, status=hand_in(account, definition))
        rows.append(row)
    tell(rows, as_json=as_json)


def needed() -> list[Definition]:
    """What the published pack sends after the window."""
    return list(templates.definitions(bot.current_pack()))


def judged(definition: Definition, there: list[Standing]) -> Row:
    """What became of a template among those of the account."""
    key = (definition.name, definition.language)
    found = next((one for one in there if (one.name, one.language) == key), None)
    if found is None:
        return Row(name=definition.name, language=definition.language, status="MISSING")
    same = (found.body, found.buttons) == (definition.body, definition.buttons)
    status = "DIFFERS" if found.status == "APPROVED" and not same else found.status
    return Row(name=found.name, language=found.language, status=status, reason=found.reason)


def only_account() -> str:
    """The account of our WhatsApp numbers. Raises `Trouble` unless there is exactly one."""
    rows = Channel.objects.filter(kind="whatsapp").exclude(account="")
    accounts = sorted(set(rows.values_list("account", flat=True)))
    if len(accounts) == 1:
        return accounts[0]
    if not accounts:
        raise Trouble("no WhatsApp number is known yet: give --account, the WABA's id.")
    raise Trouble(f"there are several accounts ({', '.join(accounts)}): give one as --account.")


def known(account: str) -> list[Standing]:
    """The account's templates. Raises `Trouble` when WhatsApp does not say."""
    try:
        return catalogue.standings(account)
    except catalogue.Unavailable as error:
        raise Trouble(f"WhatsApp did not say which templates it has: {error}.") from error


def hand_in(account: str, definition: Definition) -> str:
    """Hands one in; the status it begins with. Raises `Trouble`."""
    body = catalogue.creation(**msgspec.structs.asdict(definition))
    try:
        return catalogue.submit(account, body) or "PENDING"
    except catalogue.Unavailable as error:
        name = f"{definition.name} ({definition.language})"
        raise Trouble(f"WhatsApp did not take {name}: {error}.") from error


def tell(rows: list[Row], *, as_json: bool) -> None:
    """Prints the rows; exits with 3 unless every template may be sent."""
    if as_json:
        print(msgspec.json.encode(rows).decode())
    else:
        for row in rows:
            reason = f" ({row.reason})" if row.reason else ""
            meaning = MEANINGS.get(row.status, row.status.lower())
            print(f"{row.name}  {row.language}  {meaning}{reason}")
        if not rows:
            print("The pack needs no templates.")
    if any(row.status != "APPROVED" for row in rows):
        raise typer.Exit(NOT_ALL_APPROVED)
