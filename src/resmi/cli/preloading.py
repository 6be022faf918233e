"""Loads once what several processes of one installation need."""

from __future__ import annotations

import importlib

from django.db import connections
from django.urls import get_resolver

from resmi.cli import startup

# Commands whose processes are copies, and what the web process would load by itself later.
MODULES = (
    "resmi.cli.serve",
    "resmi.cli.work",
    "resmi.cli.send",
    "resmi.cli.jobs",
    "resmi.config.asgi",
)


def load(*more: str) -> None:
    """Sets Django up and imports the commands' modules, and `more`; leaves no connection open."""
    startup.setup(database=False)
    for module in (*MODULES, *more):
        importlib.import_module(module)
    assert get_resolver().url_patterns  # asking imports them, and with them all views
    connections.close_all()
