"""Which citizens' files are let in: by type, by size, by what they turn out to be. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from fnmatch import fnmatchcase

HEAD_BYTES = 16
# Programs for Windows, Linux and macOS, scripts, and Android's bytecode.
_PROGRAMS = (
    b"MZ",
    b"\x7fELF",
    b"\xfe\xed\xfa\xce",
    b"\xfe\xed\xfa\xcf",
    b"\xce\xfa\xed\xfe",
    b"\xcf\xfa\xed\xfe",
    b"#!",
    b"dex\n",
)


def is_allowed(mime: str, patterns: Iterable[str]) -> bool:
    """Whether a type such as `image/png` fits one of the patterns, such as `image/*`."""
    return any(fnmatchcase(mime, pattern.lower()) for pattern in patterns)


def is_program(head: bytes) -> bool:
    """Whether a file begins like something a computer would run, whatever it says it is."""
    return head.startswith(_PROGRAMS)
