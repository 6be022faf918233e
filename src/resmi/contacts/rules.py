"""What becomes of two citizens' facts when they turn out to be one. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Literal

import msgspec

Side = Literal["keep", "other"]
CHOSEN = ("name", "language", "value")
MOST_TAGS = 30
LONGEST_TAG = 40


class Facts(msgspec.Struct, frozen=True, kw_only=True):
    """What we noted on a contact."""

    name: str = ""
    language: str = ""
    value: int = 0
    tags: tuple[str, ...] = ()
    attributes: dict[str, Any] = {}
    note: str = ""
    opted_out_at: datetime | None = None
    created_at: datetime


def conflicts(keep: Facts, other: Facts) -> list[str]:
    """What both have and have differently: `name`, `language`, `value`, `attribute:<key>`."""
    found = [
        name
        for name in CHOSEN
        if getattr(keep, name)
        and getattr(other, name)
        and getattr(keep, name) != getattr(other, name)
    ]
    both = keep.attributes.keys() & other.attributes.keys()
    return found + [
        f"attribute:{key}" for key in sorted(both) if keep.attributes[key] != other.attributes[key]
    ]


def merged(keep: Facts, other: Facts, choices: Mapping[str, str]) -> Facts:
    """The facts of the one contact; a conflict without a choice keeps what `keep` has.

    Nothing that protects the citizen is lost: all tags stay, and who opted out stays opted out.
    """
    differing = set(conflicts(keep, other))
    taken = {
        name: getattr(other, name)
        if not getattr(keep, name) or (name in differing and choices.get(name) == "other")
        else getattr(keep, name)
        for name in CHOSEN
    }
    attributes = {**other.attributes, **keep.attributes}
    for key in attributes:
        if f"attribute:{key}" in differing and choices.get(f"attribute:{key}") == "other":
            attributes[key] = other.attributes[key]
    opted_out = [one for one in (keep.opted_out_at, other.opted_out_at) if one]
    return Facts(
        **taken,
        tags=tuple(dict.fromkeys([*keep.tags, *other.tags])),
        attributes=attributes,
        note="\n".join(dict.fromkeys(one for one in (keep.note, other.note) if one)),
        opted_out_at=min(opted_out, default=None),
        created_at=min(keep.created_at, other.created_at),
    )


def restored(before: Facts, after: Facts, now: Facts) -> Facts:
    """The facts when a change from `before` to `after` is undone: later edits of `now` stay."""
    return Facts(
        **{
            name: getattr(before, name)
            if getattr(now, name) == getattr(after, name)
            else getattr(now, name)
            for name in Facts.__struct_fields__
        }
    )
