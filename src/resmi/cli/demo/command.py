"""`resmi demo`: starts everything, shows it, and takes it down again."""

from __future__ import annotations

import os
import sys
import tempfile
import webbrowser
from pathlib import Path
from typing import Annotated

import msgspec
import typer
from rich.console import Console

from resmi.cli.demo import check, history, house, people, premises
from resmi.cli.demo.plan import SIMULATOR_PORT, WEB_PORT, Plan, free_port, home_for
from resmi.cli.trouble import Trouble

app = typer.Typer()


@app.command()
def demo(
    home: Annotated[Path | None, typer.Option(help="Folder for the demo's data.")] = None,
    browser: Annotated[bool, typer.Option(help="Open the page in the browser.")] = True,
    reset: Annotated[bool, typer.Option(help="Begin afresh: forget earlier demos.")] = False,
    verbose: Annotated[bool, typer.Option(help="Show what the processes say.")] = False,
    checking: Annotated[
        bool, typer.Option("--check", help="Walk through the main job, report, and end.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Report as JSON.")] = False,
) -> None:
    """Shows a citizen's phone, an agent's desk and a supervisor's floor, on this machine only.

    Nothing leaves the machine: WhatsApp is simulated, companies and people are invented. Ctrl-C
    ends it. With --check it runs in a folder of its own and exits with 1 when a step fails.
    Example: resmi demo --no-browser
    """
    if checking:
        raise typer.Exit(_check(as_json=as_json, verbose=verbose))
    folder = home_for(home, os.environ)
    if reset:
        premises.clear(folder)
    plan = Plan(home=folder, web_port=free_port(WEB_PORT), simulator_port=free_port(SIMULATOR_PORT))
    with premises.occupied(plan):
        house.run(plan, lambda: _open_doors(plan, browser=browser), verbose=verbose, tell=_tell)
    print("The demo has ended. Its data stays; resmi demo --reset begins afresh.")


def _check(*, as_json: bool, verbose: bool) -> int:
    """Runs the check in a temporary home on free ports; the exit code."""
    reports: list[check.Report] = []
    with tempfile.TemporaryDirectory(prefix="resmi-demo-", ignore_cleanup_errors=True) as folder:
        plan = Plan(home=Path(folder), web_port=free_port(0), simulator_port=free_port(0))
        tell = _hush if as_json else _tell
        try:
            house.run(
                plan,
                lambda: reports.append(check.run(plan)),
                verbose=verbose,
                tell=tell,
                once=True,
            )
        except Trouble as trouble:
            reports.append(check.Report(False, [check.Step("start", False, 0, str(trouble))]))
    report = reports[0]
    if as_json:
        print(msgspec.json.encode(report).decode())
    else:
        _show(report)
    return 0 if report.ok else 1


def _tell(line: str) -> None:
    print(line, flush=True)


def _hush(line: str) -> None:
    """Keeps standard output for the report."""
    print(line, file=sys.stderr, flush=True)


def _show(report: check.Report) -> None:
    for step in report.steps:
        print(f"{'✓' if step.ok else '✗'} {step.name} ({step.ms} ms) {step.error}".rstrip())
    print("The demo works." if report.ok else "The demo does not work.")


def _open_doors(plan: Plan, *, browser: bool) -> None:
    if not (plan.home / history.DONE).exists():
        _tell("Playing a few conversations, so that there is a past to look at")
        if trouble := history.play_if_possible(plan):
            _tell(f"That went wrong; the demo runs without them: {trouble}")
    _welcome(plan, browser=browser)


def _welcome(plan: Plan, *, browser: bool) -> None:
    console = Console(highlight=False, markup=True, soft_wrap=True)
    console.print(
        f"\n[bold]The demo runs:[/bold] {plan.page}\n"
        f"\n  citizen's phone     {plan.simulator}/phone"
        f"\n  agent's desk        {plan.web}/desk/"
        f"\n  supervisor's floor  {plan.web}/floor/\n"
        f"\n  Sign in as any of these with the password [bold]{people.PASSWORD}[/bold]:"
    )
    for person in people.STAFF:
        console.print(f"  {person.email:<22} {person.name}, {person.role}")
    console.print("\n  Ctrl-C ends it.\n")
    if browser and _has_screen():
        webbrowser.open(plan.page)


def _has_screen() -> bool:
    """Without one, a text browser would take over the terminal."""
    if sys.platform != "linux":
        return True
    return bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))
