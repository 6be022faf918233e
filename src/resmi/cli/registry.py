"""`resmi registry`: brings lists into the register and asks it."""

from __future__ import annotations

import sys
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

import msgspec
import typer
from rich.console import Console
from rich.progress import Progress

from resmi.cli.trouble import Trouble
from resmi.registry import freshness, reading, services
from resmi.registry.errors import ImportRefused, NotNow
from resmi.registry.importing import comparing, confirming, formats, preview, staging
from resmi.registry.models import Register, Release, Staged, StagedState
from resmi.registry.rules import Verdict

app = typer.Typer()
registry_app = app

BRAKED = 3
Json = Annotated[bool, typer.Option("--json", help="Answer as JSON.")]
Reason = Annotated[str, typer.Option(help="Why; written to the audit trail.")]


@app.callback()
def group() -> None:
    """The register of companies."""


@app.command("import")
def import_list(
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="The file.")],
    source: Annotated[str, typer.Option(help="The list's name, as citizens will read it.")],
    authority: Annotated[str, typer.Option(help="Who keeps the list.")],
    as_of: Annotated[datetime, typer.Option(formats=["%Y-%m-%d"], help="The list's own date.")],
    form: Annotated[
        str, typer.Option("--format", help=f"One of {', '.join(formats.FORMATS)}; else guessed.")
    ] = "",
    column: Annotated[
        list[str] | None, typer.Option(help="THEIRS=ours, as often as needed; else guessed.")
    ] = None,
    status: Annotated[
        str, typer.Option(help="What standing on the list means, if no column says it.")
    ] = "",
    prefix: Annotated[str, typer.Option(help="Put before every id.")] = "",
    reason: Annotated[str, typer.Option(help="Lets a braked import through; audited.")] = "",
    preview_only: Annotated[
        bool, typer.Option("--preview", help="Stop before confirming; see registry diff.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Replaces a list by a file, all or nothing: CSV, XLSX, JSON, each also as .gz or .zip.

    Exit code 3: the file differs much from the list in force and waits; look at `registry diff`,
    then `registry confirm --reason`.
    Example: resmi registry import licensed.csv --source "Register of the Financial Authority"
    --authority "Financial Authority" --as-of 2026-11-01
    """
    mapping = dict(_pair(text) for text in column or ())
    options = {"status": status, "prefix": prefix}
    staged = _staged(file, source, authority, as_of, form, mapping, options)
    if preview_only or (staged.brakes and not reason):
        _show_staged(staged, as_json)
        raise typer.Exit(BRAKED if staged.brakes else 0)
    if not as_json:
        _show_columns(staged)
    _show_release(_confirmed(staged.pk, reason), as_json)


def _show_columns(staged: Staged) -> None:
    """What the columns of a foreign table were taken for: a guess must not pass in silence."""
    if staged.mapping:
        order = (*reading.COLUMNS, *reading.OPTIONAL)
        pairs = sorted(staged.mapping.items(), key=lambda pair: order.index(pair[1]))
        taken = ", ".join(f"{theirs} = {ours}" for theirs, ours in pairs)
        print(f"Columns: {taken}. Others are left out.")
    if staged.skipped:
        print(f"{staged.skipped} details could not be read and are left out.")


def _pair(text: str) -> tuple[str, str]:
    theirs, equals, ours = text.rpartition("=")
    if not equals or ours not in (*reading.COLUMNS, *reading.OPTIONAL):
        words = ", ".join((*reading.COLUMNS, *reading.OPTIONAL))
        raise Trouble(f"--column {text}: write THEIRS=ours; ours is one of {words}.")
    return theirs, ours


def _staged(
    file: Path,
    source: str,
    authority: str,
    as_of: datetime,
    form: str,
    mapping: dict[str, str],
    options: dict[str, str],
) -> Staged:
    if form and form not in formats.FORMATS:
        raise Trouble(f"--format {form}: write one of {', '.join(formats.FORMATS)}.")
    said = {name: value for name, value in options.items() if value}
    try:
        with file.open("rb") as stream:
            staged = staging.stage(
                actor=None,
                file=stream,
                filename=file.name,
                source=source,
                authority=authority,
                as_of=as_of.date(),
                form=form,
                mapping=mapping or None,
                options=said or None,
            )
        staged = _read(_named(staged))
        services.check_read(staged)
    except ImportRefused as error:
        raise Trouble(f"{file}: {error}") from error
    return staged


def _named(staged: Staged) -> Staged:
    """Takes the columns as said or guessed; a file that needs more said does not stay waiting."""
    if staged.state != StagedState.COLUMNS:
        return staged
    try:
        return staging.name_columns(
            actor=None, staged_id=staged.pk, mapping=staged.mapping, options=staged.options
        )
    except ImportRefused as error:
        with staged.file.open("rb") as stream:
            heading = formats.look(stream).heading
        staging.discard(actor=None, staged_id=staged.pk)
        hints = [f"Columns of the file: {', '.join(heading)}."] if heading else []
        if any(problem.column == "name" for problem in error.problems):
            hints.append('Say whose name it is: --column "THEIRS=name".')
        if any(problem.column == "status" for problem in error.problems):
            hints.append(f"Say what standing on it means: --status {'|'.join(reading.STATUSES)}.")
        raise Trouble("\n".join([f"{staged.filename}: {error}", *hints])) from error


def _read(staged: Staged) -> Staged:
    """Reads the file, with a bar on a terminal."""
    with Progress(transient=True, console=Console(stderr=True)) as progress:
        bar = progress.add_task(staged.filename, total=staged.size or 1)
        return comparing.read(staged.pk, tell=lambda done: progress.update(bar, completed=done))


def _confirmed(staged_id: int, reason: str) -> Release:
    try:
        return confirming.confirm(actor=None, staged_id=staged_id, reason=reason)
    except NotNow as error:
        if error.why == "outdated":
            comparing.read(staging.start_again(staged_id).pk)
        raise Trouble(f"Import {staged_id}: {error}") from error


@app.command()
def diff(
    number: Annotated[int, typer.Argument(help="The import's number; else the last.")] = 0,
    change: Annotated[str, typer.Option(help="added, changed or vanished.")] = "",
    limit: Annotated[int, typer.Option(help="Rows shown of each kind.", min=1)] = 20,
    as_json: Json = False,
) -> None:
    """Shows what a staged import would change.

    Example: resmi registry diff 12 --change vanished
    """
    staged = Staged.objects.filter(**({"pk": number} if number else {})).order_by("-pk").first()
    if staged is None or staged.state != StagedState.READY:
        raise Trouble("There is no such import, or it is not waiting: see resmi registry list.")
    kinds = (change,) if change else preview.CHANGES
    shown = {kind: preview.changes(staged, kind)[:limit] for kind in kinds}
    if as_json:
        print(msgspec.json.encode({**_of_staged(staged), "rows_shown": shown}).decode())
        return
    _show_staged(staged, as_json=False)
    for kind, rows in shown.items():
        for row in rows:
            print(f"{kind}: {row.name} [{row.id}]")
            for field in row.fields:
                print(f"    {field.name}: {field.before or '—'} → {field.after or '—'}")


@app.command()
def confirm(
    number: Annotated[int, typer.Argument(help="The import's number.")],
    reason: Reason = "",
    as_json: Json = False,
) -> None:
    """Puts a staged import in force.

    Example: resmi registry confirm 12 --reason "The authority merged 200 rural banks"
    """
    _show_release(_confirmed(number, reason), as_json)


@app.command()
def discard(
    number: Annotated[int, typer.Argument(help="The import's number.")],
    as_json: Json = False,
) -> None:
    """Drops a staged import; the register stays as it is.

    Example: resmi registry discard 12
    """
    try:
        staging.discard(actor=None, staged_id=number)
    except NotNow as error:
        raise Trouble(f"Import {number}: {error}") from error
    print(msgspec.json.encode({"discarded": number}).decode() if as_json else "Dropped.")


@app.command()
def undo(
    source: Annotated[str, typer.Argument(help="The list's name.")],
    reason: Annotated[str, typer.Option(help="Why; written to the audit trail.")],
    as_json: Json = False,
) -> None:
    """Restores what a list held before its last import; undoing again brings the import back.

    Example: resmi registry undo "Register of the Financial Authority" --reason "Wrong file"
    """
    register = Register.objects.filter(source=source).first()
    if register is None:
        raise Trouble(f"There is no list “{source}”: see resmi registry list.")
    try:
        release = confirming.undo(actor=None, register_id=register.pk, reason=reason)
    except NotNow as error:
        raise Trouble(str(error)) from error
    _show_release(release, as_json)


@app.command("list")
def list_lists(as_json: Json = False) -> None:
    """Shows the lists in force, how old they are, and imports that wait.

    Example: resmi registry list --json
    """
    standings = freshness.standings()
    waiting = Staged.objects.filter(state__in=("columns", "reading", "ready")).order_by("id")
    if as_json:
        lists = [
            {**(_summary(one.release) if one.release else {}), "source": one.register.source,
             "stale": one.stale, "age_days": one.age_days, "feed": one.register.feed,
             "trouble": one.register.trouble}
            for one in standings
        ]  # fmt: skip
        found = {"lists": lists, "waiting": [_of_staged(staged) for staged in waiting]}
        print(msgspec.json.encode(found).decode())
        return
    for one in standings:
        age = f"{one.age_days} days old{', too old' if one.stale else ''}"
        rows = one.release.rows if one.release else 0
        print(f"{one.register.source}: {rows} rows, as of {one.seen}, {age}")
    for staged in waiting:
        print(f"import {staged.pk} ({staged.source}): {staged.get_state_display()}")
    if not standings and not waiting:
        print("No list yet: resmi registry import --help")


@app.command()
def verify(
    text: Annotated[str, typer.Argument(help="What a citizen wrote, or a name.")],
    whole: Annotated[bool, typer.Option("--whole", help="The text is the name itself.")] = False,
    as_json: Json = False,
) -> None:
    """Says what the register knows about the companies a text names.

    Example: resmi registry verify "apakah Dana Contoh resmi?"
    """
    answer = services.current_index().answer(text, whole=whole)
    verdicts = answer.verdicts
    if not answer.complete:
        last = f" after “{verdicts[-1].query}”" if verdicts else ""
        print(f"The text was not read to its end: ask again with the rest{last}.", file=sys.stderr)
    if as_json:
        print(msgspec.json.encode(verdicts).decode())
        return
    for verdict in verdicts:
        _show(verdict)
    if not verdicts:
        print("No company named.")


def _summary(release: Release) -> dict[str, int | str]:
    counts = ("rows", "licensed", "revoked", "illegal", "added", "changed", "vanished")
    return {
        "version": release.version,
        "source": release.register.source,
        "as_of": release.as_of.isoformat(),
        "kind": release.kind,
        **{name: getattr(release, name) for name in counts},
    }


def _of_staged(staged: Staged) -> dict[str, Any]:
    return {
        "import": staged.pk, "state": staged.state, "source": staged.source,
        "as_of": staged.as_of.isoformat(), "file": staged.filename, "format": staged.format,
        "rows": staged.rows, "added": staged.added, "changed": staged.changed,
        "vanished": staged.vanished, "in_force": staged.in_force, "skipped": staged.skipped,
        "brakes": staged.brakes, "columns": staged.mapping,
    }  # fmt: skip


def _show_release(release: Release, as_json: bool) -> None:
    if as_json:
        print(msgspec.json.encode(_summary(release)).decode())
        return
    print(
        f"Version {release.version}: {release.rows} rows "
        f"({release.licensed} licensed, {release.revoked} revoked, {release.illegal} illegal); "
        f"{release.added} added, {release.changed} changed, {release.vanished} vanished."
    )


def _show_staged(staged: Staged, as_json: bool) -> None:
    if as_json:
        print(msgspec.json.encode(_of_staged(staged)).decode())
        return
    print(
        f"Import {staged.pk}, not in force: {staged.rows} rows; {staged.added} added, "
        f"{staged.changed} changed, {staged.vanished} vanished of {staged.in_force}."
    )
    _show_columns(staged)
    for one in staged.brakes:
        print(f"Brake: {one['count']} of {one['of']} would be {one['kind']}.")
    if staged.brakes:
        print(f"Look: resmi registry diff {staged.pk}")
        print(f'Then: resmi registry confirm {staged.pk} --reason "…"')
        print(f"Or drop it: resmi registry discard {staged.pk}")


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
