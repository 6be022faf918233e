"""What each kind of alarm is called, and what to do about it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from resmi.agency import durations
from resmi.bot import naming
from resmi.channels import explaining

Word = str | Promise

# Kind: what happened, and the next step. Values in both come from the condition.
WORDS: dict[str, tuple[Word, Word]] = {
    "worker_gone": (
        _("Nobody handles what citizens write"),
        _("%(waiting)s items wait, the oldest for %(age)s. Start a worker: resmi work."),
    ),
    "worker_idle": (
        _("A worker runs, but handles nothing"),
        _("%(waiting)s items wait, the oldest for %(age)s. Read its log, then restart it."),
    ),
    "inbound_backlog": (
        _("Messages come in faster than they are handled"),
        _("%(waiting)s items wait, the oldest for %(age)s. Start another worker."),
    ),
    "inbound_parked": (
        _("Incoming items could not be handled"),
        _("%(count)s are kept and can be replayed after a fix."),
    ),
    "sender_gone": (
        _("Nobody sends what is to go to citizens"),
        _("The oldest message has been due for %(age)s. Start a sender: resmi send."),
    ),
    "sender_idle": (
        _("A sender runs, but sends nothing"),
        _("The oldest message has been due for %(age)s. Read its log, then restart it."),
    ),
    "outbound_backlog": (
        _("Messages leave more slowly than they are written"),
        _("The oldest has been due for %(age)s. The channel may be slow or down."),
    ),
    "channel_paused": (_("Sending on %(channel)s is stopped"), _("%(reason)s")),
    "channel_silent": (
        _("Nothing comes in on %(channel)s"),
        _(
            "This hour was lively on most days of the last week, and now nobody wrote. Check the "
            "webhook's address and subscription at the channel."
        ),
    ),
    "disk_low": (
        _("The disk of %(host)s is filling up"),
        _("%(free_mb)s MB are free at %(folder)s. Free some space before the database stops."),
    ),
    "register_stale": (
        _("The list “%(source)s” is old"),
        _("It is %(days)s days old: import a newer one."),
    ),
    "list_unfetched": (
        _("The list “%(source)s” could not be fetched"),
        _("%(trouble)s The list in force is untouched."),
    ),
    "jobs_gone": (
        _("Nobody does the slow jobs"),
        _("The oldest has been due for %(age)s. Start their process: resmi jobs."),
    ),
    "jobs_failing": (
        _("Slow jobs failed in the last hour"),
        _("%(count)s were given up: %(tasks)s. The log of resmi jobs says why."),
    ),
    "segments_behind": (
        _("Tables have no room prepared"),
        _("Nothing is lost, but %(tables)s will get slower. Is resmi jobs running? Read its log."),
    ),
    "waiting_long": (
        _("Citizens wait too long in the queue %(queue)s"),
        _("%(waiting)s wait, the first for %(age)s."),
    ),
}
_NEVER_IMPORTED = _("It was never imported.")


def title(kind: str, values: Mapping[str, Any]) -> str:
    """What happened, in the reader's language; an unknown kind keeps its name, readable."""
    words = WORDS.get(kind)
    return str(words[0]) % _named(values) if words else kind.replace("_", " ")


def advice(kind: str, values: Mapping[str, Any]) -> str:
    """How bad it is and what to do."""
    if kind == "register_stale" and values.get("days") == -1:
        return str(_NEVER_IMPORTED)
    words = WORDS.get(kind)
    return (
        str(words[1]) % {**_explained(values), "age": durations.text(values.get("seconds", 0))}
        if words
        else ""
    )


def _named(values: Mapping[str, Any]) -> Mapping[str, Any]:
    if "queue" not in values:
        return values
    return {**values, "queue": naming.named(values.get("key", ""), values["queue"])}


def _explained(values: Mapping[str, Any]) -> Mapping[str, Any]:
    return {**values, "reason": explaining.said(str(values.get("reason", "")))}


def over(words: str) -> str:
    """The subject of the news that an alarm has ended."""
    return gettext("Over: %(alarm)s") % {"alarm": words}
