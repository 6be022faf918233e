"""`resmi pack`: checks and tests an agency's pack."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import msgspec
import typer

from resmi.bot import packs, rehearsal
from resmi.bot.errors import PackError, Problem
from resmi.bot.schema import Pack

app = typer.Typer()
pack_app = app

Folder = Annotated[Path, typer.Argument(exists=True, file_okay=False, help="The pack's folder.")]
AsJson = Annotated[bool, typer.Option("--json", help="Answer as JSON.")]


@app.callback()
def group() -> None:
    """The agency's behaviour as files."""


@app.command()
def check(folder: Folder, as_json: AsJson = False) -> None:
    """Reads a pack and says what is wrong, by file and line. Exits with 1 if anything is.

    Example: resmi pack check packs/finance
    """
    pack, problems = _load(folder)
    if as_json:
        _print_json({"ok": pack is not None, "problems": problems})
    elif pack is not None:
        counts = f"{len(pack.flows)} flows, {len(pack.intents)} intents"
        print(f"{folder}: good. {', '.join(pack.languages)}; {counts}; version {pack.version}.")
    else:
        _print_problems(folder, problems)
    if pack is None:
        raise typer.Exit(1)


@app.command("test")
def play(
    folder: Folder,
    as_json: AsJson = False,
    show: Annotated[bool, typer.Option("--show", help="Print the conversations.")] = False,
) -> None:
    """Plays the pack's scripted conversations (its tests folder). Exits with 1 if one fails.

    Example: resmi pack test packs/finance --show
    """
    pack, problems = _load(folder)
    played = rehearsal.rehearse(pack, folder / "tests") if pack else []
    failed = not pack or not played or any(one.problems for one in played)
    if as_json:
        _print_json({"ok": not failed, "problems": problems, "conversations": played})
    elif pack is None:
        _print_problems(folder, problems)
    else:
        for one in played:
            _print_played(folder, one, show=show)
        print(f"{len(played)} conversations, {sum(bool(one.problems) for one in played)} failed.")
        if not played:
            print(
                f"{folder / 'tests'} holds no conversations; docs/packs.md shows how to write one."
            )
    if failed:
        raise typer.Exit(1)


def _load(folder: Path) -> tuple[Pack | None, tuple[Problem, ...]]:
    try:
        return packs.load(folder), ()
    except PackError as error:
        return None, error.problems


def _print_problems(folder: Path, problems: tuple[Problem, ...]) -> None:
    for problem in problems:
        print(f"{folder / problem.file}:{problem.line}: {problem.message}")
    print(f"{len(problems)} to mend.")


def _print_played(folder: Path, one: rehearsal.Rehearsed, *, show: bool) -> None:
    print(f"{'failed' if one.problems else 'passed'}  {one.file}  {one.name}")
    if show:
        print(f"\n{one.transcript}")
    for problem in one.problems:
        print(f"    {folder / problem.file}:{problem.line}: {problem.message}")


def _print_json(data: object) -> None:
    print(msgspec.json.encode(data).decode())
