"""`resmi audit`: proves that the audit trail is what was written, and carries it away."""

from __future__ import annotations

import sys
from datetime import datetime
from pathlib import Path
from typing import Annotated

import msgspec
import typer
from django.utils import timezone

from resmi.agency import exporting, queries, sealing, services
from resmi.cli.trouble import Trouble

app = typer.Typer()

BROKEN = 3
WHY = {
    "missing": "entry {entry} is gone",
    "changed": "entry {entry} is not what was written",
    "gap": "place {number} of the chain is not there; entry {entry} comes next",
    "unsealed": "entry {entry} was never sealed",
}

Json = Annotated[bool, typer.Option("--json", help="Answer as JSON.")]
Day = Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"], help="A day: 2026-01-31.")]


@app.callback()
def group() -> None:
    """The audit trail: whether it holds, and as a file."""


@app.command()
def verify(
    expect: Annotated[
        str,
        typer.Option(metavar="PLACE:HASH", help="What an earlier run said; it must still be so."),
    ] = "",
    as_json: Json = False,
) -> None:
    """Follows the hash chain from the first entry to the last; exits with 3 where it breaks.

    Keep the last line elsewhere, on paper or in another system, and give it with --expect later: so
    nobody can cut the end off or write the whole chain anew unseen.
    Example: resmi audit verify --expect 1042:9f2c…
    """
    report = sealing.verify()
    moved = bool(expect) and not _still(expect)
    if as_json:
        told = {**msgspec.to_builtins(report), "expected": not moved if expect else None}
        print(msgspec.json.encode(told).decode())
    else:
        _say(report, moved)
    if report.broken or moved:
        raise typer.Exit(BROKEN)


def _say(report: sealing.Report, moved: bool) -> None:
    if report.broken:
        why = WHY[report.broken.why].format(entry=report.broken.entry, number=report.broken.number)
        print(f"BROKEN: {why}. Until place {report.number} the trail is what was written.")
    elif moved:
        print("BROKEN: the chain holds, but it is not the one you expect: it was written anew.")
    else:
        print(f"The trail is what was written: {report.number} entries.")
    print(f"{report.number}:{report.hash}")


def _still(expect: str) -> bool:
    place, _, known = expect.partition(":")
    if not place.isdecimal() or not known:
        raise Trouble("--expect takes what an earlier run said, such as 1042:9f2c….")
    return sealing.hash_of(int(place)) == known


@app.command()
def export(
    file: Annotated[Path, typer.Argument(help="Where to; - writes to the standard output.")],
    since: Day = None,
    until: Day = None,
    action: Annotated[str, typer.Option(help="Only this action, such as signed_in.")] = "",
) -> None:
    """Writes the trail into a file, newest first: .csv for a table, else lines of JSON.

    Example: resmi audit export audit.jsonl --since 2026-01-01
    """
    rows = queries.audit(
        action=action,
        since=since.date() if since else None,
        until=until.date() if until else None,
    )
    services.record_audit(
        actor=None, action="audit_exported", after={"file": file.name, "action": action}
    )
    rows = rows.filter(at__lte=timezone.now())
    lines = exporting.comma_separated(rows) if file.suffix == ".csv" else exporting.jsonl(rows)
    if str(file) == "-":
        sys.stdout.buffer.writelines(lines)
        return
    with file.open("wb") as target:
        target.writelines(lines)
    print(f"Written to {file}.")
