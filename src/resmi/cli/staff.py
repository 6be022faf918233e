"""`resmi staff`: accounts and what they serve, from a file and into one."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated, NoReturn

import msgspec
import typer

from resmi.agency import services as agency
from resmi.cli.trouble import Trouble
from resmi.conversations import departing
from resmi.routing.models import StaffImport
from resmi.routing.staffing import errors, exporting, queries, rules, services, wording
from resmi.routing.staffing.rules import Plan, Problem

app = typer.Typer()

WRONG = 3
Json = Annotated[bool, typer.Option("--json", help="Answer as JSON.")]


@app.callback()
def group() -> None:
    """Staff from a file and into one."""


@app.command("import")
def import_staff(
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="CSV in UTF-8.")],
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what it would do, only.")] = False,
    as_json: Json = False,
) -> None:
    """Creates and changes accounts as the file says, all or nothing; the same file again: nothing.

    The first line names the columns: email,name,role,active,pseudonym,language,time_zone,queues,
    skills,capacity. What is left out stays. Exit code 3: something in the file is to be mended.
    Example: resmi staff import staff.csv --dry-run
    """
    try:
        staged = services.hand_over(actor=None, name=file.name, data=file.read_bytes())
    except errors.Wrong as wrong:
        _refuse(wrong.problems, as_json)
    plan = services.plan_of(staged, actor=None)
    if plan.problems:
        staged.delete()
        _refuse(plan.problems, as_json)
    if dry_run or not plan.steps:
        staged.delete()
        _tell(plan, as_json, done=0)
        return
    try:
        services.apply(actor=None, staged_id=staged.pk, seen=services.digest(plan))
    except errors.Changed as error:
        raise Trouble("Staff changed just now: nothing was done. Run it again.") from error
    _tell(plan, as_json, done=staged.pk)


def _refuse(problems: tuple[Problem, ...], as_json: bool) -> NoReturn:
    if as_json:
        told = [{"line": one.line, "code": one.code, "text": wording.said(one)} for one in problems]
        print(msgspec.json.encode({"problems": told}).decode())
    else:
        for one in problems:
            place = f"line {one.line}: " if one.line else ""
            print(f"{place}{wording.said(one)}", file=sys.stderr)
        print("Nothing was changed.", file=sys.stderr)
    raise typer.Exit(WRONG)


def _tell(plan: Plan, as_json: bool, *, done: int) -> None:
    if as_json:
        print(
            msgspec.json.encode({"import": done, "steps": plan.steps, "same": plan.same}).decode()
        )
        return
    off = [step.account for step in plan.steps if not step.after.active and step.account]
    held = departing.held_by(off)
    for step in plan.steps:
        back = held.get(step.account, 0)
        more = f"; {back} conversations go back to their queues" if back else ""
        print(f"{step.kind.replace('_', ' ')}  {step.email}: {_changes(step)}{more}")
    print(f"{len(plan.steps)} to change, {plan.same} unchanged.")
    if done:
        print(f"Done. Undo: resmi staff undo {done}")
    elif plan.steps:
        print("Nothing was changed: this was a trial.")


def _changes(step: rules.Step) -> str:
    return ", ".join(
        f"{one.name} {_cell(one.after)}"
        if step.before is None
        else f"{one.name} {_cell(one.before)} -> {_cell(one.after)}"
        for one in step.changes
    )


def _cell(value: object) -> str:
    return value if isinstance(value, str) and value else msgspec.json.encode(value).decode()


@app.command()
def undo(number: Annotated[int, typer.Argument(help="The import's number.")]) -> None:
    """Takes an import back. New accounts are switched off; what was changed since stays.

    Example: resmi staff undo 12
    """
    try:
        count = services.undo(actor=None, staged_id=number)
    except StaffImport.DoesNotExist as error:
        raise Trouble(f"There is no import {number}.") from error
    except errors.Done as error:
        raise Trouble(f"Import {number} is not in force: there is nothing to undo.") from error
    except errors.Wrong as wrong:
        _refuse(wrong.problems, as_json=False)
    print(f"Taken back for {count} people.")


@app.command()
def export(
    file: Annotated[Path, typer.Argument(help="Where to; - writes to the standard output.")],
) -> None:
    """Writes all staff into a file that can be imported again.

    Example: resmi staff export staff.csv
    """
    known = queries.known()
    agency.record_audit(actor=None, action="staff_exported", after={"people": len(known)})
    text = exporting.comma_separated(known)
    if str(file) == "-":
        sys.stdout.write(text)
        return
    file.write_text(text, newline="")
    print(f"Written to {file}: {len(known)} people.")
