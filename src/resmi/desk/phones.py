"""Phone numbers on screens: masked unless somebody asked to see them. Pure."""

from __future__ import annotations

VISIBLE = 4


def masked(phone: str) -> str:
    """Four dots and the last four digits; short numbers show nothing."""
    return f"•••• {phone[-VISIBLE:]}" if len(phone) > VISIBLE * 2 else "••••"
