"""The words of the desk: what happened, how far a message got, what a verdict is called."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from babel import Locale, UnknownLocaleError
from django.utils import translation
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from resmi.engine import events

Word = str | Promise

# Delivery status: icon, words, tone (a status suffix of the design system).
DELIVERY: dict[str, tuple[str, Word, str]] = {
    "queued": ("clock", gettext_lazy("Waiting to be sent"), ""),
    "sending": ("clock", gettext_lazy("Being sent"), ""),
    "unknown": ("question", gettext_lazy("Not known whether it arrived"), "waiting"),
    "accepted": ("check", gettext_lazy("Accepted by the channel"), ""),
    "sent": ("check", gettext_lazy("Sent"), ""),
    "delivered": ("check-double", gettext_lazy("Delivered"), ""),
    "read": ("check-double", gettext_lazy("Read"), "read"),
    "failed": ("error", gettext_lazy("Not sent"), "breach"),
    "cancelled": ("close", gettext_lazy("Cancelled before it left"), ""),
}

# Verdict status: icon, words, tone.
VERDICT: dict[str, tuple[str, Word, str]] = {
    "licensed": ("check", gettext_lazy("Licensed: in the register"), "healthy"),
    "confirm": ("question", gettext_lazy("Compare the name"), "waiting"),
    "revoked": ("error", gettext_lazy("Licence revoked"), "breach"),
    "illegal": ("error", gettext_lazy("On the list of illegal entities"), "breach"),
    "ambiguous": ("question", gettext_lazy("Several entities fit"), "waiting"),
    "similar": ("warning", gettext_lazy("Not in the register, but looks like another"), "window"),
    "unknown": ("info", gettext_lazy("Not in the register"), "plain"),
}

STATUS: dict[str, tuple[str, Word, str]] = {
    "bot": ("bot", gettext_lazy("Bot is talking"), "bot"),
    "waiting": ("clock", gettext_lazy("Waiting for an agent"), "waiting"),
    "offered": ("bell", gettext_lazy("Offered to an agent"), "waiting"),
    "assigned": ("user", gettext_lazy("With an agent"), "healthy"),
    "snoozed": ("park", gettext_lazy("Laid aside"), "plain"),
    "closed": ("lock", gettext_lazy("Closed"), "plain"),
}

PRESENCE: dict[str, tuple[Word, str]] = {
    "available": (pgettext_lazy("presence", "Available"), "healthy"),
    "away": (pgettext_lazy("presence", "Away"), "waiting"),
    "offline": (pgettext_lazy("presence", "Off duty"), "plain"),
}

CHANNEL: dict[str, Word] = {"whatsapp": "WhatsApp", "email": gettext_lazy("E-mail")}


def is_named(channel: str) -> bool:
    """Whether a channel's name is more than the number it began with."""
    return not channel.removeprefix("+").replace(" ", "").replace("-", "").isdecimal()


def channel(name: str, kind: str) -> str:
    """What staff read: its name, or `WhatsApp +6221000001` while it has none."""
    if is_named(name):
        return name
    return f"{CHANNEL.get(kind, kind)} +{name.removeprefix('+')}"


ITEM: dict[str, Word] = {
    "message": gettext_lazy("Message"),
    "status": gettext_lazy("How far a message got"),
    "identity": gettext_lazy("A citizen's new number"),
    "account": gettext_lazy("News of the account"),
    "result": gettext_lazy("Result of a job"),
    "timer": gettext_lazy("Timer"),
    "unparsed": gettext_lazy("Unknown form"),
}

MEDIA: dict[str, Word] = {
    "image": gettext_lazy("Photo"),
    "video": gettext_lazy("Video"),
    "audio": gettext_lazy("Sound"),
    "voice": gettext_lazy("Voice message"),
    "document": gettext_lazy("Document"),
    "sticker": gettext_lazy("Sticker"),
}


class FileTrouble(NamedTuple):
    """Why a citizen's file is not here: an icon, a word, what to do, whether to try again."""

    icon: str
    word: Word
    advice: Word
    again: bool


