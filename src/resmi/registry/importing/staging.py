"""A file on its way into the register: kept, its columns named, dropped again.

Nothing here changes the register.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import date, timedelta
from typing import IO

from django.core.files import File
from django.db import transaction
from django.utils import timezone

from resmi.agency import live
from resmi.agency import services as agency
from resmi.agency.models import User
from resmi.registry import reading
from resmi.registry.errors import ImportRefused, NotNow, Problem
from resmi.registry.errors import gettext_noop as _
from resmi.registry.importing import columns, files, formats, releases
from resmi.registry.models import Register, Staged, StagedRow, StagedState

_LONGEST = 200
INLINE = 4 * 1024 * 1024  # bytes a page reads by itself instead of leaving it to a job


def stage(
    *,
    actor: User | None,
    file: IO[bytes],
    filename: str,
    source: str,
    authority: str,
    as_of: date,
    form: str = "",
    mapping: Mapping[str, str] | None = None,
    options: Mapping[str, str] | None = None,
    keep: bool = True,
    fed: bool = False,
) -> Staged:
    """Keeps a file and looks at its heading. With `keep` false the caller hands it to `read`.

    `form` is recognised when empty. Columns are named by `mapping`, else as for the last file of
    the same list, else guessed; in the last case, or when something must be said first, the import
    waits in the state `columns`. Raises `ImportRefused` for a file nobody can read.
    """
    _check_heading(source, authority)
    look = formats.look(file) if not form or form == "table" else formats.Look(format=form)
    known = Register.objects.filter(source=source.strip()).first()
    staged = Staged(
        source=source.strip(),
        authority=authority.strip(),
        as_of=as_of,
        format=form or look.format,
        filename=filename[-200:],
        staged_by=actor,
        fed=fed,
        options=dict(options or (known.options if known else {})),
    )
    _check_age(known, as_of)
    _name(staged, look, known, mapping)
    _measure(staged, file)
    if keep:
        staged.file.save(f"{staged.sha256[:16]}.list", File(file), save=False)
    staged.save()
    return staged


def _name(
    staged: Staged,
    look: formats.Look,
    known: Register | None,
    mapping: Mapping[str, str] | None,
) -> None:
    said = mapping is not None or staged.format != "table" or _again(staged, known, look.heading)
    guessed = columns.guess(look.heading) if staged.format == "table" else {}
    staged.mapping = dict(mapping or staged.mapping or guessed)
    unsaid = formats.check(staged.format, look.heading, staged.mapping, staged.options)
    staged.state = StagedState.READING if said and not unsaid else StagedState.COLUMNS


def _again(staged: Staged, known: Register | None, heading: tuple[str, ...]) -> bool:
    if known is None or not columns.fits(known.mapping, heading):
        return False
    staged.mapping = known.mapping
    return True


def _measure(staged: Staged, file: IO[bytes]) -> None:
    file.seek(0)
    digest = hashlib.sha256()
    while chunk := file.read(1024 * 1024):
        digest.update(chunk)
    staged.size = file.tell()
    if staged.size > files.LARGEST_FILE:
        raise files.refuse(_("The file is larger than this can read."))
    staged.sha256 = digest.hexdigest()
    file.seek(0)


def _check_heading(source: str, authority: str) -> None:
    problems = [
        Problem(0, name, _("Say it: citizens see it beside every answer."))
        for name, value in (("source", source), ("authority", authority))
        if not value.strip()
    ]
    problems += [
        Problem(0, name, reading.TOO_LONG, reading.measured(value.strip(), _LONGEST))
        for name, value in (("source", source), ("authority", authority))
        if len(value.strip()) > _LONGEST
    ]
    if problems:
        raise ImportRefused(problems)


def _check_age(known: Register | None, as_of: date) -> None:
    # A day more than ours: east of us it is tomorrow already.
    if as_of > timezone.localdate() + timedelta(days=1):
        message = _("%(given)s is still to come: type the list's own date.")
        raise ImportRefused([Problem(0, "as_of", message, {"given": str(as_of)})])
    latest = releases.latest(known) if known else None
    if latest and as_of < latest.as_of:
        message = _("The list in force is of %(newest)s, newer than %(given)s: check the date.")
        values = {"newest": str(latest.as_of), "given": str(as_of)}
        raise ImportRefused([Problem(0, "as_of", message, values)])


def name_columns(
    *, actor: User | None, staged_id: int, mapping: Mapping[str, str], options: Mapping[str, str]
) -> Staged:
    """Says what the columns of a waiting file mean. Raises `ImportRefused`, `NotNow`."""
    staged = _waiting(staged_id, StagedState.COLUMNS)
    with staged.file.open("rb") as file:
        heading = formats.look(file).heading if staged.format == "table" else ()
    named = {column: field for column, field in mapping.items() if field}
    if problems := formats.check(staged.format, heading, named, options):
        raise ImportRefused(problems)
    staged.mapping, staged.options = named, dict(options)
    staged.state = StagedState.READING
    staged.save(update_fields=["mapping", "options", "state"])
    return staged


def being_read() -> list[int]:
    """Imports whose reading began and is not at its end; their file is kept."""
    rows = Staged.objects.filter(state=StagedState.READING).exclude(file="")
    return list(rows.order_by("id").values_list("id", flat=True))


def discard(*, actor: User | None, staged_id: int) -> None:
    """Drops an import that is not in force. Raises `NotNow` when it is no longer waiting."""
    with transaction.atomic():
        staged = _waiting(
            staged_id, StagedState.COLUMNS, StagedState.READING, StagedState.READY, lock=True
        )
        end(staged, StagedState.DISCARDED)
        agency.record_audit(
            actor=actor, action="import_discarded", target=f"import:{staged.pk}", after=told(staged)
        )


def end(staged: Staged, state: StagedState) -> None:
    """Closes an import: its rows and its file are no longer needed."""
    staged.state, staged.ended_at = state, timezone.now()
    staged.save()
    StagedRow.objects.filter(staged=staged).delete()
    if state != StagedState.CONFIRMED and (name := staged.file.name):
        transaction.on_commit(lambda: staged.file.storage.delete(name))
    live.announce("alarms", staged=staged.pk)


def told(staged: Staged) -> dict[str, object]:
    """An import as the audit trail has it."""
    return {
        "source": staged.source,
        "as_of": str(staged.as_of),
        "rows": staged.rows,
        "added": staged.added,
        "changed": staged.changed,
        "vanished": staged.vanished,
    }


def _waiting(staged_id: int, *states: StagedState, lock: bool = False) -> Staged:
    rows = Staged.objects.select_for_update() if lock else Staged.objects.all()
    staged = rows.filter(pk=staged_id, state__in=states).first()
    if staged is None:
        raise NotNow("gone")
    return staged


@transaction.atomic
def start_again(staged_id: int) -> Staged:
    """Forgets a comparison that is out of date; the file waits to be read anew. Raises `NotNow`."""
    staged = _waiting(staged_id, StagedState.READY, lock=True)
    StagedRow.objects.filter(staged=staged).delete()
    staged.state = StagedState.READING
    for name in ("done", "last_row", "rows", "licensed", "revoked", "illegal", "skipped"):
        setattr(staged, name, 0)
    staged.added = staged.changed = staged.vanished = 0
    staged.remarks, staged.brakes = [], []
    staged.save()
    return staged
