"""The data folder: whose it is, which version made it, and making it."""

from __future__ import annotations

import shutil
from pathlib import Path

from resmi.config.embedded import account as accounts
from resmi.config.embedded.account import Account
from resmi.config.embedded.errors import Unusable, explain
from resmi.config.embedded.programs import MAJOR
from resmi.config.embedded.sockets import SUPERUSER

MEGABYTE = 1_000_000
SPACE_TO_MAKE_MB = 300
SPACE_TO_START_MB = 64
# Nothing of the caller's PG… variables or locale may reach the server.
ENVIRONMENT = {"PATH": "/usr/local/bin:/usr/bin:/bin", "LC_ALL": "C"}
# PostgreSQL's own locale: sorting stays the same when the system's C library changes.
LOCALE = ("--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C")


def prepare(data: Path) -> Account:
    """Makes the folder above the data; the account the server runs as there.

    For root the folder above is opened for passing through (not for listing), for the service
    account must reach the data. Folders further up are left alone. Raises `Unusable`.
    """
    home = data.parent
    home.mkdir(mode=0o700, parents=True, exist_ok=True)
    account = accounts.for_folder(data)
    if account.switch:
        home.chmod(home.stat().st_mode | 0o011)
        if not account.can_enter(home):
            raise Unusable(
                f"PostgreSQL can't run as root, and the account {account.name} it runs as instead "
                f"can't reach {home}. Choose a folder it can, such as RESMI_HOME=/var/lib/resmi, "
                f"or open the folders above (chmod o+x)."
            )
        if data.exists() and data.stat().st_uid == 0:
            account.own(data)
    return account


def version(data: Path) -> str | None:
    """The major version of PostgreSQL that made the data; None when there is none yet."""
    try:
        return (data / "PG_VERSION").read_text().strip()
    except FileNotFoundError:
        return None


def ensure(data: Path, prefix: Path, account: Account) -> None:
    """Makes the data when there is none. Raises `Unusable` for another version or a full disk."""
    found = version(data)
    _check_space(data.parent, SPACE_TO_START_MB if found else SPACE_TO_MAKE_MB)
    if found is None:
        _make(data, prefix, account)
    elif found != str(MAJOR):
        raise Unusable(
            f"The data in {data} was made by PostgreSQL {found}; this Resmi carries PostgreSQL "
            f"{MAJOR}. Move the folder away, start, and load a dump taken with PostgreSQL "
            f"{found}; or run your own server and set RESMI_DATABASE_URL."
        )


def _check_space(folder: Path, megabytes: int) -> None:
    free = shutil.disk_usage(folder).free // MEGABYTE
    if free < megabytes:
        raise Unusable(
            f"Only {free} MB are free on the disk of {folder}; PostgreSQL needs {megabytes}. "
            "Free some space, or choose another folder with RESMI_HOME."
        )


def _make(data: Path, prefix: Path, account: Account) -> None:
    """Makes the data aside and moves it into place, so that a killed attempt leaves no half."""
    if data.exists() and any(data.iterdir()):
        raise Unusable(
            f"The folder {data} holds files, but no database. Move them away, or choose another "
            "folder with RESMI_HOME."
        )
    part = data.with_name(f"{data.name}.part")
    shutil.rmtree(part, ignore_errors=True)
    part.mkdir(mode=0o700)
    account.own(part)
    options = ("-U", SUPERUSER, "--auth=trust", "--encoding=UTF8", *LOCALE, "--no-instructions")
    made = account.run([prefix / "bin" / "initdb", "-D", part, *options], env=ENVIRONMENT)
    if made.returncode:
        raise Unusable(f"A database could not be made in {data}: {explain(made.stderr)}")
    part.rename(data)
