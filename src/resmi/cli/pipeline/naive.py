"""The same work by the handler in the repository's `benchmarks` folder, for comparison."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import resmi
from resmi.cli.demo import plan
from resmi.cli.pipeline import rig
from resmi.cli.pipeline.sink import Sink
from resmi.cli.supervisor import Program, Supervisor
from resmi.cli.trouble import Trouble

REPOSITORY = Path(resmi.__file__).parents[2]
# The best of those tried on two cores: more processes or threads only wait for each other.
SERVER = (
    "--interface",
    "wsgi",
    "--workers",
    "2",
    "--blocking-threads",
    "4",
    "--backpressure",
    "64",
)


@asynccontextmanager
async def running(built: rig.House) -> AsyncIterator[rig.Rig]:
    """Runs the naive handler on the database of a house, with a sink of its own."""
    if not (REPOSITORY / "benchmarks" / "naive").is_dir():
        raise Trouble("The naive handler is in the source tree only, in benchmarks/.")
    sink_port = plan.free_port(0)
    env = {
        **built.env,
        "RESMI_WHATSAPP_GRAPH_URL": f"http://127.0.0.1:{sink_port}/v26.0",
        "DJANGO_SETTINGS_MODULE": "benchmarks.naive.settings",
        "PYTHONPATH": f"{REPOSITORY}:{REPOSITORY / 'src'}",
    }
    create = [sys.executable, "-m", "django", "migrate", "--run-syncdb", "-v0"]
    done = await asyncio.to_thread(
        subprocess.run, create, env=env, capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise Trouble(f"the naive handler has no tables:\n{done.stderr.strip()}")
    port = plan.free_port(0)
    target = "benchmarks.naive.wsgi:application"
    command = (sys.executable, "-m", "granian", *SERVER, "--port", str(port), target)
    sink = Sink()
    with (built.home / "naive.log").open("a", encoding="utf-8") as log:
        keeping = Supervisor(
            [Program(name="naive", command=command, env=env)],
            give_up_after=2,
            say=lambda name, line: print(name, line, file=log, flush=True),
        )
        async with rig.kept(keeping, port, sink, sink_port) as going:
            yield going
