"""Trouble that a person can mend: told in words, not as a traceback."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager

from resmi.config import embedded, environment


class Trouble(Exception):
    """A command can't go on; the text says what happened and what to do."""


@contextmanager
def told() -> Iterator[None]:
    """Turns known trouble into words on standard error and exit code 1."""
    try:
        yield
    except (Trouble, environment.WrongSetting, embedded.Unusable) as error:
        print(f"resmi: {error}", file=sys.stderr)
        sys.exit(1)
