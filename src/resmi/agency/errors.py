"""What the agency room refuses."""

from __future__ import annotations


class BadPolicy(Exception):
    """A policy can't be put in force; `problems` are codes of `resmi.agency.policy`."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__(", ".join(problems))
        self.problems = problems


class OwnAccount(Exception):
    """An administrator tried to take away their own access."""