MEDIA_TROUBLE: dict[str, FileTrouble] = {
    "quarantine": FileTrouble(
        "warning",
        gettext_lazy("Quarantined: the virus scanner found something."),
        gettext_lazy("Nobody can open it. Ask the citizen to send it in another form."),
        True,
    ),
    "expired": FileTrouble(
        "clock",
        gettext_lazy("The channel no longer has this file."),
        gettext_lazy("Ask the citizen to send it again; the message is kept."),
        True,
    ),
    "too_big": FileTrouble(
        "error",
        gettext_lazy("This file is too large."),
        gettext_lazy("Ask the citizen for a smaller one; the message is kept."),
        False,
    ),
    "refused": FileTrouble(
        "lock",
        gettext_lazy("Files of this type are not let in."),
        gettext_lazy("Ask the citizen for a photo or a PDF; the message is kept."),
        False,
    ),
    "failed": FileTrouble(
        "error",
        gettext_lazy("This file could not be fetched."),
        gettext_lazy("Fetch it again, or ask the citizen to send it again; the message is kept."),
        True,
    ),
    "removed": FileTrouble(
        "lock",
        gettext_lazy("This file was removed."),
        gettext_lazy("The time for which files are kept is over; the message is kept."),
        False,
    ),
}

HANDOVER_REASON: dict[str, Word] = {
    "asked": gettext_lazy("asked for an agent"),
    "misunderstood": gettext_lazy("the bot did not understand"),
    "report": gettext_lazy("reported an offer"),
    "closed_hours": gettext_lazy("wrote outside opening hours"),
}

CLOSE_REASON: dict[str, Word] = {
    "idle": gettext_lazy("no answer from the citizen"),
    "stopped": gettext_lazy("the citizen asked to stop"),
    "solved": gettext_lazy("answered by the bot"),
}


@dataclass(frozen=True)
class Names:
    """What the agency calls its queues, wrap-up reasons, scripts and their points, by key."""

    queues: Mapping[str, str] = field(default_factory=dict)
    reasons: Mapping[str, str] = field(default_factory=dict)
    guides: Mapping[str, str] = field(default_factory=dict)

    def queue(self, key: str) -> str:
        """The queue's name; a queue that is gone keeps its key."""
        return self.queues.get(key, key)

    def reason(self, key: str) -> str:
        """Why a conversation ended, in words; a reason that is gone keeps its key, readable."""
        return self.reasons.get(key) or str(CLOSE_REASON.get(key, key.replace("_", " ")))

    def guide(self, key: str) -> str:
        """A script, or a point as `script/point`; one that is gone keeps its key, readable."""
        return self.guides.get(key) or key.rpartition("/")[2].replace("_", " ")


def happened(payload: Any, author: str, names: Names) -> str:
    """One sentence for a line of the system."""
    say = _SENTENCES.get(type(payload))
    if say is None:
        return str(type(payload).__struct_config__.tag).replace("_", " ")
    return say(payload, author, names)


def verdict(status: str) -> str:
    """How a verdict is called."""
    return str(VERDICT[status][1]) if status in VERDICT else status


def language(code: str) -> str:
    """A language's name in the reader's own language; the code when nobody knows it."""
    try:
        name = Locale.parse(code).get_display_name(translation.get_language() or "en")
    except (UnknownLocaleError, ValueError):
        return code
    return name or code


def tone(payload: Any) -> str:
    """The status suffix of a system line, empty for most."""
    if isinstance(payload, events.WindowWarned):
        return "window"
    return "waiting" if isinstance(payload, events.HandedOver) else ""


def handover_reason(reason: str) -> str:
    """Why the bot handed over, in words; an unknown word of the pack is shown as it is."""
    return str(HANDOVER_REASON.get(reason, reason.replace("_", " ")))


def _started(payload: events.ConversationStarted, author: str, names: Names) -> str:
    return _("Conversation started")


def _language(payload: events.LanguageChanged, author: str, names: Names) -> str:
    values = {"language": language(payload.language)}
    if payload.detected:
        return _("Language recognised: %(language)s") % values
    return _("Language chosen: %(language)s") % values


def _handed_over(payload: events.HandedOver, author: str, names: Names) -> str:
    return _("Handed over: %(reason)s (queue %(queue)s)") % {
        "reason": handover_reason(payload.reason),
        "queue": names.queue(payload.queue),
    }


def _offered(payload: events.ConversationOffered, author: str, names: Names) -> str:
    return _("Offered to %(agent)s") % {"agent": payload.agent_name}


def _offer_ended(payload: events.OfferEnded, author: str, names: Names) -> str:
    return {
        "declined": _("Offer declined; it goes on to the next agent"),
        "expired": _("Offer not answered in time; it goes on to the next agent"),
        "unavailable": _("The agent left; it goes on to the next agent"),
    }[payload.why]


def _assigned(payload: events.ConversationAssigned, author: str, names: Names) -> str:
    values = {"agent": payload.agent_name, "by": author}
    if payload.how == "taken_over":
        return _("%(agent)s took over; the bot is silent") % values
    if payload.how == "transferred":
        return _("%(by)s handed the conversation to %(agent)s") % values
    return _("%(agent)s accepted") % values


