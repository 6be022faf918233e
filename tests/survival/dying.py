"""A process that kills itself (SIGKILL) at a point in the code, as a power cut there would.

    DYING=resmi.conversations.storing:save,after,2 python -m tests.survival.dying work

dies after the second call of that function and before anything else happens. As an ASGI
application it is Resmi's own, armed the same way.
"""

from __future__ import annotations

import functools
import importlib
import inspect
import os
import signal
import sys
from typing import Any

from resmi.cli import main, startup

VARIABLE = "DYING"
LEASE_S = 2.0


def arm() -> None:
    """Lays the trap that the environment asks for. Django must be set up."""
    if wish := os.environ.get(VARIABLE):
        place, moment, nth = wish.split(",")
        module, path = place.split(":")
        *owners, name = path.split(".")
        owner = functools.reduce(getattr, owners, importlib.import_module(module))
        setattr(owner, name, _trap(getattr(owner, name), moment, int(nth)))


def _trap(function: Any, moment: str, nth: int) -> Any:
    calls = iter(range(1, sys.maxsize))

    def die(number: int, now: str) -> None:
        if number == nth and now == moment:
            os.kill(os.getpid(), signal.SIGKILL)

    @functools.wraps(function)
    def plain(*args: Any, **kwargs: Any) -> Any:
        number = next(calls)
        die(number, "before")
        result = function(*args, **kwargs)
        die(number, "after")
        return result

    @functools.wraps(function)
    async def waited(*args: Any, **kwargs: Any) -> Any:
        number = next(calls)
        die(number, "before")
        result = await function(*args, **kwargs)
        die(number, "after")
        return result

    return waited if inspect.iscoroutinefunction(function) else plain


def _lend_for_a_moment() -> None:
    """A claim of a dead sender is given up after its lease: in tests, soon."""
    sender = importlib.import_module("resmi.channels.sender")
    sender.Options = functools.partial(sender.Options, lease_s=LEASE_S)


if __name__ == "__main__":
    startup.setup(name=sys.argv[1])
    if sys.argv[1] == "send":
        _lend_for_a_moment()
    arm()
    main.main()
elif VARIABLE in os.environ:
    from resmi.config.asgi import application as application

    arm()
