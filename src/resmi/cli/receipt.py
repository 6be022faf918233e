"""`resmi receipt`: checks receipts, and looks after the keys they are signed with.

Checking a file needs neither database nor network, only the issuer's published keys.
"""

from __future__ import annotations

import importlib
import os
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import msgspec
import typer

from resmi.cli import startup
from resmi.cli.trouble import Trouble
from resmi.config import environment
from resmi.registry.receipts import codes, keyring, statements
from resmi.registry.receipts.statements import Judgement, KeySet

app = typer.Typer()

NOT_GENUINE = 3
MEANINGS = {
    "genuine": "Genuine: signed by the issuer, not a character changed.",
    "altered": "ALTERED: these are not the words that were signed. Do not believe it.",
    "unknown_key": "FORGED: signed by a key the issuer never published. Do not believe it.",
    "revoked_key": "NOT PROVEN: its key has been revoked. Open it at the issuer's own address.",
    "withdrawn": "WITHDRAWN: the issuer took it back.",
    "unreadable": "NOT A RECEIPT: this can't be read as one.",
    "unknown": "UNKNOWN: this installation never gave a receipt with this code.",
    "mistyped": "MISTYPED: a character of the code is wrong or missing.",
}

Json = Annotated[bool, typer.Option("--json", help="Answer as JSON.")]
Reason = Annotated[str, typer.Option(help="Why; everybody will read it.")]


@app.callback()
def group() -> None:
    """Signed receipts of answers, and the keys they are signed with."""


@app.command()
def verify(
    what: Annotated[str, typer.Argument(metavar="FILE|CODE", help="A .json file, or a code.")],
    keys: Annotated[
        Path | None,
        typer.Option(
            exists=True,
            dir_okay=False,
            help="The issuer's keys, from /.well-known/resmi-receipt-keys.json.",
        ),
    ] = None,
    as_json: Json = False,
) -> None:
    """Says whether a receipt is genuine; exits with 3 if it is not.

    A file is checked offline, by --keys or by the keys of this installation. A code is looked up
    in this installation.
    Example: resmi receipt verify 7K2M-Q0ZD-41XF.json --keys resmi-receipt-keys.json
    """
    file = Path(what)
    judged: Judgement | str
    if file.is_file():
        judged = statements.judge(file.read_bytes(), _trusted(keys))
    elif file.suffix or os.sep in what:
        raise Trouble(f"there is no file {what}.")
    else:
        judged = _looked_up(what)
    _tell(judged, as_json=as_json)


@app.command("keys")
def show_keys(as_json: Json = False) -> None:
    """Lists the keys, the one that signs last.

    Example: resmi receipt keys
    """
    public = _ring().public(os.environ.get("RESMI_BASE_URL", ""))
    if as_json:
        print(msgspec.json.encode(public).decode())
        return
    for key in public.keys:
        state = f"made {key.created_at}"
        if key.retired_at:
            state += f", retired {key.retired_at}"
        if key.revoked_at:
            state += f", REVOKED {key.revoked_at}: {key.revoked_reason}"
        print(f"{key.id}  {state}")


@app.command()
def rotate() -> None:
    """Signs with a new key from now on; receipts of the old one stay genuine.

    Once a year is a good habit. Running processes notice by themselves; copy the file to your
    other machines. Example: resmi receipt rotate
    """
    _ring()
    key = keyring.rotate(_file(), datetime.now(UTC))
    print(f"{key.id} signs from now on. Back up {_file()}.")


@app.command("revoke-key")
def revoke_key(
    key_id: Annotated[str, typer.Argument(metavar="KEY", help="Its id: resmi receipt keys.")],
    reason: Reason,
) -> None:
    """Declares a key stolen: copies signed with it prove nothing any more.

    Their pages at your own address stay true. Example: resmi receipt revoke-key 0123456789abcdef
    --reason "The backup was stolen on 2 May"
    """
    _ring()
    try:
        signing = keyring.revoke(_file(), key_id, reason, datetime.now(UTC))
    except LookupError as error:
        raise Trouble(f"there is no key {key_id}: see resmi receipt keys.") from error
    print(f"{key_id} is revoked; {signing.id} signs. Copy {_file()} to your other machines.")


@app.command()
def withdraw(
    code: Annotated[str, typer.Argument(help="The receipt's code.")],
    reason: Reason,
) -> None:
    """Takes a receipt back; its page says so from now on.

    Example: resmi receipt withdraw 7K2M-Q0ZD-41XF --reason "A wrong list was in force"
    """
    try:
        wanted = codes.read(code)
    except codes.Mistyped as error:
        raise Trouble(f"{code} is no receipt's code: a character is wrong or missing.") from error
    startup.setup()
    services: Any = importlib.import_module("resmi.registry.receipts.services")
    if not services.withdraw(actor=None, code=wanted, reason=reason):
        raise Trouble(f"there is no receipt {code}, or it was withdrawn before.")
    print(f"{codes.shown(wanted)} is withdrawn.")


def _file() -> Path:
    return environment.receipt_keys(os.environ, environment.home(os.environ))


def _ring() -> keyring.Ring:
    try:
        return keyring.load(_file())
    except FileNotFoundError as error:
        raise Trouble(f"{_file()} is missing: run resmi init, or give --keys.") from error
    except keyring.Unusable as error:
        raise Trouble(str(error)) from error


def _trusted(file: Path | None) -> KeySet:
    if file is None:
        return _ring().public("")
    try:
        return msgspec.json.decode(file.read_bytes(), type=KeySet)
    except msgspec.MsgspecError as error:
        raise Trouble(f"{file} holds no published keys: {error}") from error


def _looked_up(text: str) -> Judgement | str:
    """What this installation knows about a code; a word of `MEANINGS` when that is nothing."""
    try:
        code = codes.read(text)
    except codes.Mistyped:
        return "mistyped"
    startup.setup()
    queries: Any = importlib.import_module("resmi.registry.receipts.queries")
    try:
        kept = queries.find(code)
    except queries.Altered:
        return "altered"
    if kept is None:
        return "unknown"
    return Judgement(
        outcome="withdrawn" if kept.withdrawn_at else "genuine",
        statement=kept.statement,
        at=kept.withdrawn_at,
        reason=kept.withdrawn_reason,
    )


def _tell(judged: Judgement | str, *, as_json: bool) -> None:
    judgement = judged if isinstance(judged, Judgement) else None
    outcome = judgement.outcome if judgement else str(judged)
    if as_json:
        print(msgspec.json.encode({"outcome": outcome, "receipt": judgement}).decode())
    else:
        print(MEANINGS[outcome])
        if judgement:
            _describe(judgement)
    if outcome != "genuine":
        raise typer.Exit(NOT_GENUINE)


def _describe(judged: Judgement) -> None:
    if judged.at:
        print(f"  since {judged.at}: {judged.reason}")
    if judged.statement is None:
        return
    said, verdict = judged.statement, judged.statement.verdict
    for label, value in (
        ("code", codes.shown(said.code)),
        ("issuer", said.issuer),
        ("asked", verdict.query),
        ("answer", verdict.status),
        ("about", verdict.name),
        ("answered", said.answered_at),
        ("list", f"{verdict.source}, as of {verdict.as_of}, version {verdict.version}"),
        ("key", said.key),
    ):
        if value:
            print(f"  {label}: {value}")
