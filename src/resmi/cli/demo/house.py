"""Everything a demo consists of, under one roof: database, seed, processes; up and down again."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from collections import deque
from collections.abc import Callable, Mapping

from resmi.cli import keeper, main, nursery, preloading, supervisor
from resmi.cli.demo import approvals, premises
from resmi.cli.demo.plan import Plan, settings
from resmi.cli.demo.visitor import Unexpected, Visitor
from resmi.cli.nursery import Nursery
from resmi.cli.supervisor import GaveUp, Program, Supervisor
from resmi.cli.trouble import Trouble
from resmi.config import embedded

READY_S = 90.0
LOOK_EVERY_S = 0.1
QUICK_FALLS = 3
LAST_LINES = 25

Tell = Callable[[str], None]


def run(
    plan: Plan, when_ready: Callable[[], None], *, verbose: bool, tell: Tell, once: bool = False
) -> None:
    """Starts all, calls `when_ready`, runs until told to end (or at once, with `once`).

    Raises `Trouble` and `embedded.Unusable`. Whatever happens, nothing is left running.
    """
    data = plan.home / "postgres"
    try:
        tell("Starting PostgreSQL")
        env = settings(plan, embedded.start(data), premises.write_pack(plan.home))
        tell("Preparing tables, 3,000 invented companies and their register")
        _seed(env)
        tell("Starting web, worker, sender, jobs and the simulated WhatsApp")
        copies = nursery.Nursery(main.run, lambda: _load(env))
        try:
            house = _House(plan, env, copies, verbose=verbose, tell=tell)
            asyncio.run(house.live(when_ready, once=once))
        finally:
            copies.close()
    except KeyboardInterrupt:
        tell("Interrupted")
    finally:
        embedded.stop(data)


def _seed(env: Mapping[str, str]) -> None:
    command = [sys.executable, "-m", "resmi.cli.main", "demo-seed"]
    done = subprocess.run(command, env=env, capture_output=True, text=True, check=False)
    if done.returncode:
        raise Trouble(f"the demo could not be prepared:\n{done.stderr.strip()}")


def _load(env: Mapping[str, str]) -> None:
    """In the process the others are copies of: the demo's settings, whatever ours are."""
    os.environ.clear()
    os.environ.update(env)
    preloading.load("resmi.cli.simulator")


def programs(plan: Plan, env: Mapping[str, str]) -> list[Program]:
    """The processes of a demo."""
    hook = f"{plan.web}/hooks/whatsapp"
    return [
        supervisor.resmi("serve", "--port", str(plan.web_port), env=env),
        supervisor.resmi("work", env=env),
        supervisor.resmi("send", env=env),
        supervisor.resmi("jobs", env=env),
        supervisor.resmi(
            "simulator",
            *("--port", str(plan.simulator_port), "--webhook", hook, "--frame", plan.web),
            *("--keep", str(plan.home / "phone.json")),
            env=env,
        ),
    ]


class _House:
    """The processes, and what they said last."""

    def __init__(
        self, plan: Plan, env: Mapping[str, str], copies: Nursery, *, verbose: bool, tell: Tell
    ) -> None:
        self.plan = plan
        self.copies = copies
        self.env = env
        self.tell = tell
        self.last: deque[str] = deque(maxlen=LAST_LINES)
        self.programs = programs(plan, env)
        self.voice = supervisor.Voice([program.name for program in self.programs])
        self.verbose = verbose
        self.log = (plan.home / "demo.log").open("a", encoding="utf-8")

    async def live(self, when_ready: Callable[[], None], *, once: bool) -> None:
        failures: list[BaseException] = []

        async def greet() -> None:
            try:
                await _wait_until_ready(self.plan)
                await asyncio.to_thread(approvals.hand_in, self.plan, self.env)
                await asyncio.to_thread(when_ready)
            except (Unexpected, OSError) as error:
                failures.append(error)
            if once or failures:
                house.stop()

        house = Supervisor(
            self.programs,
            chores=[greet, keeper.keep(self.plan.home / "postgres", self.say)],
            give_up_after=QUICK_FALLS,
            say=self.say,
            copies=self.copies,
        )
        try:
            await house.run()
        except GaveUp as error:
            failures.append(error)
        finally:
            self.log.close()
        if failures:
            raise Trouble(f"{failures[0]}\n" + "\n".join(self.last))

    def say(self, name: str, line: str) -> None:
        """Writes a line to the log, and shows it when asked to."""
        self.last.append(f"{name}: {line}")
        print(name, line, file=self.log, flush=True)
        if self.verbose:
            self.voice(name, line)


async def _wait_until_ready(plan: Plan) -> None:
    """Waits for the sign-in page and the phone. Raises `Unexpected` when they don't come."""
    for site, path in ((plan.web, "/accounts/login/"), (plan.simulator, "/control/state")):
        for _ in range(round(READY_S / LOOK_EVERY_S)):
            if await asyncio.to_thread(_answers, site, path):
                break
            await asyncio.sleep(LOOK_EVERY_S)
        else:
            raise Unexpected(f"{site} did not answer within {READY_S:.0f} seconds")


def _answers(site: str, path: str) -> bool:
    try:
        Visitor(site).open(path)
    except (Unexpected, OSError):
        return False
    return True
