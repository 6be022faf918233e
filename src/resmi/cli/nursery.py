"""Starts Resmi's processes as copies of one that has everything loaded, so that they share memory.

The nursery is a process without threads or connections. It is asked over a socket to run a command
of `resmi`, forks, and tells when the copy ended. What was loaded before stays in memory once,
however many copies there are.
"""

from __future__ import annotations

import asyncio
import ctypes
import gc
import json
import multiprocessing
import os
import signal
import socket
import sys
from collections.abc import Callable, Mapping
from contextlib import suppress
from multiprocessing import connection
from multiprocessing.process import BaseProcess
from typing import Any

from resmi.cli import lifeline

MESSAGE_BYTES = 256 * 1024
LINE_BYTES = 1_000_000
ARENAS = 2
_M_ARENA_MAX = -8  # malloc.h
_PR_SET_NAME = 15  # linux/prctl.h
_ENDING = {signal.SIGTERM, signal.SIGINT}
_FORK = multiprocessing.get_context("fork")

Main = Callable[[list[str]], None]


class Gone(Exception):
    """The nursery has ended; programs have to be started otherwise."""


class Copy:
    """A program started by the nursery, seen from the supervisor; like an asyncio `Process`."""

    def __init__(self, pid: int, stdout: asyncio.StreamReader) -> None:
        self.pid = pid
        self.stdout: asyncio.StreamReader | None = stdout
        self.ended: asyncio.Future[int] = asyncio.get_running_loop().create_future()

    @property
    def returncode(self) -> int | None:
        """How it ended (a signal as a negative number); None while it runs."""
        return self.ended.result() if self.ended.done() else None

    async def wait(self) -> int:
        """Waits for its end."""
        return await asyncio.shield(self.ended)

    def terminate(self) -> None:
        """Sends SIGTERM. Raises `ProcessLookupError` when it is gone."""
        os.kill(self.pid, signal.SIGTERM)


class Nursery:
    """The supervisor's side: asks for copies and hears of their ends.

    Made before an event loop or a thread runs in this process; used inside one event loop.
    """

    def __init__(self, main: Main, ready: Callable[[], None]) -> None:
        """`ready` loads what copies share; `main` runs the words of a command in a copy."""
        self._ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self._process = _FORK.Process(
            target=_live, args=(self._ours, theirs, main, ready), name="nursery"
        )
        self._process.start()
        theirs.close()
        self._ours.setblocking(False)
        self._listening = False
        self._asked: dict[int, asyncio.Future[int]] = {}
        self._copies: dict[int, Copy] = {}
        self._number = 0

    @property
    def pid(self) -> int:
        """The process copies are made of."""
        assert self._process.pid
        return self._process.pid

    async def start(self, name: str, words: tuple[str, ...], env: Mapping[str, str]) -> Copy:
        """Runs `resmi words…` in a copy with these additions to its environment. Raises `Gone`."""
        self._listen()
        self._number += 1
        number = self._number
        born = self._asked[number] = asyncio.get_running_loop().create_future()
        reading, writing = os.pipe()
        wish = {"number": number, "name": name, "words": words, "env": dict(env)}
        try:
            socket.send_fds(self._ours, [json.dumps(wish).encode()], [writing])
        except OSError as error:
            os.close(reading)
            raise Gone from error
        finally:
            os.close(writing)
        stdout = await _reader(reading)
        copy = self._copies[number] = Copy(await born, stdout)
        return copy

    def close(self) -> None:
        """Ends the nursery and, kindly, whatever it still has running; after the event loop."""
        self._ours.close()

    def _listen(self) -> None:
        if not self._listening:
            asyncio.get_running_loop().add_reader(self._ours, self._hear)
            self._listening = True

    def _hear(self) -> None:
        try:
            heard = self._ours.recv(MESSAGE_BYTES)
        except BlockingIOError:
            return
        except ConnectionError:
            heard = b""
        if not heard:
            self._mourn()
            return
        said = json.loads(heard)
        number = said["number"]
        if "pid" in said:
            self._asked.pop(number).set_result(said["pid"])
        elif copy := self._copies.pop(number, None):
            copy.ended.set_result(said["code"])

    def _mourn(self) -> None:
        """The nursery is gone, and by the kernel's word to its copies so are they, or soon."""
        asyncio.get_running_loop().remove_reader(self._ours)
        for born in self._asked.values():
            born.set_exception(Gone())
        for copy in self._copies.values():
            copy.ended.set_result(-signal.SIGTERM)
        self._asked, self._copies = {}, {}


