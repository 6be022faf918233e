"""Trouble that a person can mend: told in words, not as a traceback."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NoReturn

from django.db import utils as database
from psycopg import errors

from resmi.config import embedded, environment


class Trouble(Exception):
    """A command can't go on; the text says what happened and what to do."""


@contextmanager
def told() -> Iterator[None]:
    """Turns known trouble into words on standard error and exit code 1."""
    try:
        yield
    except (Trouble, environment.WrongSetting, embedded.Unusable) as error:
        _end(str(error))
    except database.DatabaseError as error:
        words = words_for(error.__cause__)
        if not words:
            raise
        _end(words)


def words_for(cause: BaseException | None) -> str:
    """What to do about a database that is not there or not ours; empty for other errors of one."""
    if isinstance(cause, errors.UndefinedTable | errors.UndefinedColumn):
        return (
            f"This database has no tables of this release ({str(cause).splitlines()[0]}). Is it "
            "the right one? RESMI_DATABASE_URL or RESMI_HOME says which; `resmi init` makes or "
            "updates it."
        )
    if isinstance(cause, errors.OperationalError) and cause.sqlstate is None:
        return (
            f"The database does not answer ({str(cause).strip()}). Does it run, and does "
            "RESMI_DATABASE_URL lead to it? `resmi doctor` looks further."
        )
    return ""


def _end(words: str) -> NoReturn:
    print(f"resmi: {words}", file=sys.stderr)
    sys.exit(1)
