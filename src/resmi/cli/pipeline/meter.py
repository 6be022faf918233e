"""What a measurement costs: CPU seconds and memory of every process taking part."""

from __future__ import annotations

import asyncio

import psutil
import psycopg

EVERY_S = 2.0
_CLIENTS = """
    SELECT pid, application_name FROM pg_stat_activity
    WHERE datname = current_database() AND backend_type = 'client backend'
"""


class Meter:
    """CPU seconds and peak memory of our processes and the database, by what they are."""

    def __init__(self, postmaster: int, database_url: str) -> None:
        self.postmaster = postmaster
        self.database_url = database_url
        self.peak: dict[str, float] = {}
        self.first: dict[int, tuple[str, float]] = {}
        self.latest: dict[int, tuple[str, float]] = {}
        self.me = psutil.Process()

    async def run(self) -> None:
        """Looks now and then until cancelled."""
        while True:
            self.look()
            await asyncio.sleep(EVERY_S)

    def look(self) -> None:
        """Takes one reading."""
        memory: dict[str, float] = {}
        for process, role in self._processes():
            try:
                times, held = process.cpu_times(), process.memory_info()
            except psutil.Error:
                continue
            spent = times.user + times.system
            self.first.setdefault(process.pid, (role, spent))
            self.latest[process.pid] = (role, spent)
            shared = held.shared if role == "postgres" else 0
            memory[role] = memory.get(role, 0.0) + (held.rss - shared) / 2**20
        for role, size in memory.items():
            self.peak[role] = round(max(self.peak.get(role, 0.0), size), 1)

    def cpu(self) -> dict[str, float]:
        """CPU seconds spent by role since the first reading."""
        self.look()
        return self._summed({pid: role for pid, (role, _) in self.latest.items()})

    def cpu_in_postgres(self) -> dict[str, float]:
        """CPU seconds of the database by whom it served; its own upkeep is `server`."""
        with psycopg.connect(self.database_url) as connection:
            clients: dict[int, str] = dict(connection.execute(_CLIENTS).fetchall())
        pids = [pid for pid, (role, _) in self.latest.items() if role == "postgres"]
        return self._summed({pid: clients.get(pid, "server") for pid in pids})

    def _summed(self, roles: dict[int, str]) -> dict[str, float]:
        spent: dict[str, float] = {}
        for pid, role in roles.items():
            own = self.latest[pid][1] - self.first[pid][1]
            spent[role] = spent.get(role, 0.0) + own
        return {role: round(seconds, 2) for role, seconds in sorted(spent.items())}

    def _processes(self) -> list[tuple[psutil.Process, str]]:
        found = [(self.me, "load_and_sink")]
        for process in self.me.children(recursive=True):
            words = _words(process)
            if "resmi.cli.main" in words:
                found.append((process, words[words.index("resmi.cli.main") + 1]))
            elif words:
                found.append((process, "serve"))
        server = psutil.Process(self.postmaster)
        found += [(one, "postgres") for one in (server, *server.children(recursive=True))]
        return found


def _words(process: psutil.Process) -> list[str]:
    try:
        return list(process.cmdline())
    except psutil.Error:
        return []
