"""Whom a notice is meant for, and how long it may stand. Pure."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from resmi.routing.rules import LANGUAGE, needs_of

LONGEST = 300
MINUTES = (15, 60, 240, 480, 1440)
"""How long a notice may stand."""


def is_meant(
    key: str, needs: Collection[str], *, queues: Collection[str], skills: Mapping[str, int]
) -> bool:
    """Whether an agent serves the queue `key`, which asks for the skills `needs`.

    One who is given queues serves these; one without any serves all they have the skills for.
    Languages are a wish, so they keep nobody from a notice.
    """
    if queues:
        return key in queues
    asked = needs_of(skill for skill in needs if not skill.startswith(LANGUAGE))
    return all(skills.get(skill, 0) >= level for skill, level in asked.items())
