"""Runs several programs as one: starts them, shows what they say, restarts what falls."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import sys
import time
from asyncio.subprocess import Process
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field

from resmi.cli import lifeline, nursery
from resmi.cli.nursery import Copy, Nursery

FIRST_PAUSE_S = 0.5
LONGEST_PAUSE_S = 30.0
STEADY_S = 30.0
DRAIN_S = 40.0

Chore = Callable[[], Awaitable[None]]


@dataclass(frozen=True, kw_only=True)
class Program:
    """A child process: what it is called in the output, its command, and settings of its own.

    `words`: what follows `resmi` when the command is one of ours, which a nursery can start.
    """

    name: str
    command: tuple[str, ...]
    words: tuple[str, ...] = ()
    env: Mapping[str, str] = field(default_factory=dict)


def resmi(name: str, *arguments: str, env: Mapping[str, str] | None = None) -> Program:
    """The program `resmi name arguments…`, run by this interpreter."""
    command = (sys.executable, "-m", "resmi.cli.main", name, *arguments)
    return Program(name=name, command=command, words=(name, *arguments), env=env or {})


def pause_s(falls: int) -> float:
    """How long to wait before the next start, after so many quick falls in a row."""
    return min(LONGEST_PAUSE_S, FIRST_PAUSE_S * 2.0 ** min(falls, 10))


class GaveUp(Exception):
    """A program fell too often in a row; the text names it."""


class Supervisor:
    """Keeps programs running until told to stop.

    `give_up_after`: quick falls of one program in a row after which all are stopped; None: never.
    `chores` run beside the programs and are cancelled at the end. Commands of ours come from
    `copies`; without it, or when it is gone, each is started anew.
    """

    def __init__(
        self,
        programs: Sequence[Program],
        *,
        chores: Sequence[Chore] = (),
        give_up_after: int | None = None,
        say: Callable[[str, str], None] | None = None,
        copies: Nursery | None = None,
    ) -> None:
        self.copies = copies
        self.programs = programs
        self.chores = chores
        self.give_up_after = give_up_after
        self.say = say or Voice([program.name for program in programs])
        self.stopping = asyncio.Event()

    async def run(self) -> None:
        """Runs until SIGINT, SIGTERM or `stop()`; then drains. Raises `GaveUp`."""
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, self.stop)
        chores = [asyncio.ensure_future(chore()) for chore in self.chores]
        try:
            await self._keep_all()
        finally:
            for chore in chores:
                chore.cancel()
            await asyncio.gather(*chores, return_exceptions=True)

    async def _keep_all(self) -> None:
        try:
            async with asyncio.TaskGroup() as group:
                for program in self.programs:
                    group.create_task(self._keep(program))
        except BaseExceptionGroup as failures:
            # Not `except*`: early releases of Python 3.11 put what it raises into a group again.
            gave_up, others = failures.split(GaveUp)
            if gave_up is None or others is not None:
                raise
            raise gave_up.exceptions[0] from None

    def stop(self) -> None:
        """Asks all programs to finish what they are doing and end. Twice: at once."""
        self.stopping.set()

    async def _keep(self, program: Program) -> None:
        falls = 0
        while not self.stopping.is_set():
            began = time.monotonic()
            child = await self._start(program)
            code = await self._watch(program, child)
            if self.stopping.is_set():
                return
            falls = 0 if time.monotonic() - began > STEADY_S else falls + 1
            if self.give_up_after is not None and falls >= self.give_up_after:
                self.stop()
                raise GaveUp(f"{program.name} ended with {code} {falls} times in a row.")
            self.say(program.name, f"ended with {code}; starts again in {pause_s(falls):.1f} s")
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self.stopping.wait(), pause_s(falls))

    async def _start(self, program: Program) -> Process | Copy:
        if program.words and self.copies:
            try:
                return await self.copies.start(program.name, program.words, program.env)
            except nursery.Gone:
                self.say(program.name, "the process it is copied from is gone; starting it anew")
        return await asyncio.create_subprocess_exec(
            *program.command,
            env={**os.environ, **lifeline.environment(), **program.env},
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
            limit=nursery.LINE_BYTES,
            start_new_session=True,  # so that Ctrl-C reaches only us and we can drain
        )

    async def _watch(self, program: Program, child: Process | Copy) -> int:
        """Waits for the child's end, or ends it when we are stopping; its exit code."""
        output = asyncio.ensure_future(self._relay(program, child))
        ended = asyncio.ensure_future(child.wait())
        told = asyncio.ensure_future(self.stopping.wait())
        try:
            await asyncio.wait({ended, told}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            told.cancel()
            await _end(child)
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(output, 2.0)
        return await ended

    async def _relay(self, program: Program, child: Process | Copy) -> None:
        assert child.stdout
        while True:
            try:
                line = await child.stdout.readline()
            except ValueError:  # longer than any line should be; what follows is shown again
                continue
            if not line:
                return
            self.say(program.name, line.decode(errors="replace").rstrip())


async def _end(child: Process | Copy) -> None:
    """SIGTERM, and SIGKILL when it has not ended in time; nothing of its session stays behind.

    A child that was killed may leave children of its own, still answering on its port.
    """
    if child.returncode is None:
        with contextlib.suppress(ProcessLookupError):
            child.terminate()
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(child.wait(), DRAIN_S)
    with contextlib.suppress(ProcessLookupError):
        os.killpg(child.pid, signal.SIGKILL)
    await child.wait()


class Voice:
    """Prints lines with the name of who said them, in colour on a terminal."""

    COLOURS = (36, 33, 35, 32, 34, 31)

    def __init__(self, names: Sequence[str]) -> None:
        self.width = max((len(name) for name in names), default=0)
        self.colour = dict(zip(names, self.COLOURS * 3, strict=False))
        self.terminal = sys.stdout.isatty()

    def __call__(self, name: str, line: str) -> None:
        """Prints one line."""
        label = f"{name:<{self.width}} |"
        if self.terminal:
            label = f"\x1b[{self.colour.get(name, 37)}m{label}\x1b[0m"
        print(label, line, flush=True)