async def _reader(handle: int) -> asyncio.StreamReader:
    reader = asyncio.StreamReader(limit=LINE_BYTES)
    await asyncio.get_running_loop().connect_read_pipe(
        lambda: asyncio.StreamReaderProtocol(reader), os.fdopen(handle, "rb", buffering=0)
    )
    return reader


def _live(
    ours: socket.socket, theirs: socket.socket, main: Main, ready: Callable[[], None]
) -> None:
    """The nursery's side: forks on request until the supervisor is gone."""
    ours.close()
    signal.pthread_sigmask(signal.SIG_BLOCK, _ENDING)  # the supervisor is told, and tells us
    ready()
    settle()
    running: dict[int, BaseProcess] = {}
    while True:
        sentinels = {process.sentinel: number for number, process in running.items()}
        for heard in connection.wait([theirs, *sentinels]):
            if isinstance(heard, int):
                number = sentinels[heard]
                process = running.pop(number)
                process.join()
                _say(theirs, {"number": number, "code": process.exitcode})
            elif not _serve(theirs, main, running):
                _end(running)
                return


def _serve(line: socket.socket, main: Main, running: dict[int, BaseProcess]) -> bool:
    """Starts the copy asked for; False when nobody is there to ask any more."""
    asked, handles, _, _ = socket.recv_fds(line, MESSAGE_BYTES, 1)
    if not asked:
        return False
    wish: dict[str, Any] = json.loads(asked)
    copied = (line, handles[0], os.getpid(), wish, main)
    process = _FORK.Process(target=_become, args=copied, name=wish["name"])
    process.start()
    os.close(handles[0])
    running[wish["number"]] = process
    _say(line, {"number": wish["number"], "pid": process.pid})
    return True


def _say(line: socket.socket, words: Mapping[str, Any]) -> None:
    with suppress(OSError):  # then the next look finds the supervisor gone
        line.send(json.dumps(words).encode())


def _end(running: Mapping[int, BaseProcess]) -> None:
    for process in running.values():
        process.terminate()


def _become(
    line: socket.socket, output: int, parent: int, wish: dict[str, Any], main: Main
) -> None:
    """In the copy: takes on session, output, environment and name, then runs the command."""
    line.close()
    os.setsid()  # so that Ctrl-C reaches only the supervisor and it can drain
    nothing = os.open(os.devnull, os.O_RDONLY)
    for handle, number in ((nothing, 0), (output, 1), (output, 2)):
        os.dup2(handle, number)
    os.close(nothing)
    os.close(output)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, _ENDING)
    os.environ.update(wish["env"])
    os.environ[lifeline.VARIABLE] = str(parent)
    lifeline.hold()
    _be_called(f"resmi-{wish['name']}")
    sys.argv = ["resmi", *wish["words"]]
    main(wish["words"])


def settle() -> None:
    """Readies memory for being shared: no garbage, none looked for later, few heaps for threads."""
    gc.collect()
    if sys.platform == "linux":
        library = ctypes.CDLL(None)
        with suppress(AttributeError):  # not every C library has them
            library.mallopt(_M_ARENA_MAX, ARENAS)
            library.malloc_trim(0)
    gc.freeze()


def _be_called(name: str) -> None:
    """What `ps` and `top` show; the command line stays the one of the supervisor."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_NAME, name.encode()[:15])
