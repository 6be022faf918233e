"""Marks texts of the core for translation; screens translate them where they show them. Pure."""

from __future__ import annotations


def gettext_noop(text: str) -> str:
    """The text itself: its name lets `resmi translations sync` find it."""
    return text
