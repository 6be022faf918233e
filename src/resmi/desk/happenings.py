"""What colleagues did together, as sentences of the thread; the rest is in `wording`."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.utils import formats, timezone
from django.utils.translation import gettext as _

from resmi.desk import wording
from resmi.desk.wording import Names
from resmi.engine import events
from resmi.routing import policy


def happened(payload: Any, author: str, names: Names) -> str:
    """One sentence for a line of the system; times in the reader's time zone."""
    if isinstance(payload, events.NoticeSent):
        values = {"by": author, "notice": names.guide(payload.notice)}
        return _("%(by)s sent the required notice “%(notice)s”") % values
    if isinstance(payload, events.PointTicked | events.ScriptChosen):
        return _guided(payload, author, names)
    say = _SENTENCES.get(type(payload))
    return say(payload, author) if say else wording.happened(payload, author, names)


def moment(at: datetime) -> str:
    """A date and time as people read it; of today the time alone."""
    local = timezone.localtime(at)
    today = local.date() == timezone.localdate()
    return formats.date_format(local, "TIME_FORMAT" if today else "SHORT_DATETIME_FORMAT")


def _withdrawn(payload: events.MessageWithdrawn, author: str) -> str:
    return _("%(by)s took a message back before it left") % {"by": author}


def _snoozed(payload: events.ConversationSnoozed, author: str) -> str:
    if payload.until is None:
        said = _("%(by)s laid this aside until the citizen writes") % {"by": author}
    else:
        values = {"by": author, "until": moment(payload.until)}
        said = _("%(by)s laid this aside until %(until)s") % values
    return f"{said}: {payload.note}" if payload.note else said


def _woken(payload: events.ConversationWoken, author: str) -> str:
    return {
        "due": _("Back: the time it was laid aside for is over"),
        "reply": _("Back: the citizen wrote"),
        "asked": _("%(by)s took it up again") % {"by": author},
    }[payload.why]


def _joined(payload: events.AgentJoined, author: str) -> str:
    values = {"by": author, "agent": payload.agent_name}
    if author == payload.agent_name:
        return _("%(agent)s joined and may write here") % values
    return _("%(by)s brought in %(agent)s, who may write here") % values


def _left(payload: events.AgentLeft, author: str) -> str:
    values = {"by": author, "agent": payload.agent_name}
    if author == payload.agent_name:
        return _("%(agent)s left the conversation") % values
    return _("%(by)s let %(agent)s go again") % values


def _help_asked(payload: events.HelpAsked, author: str) -> str:
    said = _("%(by)s raised a hand: a supervisor is asked for") % {"by": author}
    return f"{said} — {payload.note}" if payload.note else said


def _help_given(payload: events.HelpGiven, author: str) -> str:
    return _("%(by)s took the hand down") % {"by": author}


def _priority(payload: events.PriorityChanged, author: str) -> str:
    if payload.why and payload.why[-1].startswith(policy.WORDS_NOTED):
        return _(
            "The words of a rule are there: it counts as soon as the answer is that it asks for"
        )
    values = {"by": author or _("A rule"), "points": f"{payload.points:+d}"}
    said = _("%(by)s changed the priority: %(points)s points") % values
    return f"{said} — {payload.note}" if payload.note else said


def _guided(payload: events.PointTicked | events.ScriptChosen, author: str, names: Names) -> str:
    if isinstance(payload, events.ScriptChosen):
        values = {"by": author, "script": names.guide(payload.script)}
        if payload.script:
            return _("%(by)s goes by the script “%(script)s”") % values
        return _("%(by)s goes by no script") % values
    values = {"by": author, "point": names.guide(f"{payload.script}/{payload.point}")}
    if payload.done:
        return _("%(by)s ticked “%(point)s”") % values
    return _("%(by)s took the tick at “%(point)s” back") % values


PROMISES: dict[str, Callable[[], str]] = {
    "first_response": lambda: _("first answer"),
    "next_response": lambda: _("next answer"),
    "resolution": lambda: _("solution"),
}


def promise(kind: str) -> str:
    """What a queue promises: `first_response`, `next_response` or `resolution`, in words."""
    return PROMISES[kind]() if kind in PROMISES else kind.replace("_", " ")


def _warned(payload: events.ServiceLevelWarned, author: str) -> str:
    values = {"promise": promise(payload.kind), "due": moment(payload.due_at)}
    return _("Promised %(promise)s is due at %(due)s") % values


def _breached(payload: events.ServiceLevelBreached, author: str) -> str:
    values = {"promise": promise(payload.kind), "due": moment(payload.due_at)}
    return _("Promised %(promise)s was due at %(due)s and is late") % values


_SENTENCES: dict[type, Callable[[Any, str], str]] = {
    events.MessageWithdrawn: _withdrawn,
    events.ConversationSnoozed: _snoozed,
    events.ConversationWoken: _woken,
    events.AgentJoined: _joined,
    events.AgentLeft: _left,
    events.HelpAsked: _help_asked,
    events.HelpGiven: _help_given,
    events.PriorityChanged: _priority,
    events.ServiceLevelWarned: _warned,
    events.ServiceLevelBreached: _breached,
}
