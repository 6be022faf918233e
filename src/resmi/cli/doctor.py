"""`resmi doctor`: what is wrong and how to mend it."""

from __future__ import annotations

import os
from typing import Annotated

import msgspec
import typer
from rich.console import Console

from resmi.cli import diagnosis
from resmi.cli.diagnosis import Finding

app = typer.Typer()
MARKS = {"ok": ("✓", "green"), "warning": ("!", "yellow"), "error": ("✗", "red")}


@app.command()
def doctor(
    as_json: Annotated[bool, typer.Option("--json", help="Answer as JSON.")] = False,
) -> None:
    """Looks at the machine, settings, database, pack and register.

    Exit code 0 when it can run (warnings may be left), 1 when not.
    Example: resmi doctor --json
    """
    findings = diagnosis.examine(os.environ)
    healthy = all(finding.level != "error" for finding in findings)
    if as_json:
        print(msgspec.json.encode({"ok": healthy, "findings": findings}).decode())
    else:
        _show(findings)
    raise typer.Exit(0 if healthy else 1)


def _show(findings: list[Finding]) -> None:
    console = Console(highlight=False, markup=False, soft_wrap=True)
    for finding in findings:
        mark, colour = MARKS[finding.level]
        console.print(mark, style=colour, end=" ")
        console.print(f"{finding.check}: {finding.text}")
        if finding.mend:
            console.print(f"  → {finding.mend}")
