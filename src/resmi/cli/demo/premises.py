"""The demo's folder: whose it is, who is in it now, and clearing it."""

from __future__ import annotations

import fcntl
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec

from resmi.cli.demo.plan import Plan
from resmi.cli.trouble import Trouble
from resmi.config import embedded, environment

MARK = "demo.json"
HOURS = """\
# The demo never closes.
time_zone: Asia/Jakarta
zone_names: {id: WIB, en: Jakarta time, ko: 자카르타 시간}
weekly:
""" + "".join(
    f'  {day}: ["00:00-24:00"]\n'
    for day in ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
)


class Mark(msgspec.Struct, frozen=True):
    """Marks a folder as a demo's, and says where the demo that runs in it answers."""

    page: str


@contextmanager
def occupied(plan: Plan) -> Iterator[None]:
    """Holds the folder while the demo runs. Raises `Trouble` when another one runs in it."""
    claim(plan.home)
    with (plan.home / "demo.lock").open("a") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise Trouble(_already(plan.home)) from error
        (plan.home / MARK).write_bytes(msgspec.json.encode(Mark(plan.page)))
        yield


def claim(home: Path) -> None:
    """Makes the folder. Raises `Trouble` for one that holds something else than a demo."""
    home.mkdir(mode=0o700, parents=True, exist_ok=True)
    if not (home / MARK).exists() and any(home.iterdir()):
        raise Trouble(
            f"{home} holds files that are no demo's; leave it alone and name another folder with "
            "--home."
        )


def _already(home: Path) -> str:
    page = msgspec.json.decode((home / MARK).read_bytes(), type=Mark).page
    return (
        f"a demo already runs in {home}: open {page}\n"
        "To have a second one beside it, give it a folder of its own: resmi demo --home FOLDER"
    )


def clear(home: Path) -> None:
    """Removes everything in a demo's folder. Raises `Trouble` when it is not a demo's, or busy."""
    if not home.exists():
        return
    claim(home)
    with (home / "demo.lock").open("a") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise Trouble(_already(home)) from error
        embedded.stop(home / "postgres")
        shutil.rmtree(home)


def write_pack(home: Path) -> Path:
    """The finance pack with opening hours round the clock, so that the demo works at any hour."""
    folder = home / "pack"
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(environment.SHIPPED_PACKS / "finance", folder)
    (folder / "hours.yaml").write_text(HOURS)
    return folder
