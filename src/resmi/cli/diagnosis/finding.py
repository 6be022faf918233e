"""One thing the doctor found."""

from __future__ import annotations

from typing import Literal

import msgspec


class Finding(msgspec.Struct, frozen=True, kw_only=True):
    """`error`: it can't run like this. `warning`: it runs, but something will be missed.

    `mend` says what to do; empty when all is well.
    """

    check: str
    level: Literal["ok", "warning", "error"]
    text: str
    mend: str = ""


def ok(check: str, text: str) -> Finding:
    """All is well."""
    return Finding(check=check, level="ok", text=text)


def warning(check: str, text: str, mend: str) -> Finding:
    """It runs, but something will be missed."""
    return Finding(check=check, level="warning", text=text, mend=mend)


def error(check: str, text: str, mend: str) -> Finding:
    """It can't run like this."""
    return Finding(check=check, level="error", text=text, mend=mend)
