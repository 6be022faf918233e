"""What the bot works with: the pack and the register."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date

from django.apps import apps
from django.db import Error
from django.utils import timezone

from resmi.bot import packs
from resmi.bot.errors import PackError
from resmi.cli.diagnosis.finding import Finding, error, ok, warning
from resmi.config import environment
from resmi.registry import ageing


def examine_pack(env: Mapping[str, str]) -> Iterator[Finding]:
    """The pack can be read."""
    folder = environment.pack(env)
    try:
        packs.load(folder)
    except (PackError, OSError) as wrong:
        yield error("pack", f"{folder} can't be used: {wrong}", f"resmi pack check {folder}")
    else:
        yield ok("pack", str(folder))


def examine_register() -> Iterator[Finding]:
    """There is a register, and its lists are not old. Needs the database."""
    lists = apps.get_model("registry", "Register").objects.order_by("id")
    try:
        in_force = [(one, one.releases.order_by("-version").first()) for one in lists]
    except Error:  # no tables yet: told before
        return
    found = [(one, release.as_of) for one, release in in_force if release]
    if not found:
        mend = "Import a list: resmi registry import --help"
        yield warning("register", "empty: the bot can't verify anything", mend)
    for one, as_of in found:
        known = ageing.known_of(as_of, one.verified_on) or as_of
        yield freshness(one.source, known, timezone.localdate(), one.stale_days)


def freshness(source: str, known: date, today: date, stale_days: int) -> Finding:
    """Citizens rely on the list's date; an old list misses new licences and revocations."""
    text = f"{source}, known as of {known}"
    if ageing.is_stale(known, today, stale_days):
        mend = "Import the newest list: resmi registry import --help"
        return warning("register", f"{text}, is {(today - known).days} days old", mend)
    return ok("register", text)
