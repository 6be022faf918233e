"""The invented staff of the demo, and the password they share. Everything runs on loopback only."""

from __future__ import annotations

from dataclasses import dataclass

PASSWORD = "demo-only-7351"  # noqa: S105 - printed for everyone, good on this machine only


@dataclass(frozen=True)
class Person:
    """A member of staff. `skills` maps a skill to its level."""

    key: str
    name: str
    display_name: str
    role: str
    skills: tuple[str, ...] = ()
    language: str = "en"

    @property
    def email(self) -> str:
        """The sign-in name."""
        return f"{self.key}@resmi.example"


STAFF = (
    Person("sari", "Sari Wulandari", "Sari", "agent", ("reports", "lang:id", "lang:en")),
    Person("bima", "Bima Prasetyo", "Bima", "agent", ("reports", "lang:id")),
    Person("minji", "Kim Minji", "Minji", "agent", ("lang:ko", "lang:en", "lang:id")),
    Person("ratna", "Ratna Kusuma", "Ratna", "supervisor", ("reports", "lang:id", "lang:en")),
    Person("admin", "Agus Hartono", "Agus", "admin"),
)
AGENT = STAFF[0]
SUPERVISOR = STAFF[3]
