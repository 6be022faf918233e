"""What bringing in staff refuses."""

from __future__ import annotations

from collections.abc import Sequence

from resmi.routing.staffing.rules import Problem


class Wrong(Exception):
    """A file that can't be taken; `problems` says where and why. Nothing was changed."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__(", ".join(f"{one.line}: {one.code}" for one in problems))
        self.problems = tuple(problems)


class Changed(Exception):
    """Staff changed since the preview: it would do something else than was shown."""


class Done(Exception):
    """The import was put in force, or undone, already."""
