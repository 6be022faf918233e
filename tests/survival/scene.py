"""A whole installation for a scenario: its processes on any database, and a town that uses it."""

from __future__ import annotations

import contextlib
import os
import secrets
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from resmi.cli.demo import premises
from resmi.cli.pipeline import names
from tests import processes
from tests.survival import diary, ledger, town
from tests.survival.ledger import Ledger
from tests.survival.town import Town

COMPANIES = 300
SECRET = "survival"
PATIENCE_S = 90.0


@dataclass
class Scene:
    """An installation. `url` is what its processes use; `books` a database URL for us."""

    home: Path
    url: str
    env: dict[str, str]
    far_port: int
    ports: list[int] = field(default_factory=list)

    @contextlib.contextmanager
    def living(self) -> Iterator[Town]:
        """Citizens write to the web servers started so far."""
        urls = [f"http://127.0.0.1:{port}/hooks/whatsapp" for port in self.ports]
        known = list(names.names(COMPANIES))
        with town.living(urls, far_port=self.far_port, secret=SECRET, names=known) as here:
            yield here

    def program(
        self, *words: str, port: int = 0, env: Mapping[str, str] | None = None
    ) -> contextlib.AbstractContextManager[processes.Running]:
        """`resmi words…` as a process that is ended with the block."""
        arguments = ["-m", "resmi.cli.main", *words, *(["--port", str(port)] if port else [])]
        full = {**self.env, **(env or {})}
        return processes.running(words[0], "python", *arguments, env=full, port=port)

    def web(self) -> contextlib.AbstractContextManager[processes.Running]:
        """A web server on a port of its own, to which the town's citizens write."""
        self.ports.append(processes.free_port())
        return self.program("serve", port=self.ports[-1])

    def wait_until_done(self, url: str = "", patience_s: float = PATIENCE_S) -> None:
        """Waits until no item and no delivery is under way."""
        deadline = time.monotonic() + patience_s
        while (left := ledger.under_way(url or self.url)) != 0:
            assert time.monotonic() < deadline, f"{left} items and deliveries are still under way"
            time.sleep(0.1)

    def close_the_books(self, here: Town, name: str, url: str = "") -> Ledger:
        """Waits until all is done, checks the ledger, notes it in the diary."""
        here.settle()
        self.wait_until_done(url)
        here.settle()
        self.wait_until_done(url)
        found = ledger.draw_up(
            url or self.url, acknowledged=here.acknowledged, arrivals=here.far.refs
        )
        diary.note_ledger(name, found)
        assert found.wrong == (), "\n".join(found.wrong)
        assert {*here.acknowledged} == {*here.asked}
        assert len(here.asked) == found.stored
        assert found.answered + found.open == found.stored
        return found


def stage(home: Path, url: str, **settings: str) -> Scene:
    """Tables, an invented register and one channel in the database at `url`."""
    far_port = processes.free_port()
    env = environment(home, url, far_port, **settings)
    resmi(env, "bench-seed", "--companies", str(COMPANIES))
    return Scene(home, url, env, far_port)


def environment(home: Path, url: str, far_port: int, **settings: str) -> dict[str, str]:
    """What an installation's processes find in their environment."""
    return {
        **os.environ,
        "RESMI_HOME": str(home),
        "RESMI_MODE": "demo",
        "RESMI_SECRET_KEY": secrets.token_urlsafe(32),
        "RESMI_DATABASE_URL": url,
        "RESMI_PACK": str(premises.write_pack(home)),
        "RESMI_WHATSAPP_APP_SECRETS": SECRET,
        "RESMI_WHATSAPP_TOKEN": "survival",
        "RESMI_WHATSAPP_GRAPH_URL": f"http://127.0.0.1:{far_port}/v26.0",
        "RESMI_LOG_LEVEL": "warning",
        "PYTHONUNBUFFERED": "1",
        **settings,
    }


def resmi(env: Mapping[str, str], *words: str) -> str:
    """Runs a command to its end; what it printed. Fails with its words when it fails."""
    done = subprocess.run(
        [sys.executable, "-m", "resmi.cli.main", *words],
        env=dict(env),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, f"resmi {' '.join(words)}:\n{done.stdout}{done.stderr}"
    return done.stdout


def wait_for(ready, patience_s: float = PATIENCE_S, what: str = "it") -> float:  # type: ignore[no-untyped-def]
    """Polls `ready`; the seconds it took. Fails when it takes too long."""
    begin = time.monotonic()
    while not ready():
        assert time.monotonic() - begin < patience_s, f"{what} did not happen"
        time.sleep(0.02)
    return time.monotonic() - begin
