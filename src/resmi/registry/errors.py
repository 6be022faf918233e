"""What can go wrong in this room, told so that the reader knows what to mend."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple


class Problem(NamedTuple):
    """One fault in a file: `row` as a spreadsheet counts (the heading is row 1; 0 = whole file)."""

    row: int
    column: str
    message: str

    def __str__(self) -> str:
        place = ", ".join(
            part
            for part in (f"row {self.row}" if self.row else "", self.column and f"“{self.column}”")
            if part
        )
        return f"{place}: {self.message}" if place else self.message


class ImportRefused(Exception):
    """A file was not imported; the register in force is untouched. `problems` say why."""

    SHOWN = 20

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = tuple(problems)
        lines = [str(problem) for problem in problems[: self.SHOWN]]
        if more := len(problems) - self.SHOWN:
            lines += [f"… and {more} more"] if more > 0 else []
        super().__init__("Nothing was imported.\n" + "\n".join(lines))
