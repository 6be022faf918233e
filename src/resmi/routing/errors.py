"""What routing refuses."""

from __future__ import annotations

from collections.abc import Sequence

from resmi.routing.policy import Problem


class BadPolicy(Exception):
    """A routing policy that can't be put in force; `problems` are all its mistakes."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__("; ".join(f"{one.code} {one.where} {one.detail}" for one in problems))
        self.problems = tuple(problems)


class Overloaded(Exception):
    """An agent holds more than the capacity somebody wants to set; `load` is in units."""

    def __init__(self, *, load: int) -> None:
        super().__init__(f"The agent holds {load} units.")
        self.load = load