def _transferred(payload: events.ConversationTransferred, author: str, names: Names) -> str:
    values = {"by": author or _("The citizen"), "queue": names.queue(payload.queue)}
    if not payload.queue:
        sentence = _("%(by)s gave the conversation back to the bot") % values
    else:
        sentence = _("%(by)s moved the conversation to queue %(queue)s") % values
    return f"{sentence}: {payload.note}" if payload.note else sentence


def _window(payload: events.WindowWarned, author: str, names: Names) -> str:
    return _("Less than an hour left for free text; afterwards only templates")


def _stop(payload: events.StopAsked, author: str, names: Names) -> str:
    return _("The citizen wants no messages that we start")


def _watch_started(payload: events.WatchStarted, author: str, names: Names) -> str:
    return _("The citizen is told when the answer about %(name)s changes") % {"name": payload.name}


def _watch_ended(payload: events.WatchEnded, author: str, names: Names) -> str:
    return _("The citizen is no longer told about %(name)s") % {"name": payload.name}


def _watch_told(payload: events.WatchTold, author: str, names: Names) -> str:
    return _("The answer about %(name)s changed: %(before)s, now %(after)s") % {
        "name": payload.name,
        "before": verdict(payload.before),
        "after": verdict(payload.after),
    }


def _consent_asked(payload: events.ConsentAsked, author: str, names: Names) -> str:
    return _("Asked for consent (version %(version)s of the wording)") % {
        "version": payload.version
    }


def _consent_answered(payload: events.ConsentAnswered, author: str, names: Names) -> str:
    said = {
        "given": _("The citizen consented (version %(version)s of the wording)"),
        "refused": _("The citizen declined to consent (version %(version)s of the wording)"),
        "withdrawn": _("The citizen withdrew their consent"),
    }
    return said[payload.answer] % {"version": payload.version}


def _disputed(payload: events.AnswerDisputed, author: str, names: Names) -> str:
    return _("The citizen says that the answer about %(name)s is wrong") % {"name": payload.query}


def _callback(payload: events.CallbackAsked, author: str, names: Names) -> str:
    if payload.how == "call":
        return _("The citizen wants to be called back and does not wait here")
    return _("The citizen leaves a message and does not wait here")


def _called(payload: events.CallbackMade, author: str, names: Names) -> str:
    reached = _("%(by)s called the citizen back")
    sentence = reached if payload.reached else _("%(by)s called and reached nobody")
    said = sentence % {"by": author}
    return f"{said}: {payload.note}" if payload.note else said


def _place_asked(payload: events.PlaceAsked, author: str, names: Names) -> str:
    return _("The citizen asked how long it takes; their place is told again")


def _queue_moved(payload: events.QueueMoved, author: str, names: Names) -> str:
    values = {"by": author, "queue": names.queue(payload.queue)}
    return _("%(by)s dissolved the queue; it goes on in queue %(queue)s") % values


def _closed(payload: events.ConversationClosed, author: str, names: Names) -> str:
    values = {"by": author, "reason": names.reason(payload.reason)}
    sentence = _("Closed by %(by)s: %(reason)s") if author else _("Closed: %(reason)s")
    said = sentence % values
    if payload.unticked:
        left = "; ".join(names.guide(point) for point in payload.unticked)
        said = f"{said} · " + _("left open: %(points)s") % {"points": left}
    return f"{said} — {payload.comment}" if payload.comment else said


_SENTENCES: dict[type, Callable[[Any, str, Names], str]] = {
    events.ConversationStarted: _started,
    events.LanguageChanged: _language,
    events.HandedOver: _handed_over,
    events.ConversationOffered: _offered,
    events.OfferEnded: _offer_ended,
    events.ConversationAssigned: _assigned,
    events.ConversationTransferred: _transferred,
    events.WindowWarned: _window,
    events.StopAsked: _stop,
    events.WatchStarted: _watch_started,
    events.WatchEnded: _watch_ended,
    events.WatchTold: _watch_told,
    events.ConsentAsked: _consent_asked,
    events.ConsentAnswered: _consent_answered,
    events.AnswerDisputed: _disputed,
    events.CallbackAsked: _callback,
    events.CallbackMade: _called,
    events.PlaceAsked: _place_asked,
    events.QueueMoved: _queue_moved,
    events.ConversationClosed: _closed,
}


def writer(speaker: str, name: str, *, is_note: bool) -> str:
    """Who wrote a line: `citizen`, `bot`, an agent or nobody by `name`."""
    if is_note:
        return _("Note by %(name)s") % {"name": name}
    if speaker == "citizen":
        return _("Citizen")
    if speaker == "bot":
        return _("Bot")
    return name or _("Automatic")
