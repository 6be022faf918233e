"""The pack in force, for the shells."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from django.conf import settings

from resmi.bot import packs
from resmi.bot.schema import Pack


def current_pack() -> Pack:
    """The agency's pack, read once per process from `settings.PACK`.

    Raises `resmi.bot.errors.PackError` naming every file and line that is wrong.
    """
    return _load(str(settings.PACK))


@lru_cache(maxsize=4)
def _load(folder: str) -> Pack:
    return packs.load(Path(folder))
