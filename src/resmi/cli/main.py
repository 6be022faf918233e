"""The `resmi` command: finds the module of the command asked for and loads only that."""

from __future__ import annotations

import importlib
import sys
from dataclasses import dataclass

import typer

from resmi.cli import lifeline, startup, trouble


@dataclass(frozen=True, kw_only=True)
class Command:
    """One word after `resmi`.

    `module` holds a `typer.Typer` named `app`; with one command in it and no group callback, that
    command is the word itself, else the word is a group. `database`: before the module is
    imported, the database is made reachable and Django is set up, so that modules of commands may
    import models at their top.
    """

    name: str
    module: str
    help: str
    database: bool = True
    hidden: bool = False


COMMANDS = (
    Command(
        name="demo",
        module="resmi.cli.demo.command",
        help="Shows everything at work on this machine: a phone, a desk, a floor.",
        database=False,
    ),
    Command(
        name="init",
        module="resmi.cli.init",
        help="Prepares an installation: home folder, secret key, tables, first administrator.",
    ),
    Command(
        name="doctor",
        module="resmi.cli.doctor",
        help="Says what is missing or wrong in this installation and how to mend it.",
        database=False,
    ),
    Command(
        name="up",
        module="resmi.cli.up",
        help="Runs serve, work, send and jobs together, restarting what falls.",
        database=False,
    ),
    Command(name="serve", module="resmi.cli.serve", help="Answers web requests and webhooks."),
    Command(name="work", module="resmi.cli.work", help="Handles what citizens sent."),
    Command(name="send", module="resmi.cli.send", help="Sends what is due to citizens."),
    Command(name="jobs", module="resmi.cli.jobs", help="Runs slow jobs: files, clean-up."),
    Command(
        name="simulator",
        module="resmi.cli.simulator",
        help="Stands in for WhatsApp and for citizens, for demos and tests.",
        database=False,
    ),
    Command(
        name="database",
        module="resmi.cli.database",
        help="The embedded PostgreSQL by hand, and what restores put aside.",
        database=False,
    ),
    Command(name="trace", module="resmi.cli.trace", help="Says what became of one message."),
    Command(
        name="backup",
        module="resmi.cli.backup",
        help="Saves database, files and keys into one encrypted file.",
        database=False,
    ),
    Command(
        name="restore",
        module="resmi.cli.restore",
        help="Puts a backup in the place of this installation.",
        database=False,
    ),
    Command(
        name="retention",
        module="resmi.cli.retention",
        help="How long what is kept; drops what is older.",
    ),
    Command(name="registry", module="resmi.cli.registry", help="The register of companies."),
    Command(
        name="bench",
        module="resmi.cli.bench",
        help="Measures how good and how fast the code is.",
        database=False,
    ),
    Command(
        name="pack",
        module="resmi.cli.pack",
        help="The agency's behaviour as files.",
        database=False,
    ),
    Command(
        name="templates",
        module="resmi.cli.templates",
        help="Messages WhatsApp has to approve: hand them in, see what became of them.",
    ),
    Command(
        name="bench-limits",
        module="resmi.cli.pipeline.limits",
        help="Measures parts of the pipeline; run by the measurement itself.",
        hidden=True,
    ),
    Command(
        name="receipt",
        module="resmi.cli.receipt",
        help="Signed receipts of answers, and their keys.",
        database=False,
    ),
    Command(
        name="contact",
        module="resmi.cli.contact",
        help="All data about one citizen: exports it, takes it away.",
    ),
    Command(name="staff", module="resmi.cli.staff", help="Staff from a file and into one."),
    Command(name="audit", module="resmi.cli.audit", help="The audit trail: checks, exports."),
    Command(
        name="replay",
        module="resmi.cli.replay",
        help="Feeds stored webhooks to a running instance.",
    ),
    Command(
        name="static",
        module="resmi.cli.static",
        help="Readies the files browsers load.",
        database=False,
    ),
    Command(
        name="translations",
        module="resmi.cli.translations",
        help="Extracts, checks and compiles translations.",
        database=False,
    ),
    Command(
        name="demo-seed",
        module="resmi.cli.demo.seed",
        help="Fills a new demo; run by the demo itself.",
        hidden=True,
    ),
    Command(
        name="bench-seed",
        module="resmi.cli.pipeline.seed",
        help="Fills the database of a measurement; run by the measurement itself.",
        hidden=True,
    ),
    Command(
        name="bench-desk",
        module="resmi.cli.screens.inside",
        help="Makes and moves the agents of a measurement; run by the measurement itself.",
        hidden=True,
    ),
    Command(
        name="bench-growth",
        module="resmi.cli.growth.inside",
        help="Fills and measures a database; run by the measurement itself.",
        hidden=True,
    ),
    Command(name="manage", module="resmi.cli.manage", help="Runs a Django management command."),
)
BY_NAME = {command.name: command for command in COMMANDS}


def build(arguments: list[str]) -> typer.Typer:
    """The command line with the asked command loaded and the others as names with their help."""
    root = typer.Typer(
        no_args_is_help=True,
        add_completion=False,
        pretty_exceptions_enable=False,
        help="The open contact centre for public agencies.",
        epilog="Example: resmi demo",
    )
    root.callback()(_root)
    asked = arguments[0] if arguments else ""
    for command in COMMANDS:
        if command.name == asked:
            _load(root, command, only_help="--help" in arguments)
        else:
            root.command(command.name, help=command.help, hidden=command.hidden)(_root)
    return root


def main() -> None:
    """Entry point. Known trouble is told in words, without a traceback, and exits with 1."""
    lifeline.hold()
    run(sys.argv[1:])


def run(arguments: list[str]) -> None:
    """Runs what follows `resmi`, and ends the process (`SystemExit`)."""
    with trouble.told():
        build(arguments)(args=arguments, prog_name="resmi")


def _root() -> None:
    pass


def _load(root: typer.Typer, command: Command, *, only_help: bool) -> None:
    if command.database:
        startup.setup(database=not only_help, name=command.name)
    module = importlib.import_module(command.module)
    app: typer.Typer = module.app
    if len(app.registered_commands) == 1 and not app.registered_groups and not _is_group(app):
        only = app.registered_commands[0]
        only.name = command.name
        root.registered_commands.append(only)
    else:
        root.add_typer(app, name=command.name, help=command.help, no_args_is_help=True)


def _is_group(app: typer.Typer) -> bool:
    return app.registered_callback is not None


if __name__ == "__main__":
    main()
