"""What can go wrong in this room, told so that the reader knows what to mend."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal, NamedTuple


def gettext_noop(text: str) -> str:
    """Marks a text for the catalogues, without needing Django as its namesake does."""
    return text


_ = gettext_noop


class Problem(NamedTuple):
    """One fault in a file: `row` as a spreadsheet counts (the heading is row 1; 0 = whole file).

    `message` is a text with `%(name)s` places for `values`, so that a page can translate it.
    """

    row: int
    column: str
    message: str
    values: Mapping[str, str | int] = {}

    @property
    def text(self) -> str:
        """The message in English, filled in."""
        return self.message % self.values if self.values else self.message

    def __str__(self) -> str:
        place = ", ".join(
            part
            for part in (f"row {self.row}" if self.row else "", self.column and f"“{self.column}”")
            if part
        )
        return f"{place}: {self.text}" if place else self.text


class ImportRefused(Exception):
    """A file was not imported; the register in force is untouched. `problems` say why."""

    SHOWN = 20

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = tuple(problems)
        lines = [str(problem) for problem in problems[: self.SHOWN]]
        if more := len(problems) - self.SHOWN:
            lines += [f"… and {more} more"] if more > 0 else []
        super().__init__("Nothing was imported.\n" + "\n".join(lines))


Why = Literal["gone", "braked", "outdated", "taken", "nothing", "unnamed", "known", "absent"]
_WORDS: dict[Why, str] = {
    "gone": _("This import is no longer waiting: it was confirmed, refused or discarded."),
    "braked": _("The file differs much from the list in force: say why it is right."),
    "outdated": _("The list changed after the file was compared: it has been compared again."),
    "taken": _("An id of the file now stands in another list: look at the comparison again."),
    "nothing": _("There is nothing to undo."),
    "unnamed": _("Say why: colleagues will ask."),
    "known": _("The entity already has that."),
    "absent": _("The entity does not have that."),
}


class NotNow(Exception):
    """Something can't be done as things stand; `why` is a word for programs, the text for people.

    - gone: an import that no longer waits
    - braked: confirming needs a typed reason
    - outdated: the list changed since the comparison; it has been made again
    - taken: an id now stands in another list
    - nothing: no release to undo
    - unnamed: a reason is missing
    - known, absent: a correction that would change nothing
    """

    def __init__(self, why: Why) -> None:
        super().__init__(_WORDS[why])
        self.why = why
