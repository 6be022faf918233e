"""Numbers that come in addresses and forms."""

from __future__ import annotations

DIGITS = 15
"""More than any number of ours has, and fewer than the database refuses."""


def whole_number(text: str | None) -> int:
    """A number as somebody sent it, 0 for anything else."""
    is_one = text and text.isascii() and text.isdecimal() and len(text) <= DIGITS
    return int(text) if text and is_one else 0
