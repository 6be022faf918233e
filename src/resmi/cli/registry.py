"""`resmi registry`: imports lists into the register and asks it."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Annotated

import msgspec
import typer
from rich.console import Console

from resmi.cli.trouble import Trouble
from resmi.registry import services
from resmi.registry.errors import ImportRefused
from resmi.registry.models import Release
from resmi.registry.rules import Verdict

app = typer.Typer()
registry_app = app


@app.callback()
def group() -> None:
    """The register of companies."""


@app.command("import")
def import_list(
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="A CSV file.")],
    source: Annotated[str, typer.Option(help="The list's name, as citizens will read it.")],
    authority: Annotated[str, typer.Option(help="Who keeps the list.")],
    as_of: Annotated[datetime, typer.Option(formats=["%Y-%m-%d"], help="The list's own date.")],
    as_json: Annotated[bool, typer.Option("--json", help="Answer as JSON.")] = False,
) -> None:
    """Replaces a list by a CSV file, all or nothing.

    Example: resmi registry import licensed.csv --source "Register of the Financial Authority"
    --authority "Financial Authority" --as-of 2026-11-01
    """
    try:
        release = services.import_csv(
            actor=None, file=file, source=source, authority=authority, as_of=as_of.date()
        )
    except ImportRefused as error:
        raise Trouble(f"{file}: {error}") from error
    if as_json:
        print(msgspec.json.encode(_summary(release)).decode())
        return
    print(
        f"Version {release.version}: {release.rows} rows "
        f"({release.licensed} licensed, {release.revoked} revoked, {release.illegal} illegal); "
        f"{release.added} added, {release.changed} changed, {release.vanished} vanished."
    )


@app.command()
def verify(
    text: Annotated[str, typer.Argument(help="What a citizen wrote, or a name.")],
    whole: Annotated[bool, typer.Option("--whole", help="The text is the name itself.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Answer as JSON.")] = False,
) -> None:
    """Says what the register knows about the companies a text names.

    Example: resmi registry verify "apakah Dana Contoh resmi?"
    """
    verdicts = services.current_index().verify(text, whole=whole)
    if as_json:
        print(msgspec.json.encode(verdicts).decode())
        return
    for verdict in verdicts:
        _show(verdict)
    if not verdicts:
        print("No company named.")


def _summary(release: Release) -> dict[str, int | str]:
    return {
        "version": release.version,
        "source": release.register.source,
        "as_of": release.as_of.isoformat(),
        "rows": release.rows,
        "licensed": release.licensed,
        "revoked": release.revoked,
        "illegal": release.illegal,
        "added": release.added,
        "changed": release.changed,
        "vanished": release.vanished,
    }


def _show(verdict: Verdict) -> None:
    console = Console(highlight=False, markup=False)
    console.print(f"{verdict.query}: {verdict.status}", style="bold")
    for label, value in (
        ("registered as", verdict.legal_name),
        ("licence", verdict.licence),
        ("covers", verdict.scope),
        ("note", verdict.note),
    ):
        if value:
            console.print(f"  {label}: {value}")
    for candidate in verdict.candidates:
        differs = f" — differs: {', '.join(candidate.differs)}" if candidate.differs else ""
        console.print(f"  {candidate.status}: {candidate.name} [{candidate.entity}]{differs}")
    console.print(f"  {verdict.source}, as of {verdict.as_of}, version {verdict.version}")
