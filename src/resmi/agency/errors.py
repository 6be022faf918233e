"""What the agency room refuses."""

from __future__ import annotations


class OwnAccount(Exception):
    """An administrator tried to take away their own access."""
