"""What the register in force says about what citizens watch."""

from __future__ import annotations

from collections.abc import Iterable

from django.db.models import Max

from resmi.registry import queries
from resmi.registry.index import Index
from resmi.registry.models import Entity, Release
from resmi.registry.watches import rules
from resmi.registry.watches.rules import Now, Watched


def mark() -> str:
    """Names the register in force; differs after every release."""
    version, sha256 = queries.stamp()
    return f"{version}:{sha256[:16]}"


def now(watched: Iterable[Watched], index: Index) -> dict[str, Now]:
    """What the register says about each subject; entities by their id, names by the index.

    An entity that left the register is looked up by its name: another list may have it.
    """
    subjects = {one.subject: one for one in watched}
    ids = [entity for subject in subjects if (entity := rules.entity_of(subject))]
    dates = dict(Release.objects.values_list("register").annotate(Max("as_of")).order_by())
    rows = Entity.objects.filter(until=None, external_id__in=ids).select_related("register")
    found = {
        rules.ENTITY + row.external_id: Now(
            standing=row.status,  # type: ignore[arg-type]
            source=row.register.source,
            as_of=dates[row.register_id].isoformat(),
        )
        for row in rows
    }
    gone = {subject: one for subject, one in subjects.items() if subject not in found}
    return found | {subject: _by_name(one, index) for subject, one in gone.items()}


def _by_name(watched: Watched, index: Index) -> Now:
    answers = index.verify(watched.name, whole=True)
    standing = rules.standing_of(answers)
    said = next((one for one in answers if one.status == standing), None)
    return Now(
        standing=standing,
        source=said.source if said else index.source,
        as_of=said.as_of if said else index.as_of,
    )
