"""The account PostgreSQL runs under. It refuses to run as root, so root needs a service account."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from resmi.config.embedded.errors import Unusable

NAME = "resmi"
CREATE = ("--system", "--no-create-home", "--home-dir", "/nonexistent", "--shell", "/bin/false")


@dataclass(frozen=True)
class Account:
    """Whom PostgreSQL's programs run as. `switch` when that is not who we are ourselves."""

    uid: int
    gid: int
    name: str
    switch: bool

    def run(
        self, command: Sequence[str | Path], **options: Any
    ) -> subprocess.CompletedProcess[str]:
        """Runs a command as this account and captures what it prints. Raises `Unusable`."""
        try:
            return subprocess.run(
                [str(word) for word in command],
                check=False,
                capture_output=True,
                text=True,
                errors="replace",
                cwd="/",
                **self.identity(),
                **options,
            )
        except PermissionError as error:
            raise Unusable(
                f"PostgreSQL can't run as root, and changing to the account {self.name} to run "
                f"{command[0]} was refused: {error}. Run Resmi as an ordinary user, or set "
                "RESMI_DATABASE_URL to a server of your own."
            ) from error

    def identity(self) -> dict[str, Any]:
        """What `subprocess` needs to change to this account."""
        if not self.switch:
            return {}
        return {"user": self.uid, "group": self.gid, "extra_groups": []}

    def can_enter(self, folder: Path) -> bool:
        """Whether this account can reach the folder through all its parents."""
        return self.run(["/bin/sh", "-c", 'cd -- "$1"', "sh", folder]).returncode == 0

    def can_run(self, program: Path) -> bool:
        """Whether this account can reach and execute the program."""
        try:
            return self.run([program, "--version"]).returncode == 0
        except (Unusable, OSError):
            return False

    def own(self, folder: Path) -> None:
        """Gives a folder, and all in it, to this account. Only root can give to others."""
        if self.switch:
            os.chown(folder, self.uid, self.gid)
            for path in folder.rglob("*"):
                os.chown(path, self.uid, self.gid, follow_symlinks=False)


def for_folder(folder: Path) -> Account:
    """The account for the data in `folder`: ourselves; for root, the owner or a service account.

    Raises `Unusable` when the folder belongs to somebody else and we are not root.
    """
    owner = folder.stat().st_uid if folder.exists() else None
    us = os.geteuid()
    if us == 0:
        return _known(owner) if owner else _service()
    if owner is not None and owner != us:
        raise Unusable(
            f"The database folder {folder} belongs to the account {_known(owner).name}. Run Resmi "
            f"as {_known(owner).name}, or choose another folder with RESMI_HOME."
        )
    return Account(us, os.getegid(), str(us), switch=False)


def _known(uid: int) -> Account:
    try:
        entry = pwd.getpwuid(uid)
    except KeyError as error:
        raise Unusable(
            f"The database folder belongs to account number {uid}, which this machine doesn't "
            "know (a volume from another one?). Give it to an account that exists: chown -R."
        ) from error
    return Account(entry.pw_uid, entry.pw_gid, entry.pw_name, switch=True)


def _service() -> Account:
    """The account for root's database: `resmi`, made when missing, else an existing other one."""
    if not _exists(NAME) and (useradd := shutil.which("useradd")):
        subprocess.run([useradd, *CREATE, NAME], check=False, capture_output=True)
    for name in (NAME, "postgres", "nobody"):
        if _exists(name):
            return _known(pwd.getpwnam(name).pw_uid)
    raise Unusable(
        "PostgreSQL can't run as root, and no service account could be made. Create one named "
        f"{NAME}, run Resmi as an ordinary user, or set RESMI_DATABASE_URL."
    )


def _exists(name: str) -> bool:
    try:
        pwd.getpwnam(name)
    except KeyError:
        return False
    return True
