"""What WhatsApp's error codes mean and what to do about them. Pure.

Source: Meta's "Error codes" of the WhatsApp Business Platform (support/error-codes). Decisions rest
on `code` and `error_data.details`; titles and subcodes are deprecated for logic.
"""

from __future__ import annotations

import msgspec
from django.utils.translation import gettext_noop

from resmi.channels.rules import ErrorClass, Problem

MINUTE = 60.0
HOUR = 60 * MINUTE
DAY = 24 * HOUR
LONGEST_CODE = 16


def _problem(
    kind: ErrorClass,
    key: str,
    reason: str,
    next_step: str,
    *,
    least_s: float = 0.0,
    most_tries: int = 0,
    whole_channel: bool = False,
) -> Problem:
    return Problem(
        kind=kind,
        key=key,
        reason=reason,
        next_step=next_step,
        least_s=least_s,
        most_tries=most_tries,
        whole_channel=whole_channel,
    )


_BUSY = _problem(
    "retry_short",
    "too_fast",
    gettext_noop("WhatsApp asked this number to send more slowly."),
    gettext_noop("It is sent again by itself."),
    whole_channel=True,
)
_DOWN = _problem(
    "retry_short",
    "service_down",
    gettext_noop("WhatsApp could not take messages for a moment."),
    gettext_noop("It is sent again by itself."),
)
_ODD = _problem(
    "retry_short",
    "unknown_error",
    gettext_noop("WhatsApp reported an error it did not explain."),
    gettext_noop("If it failed three times, send it again later."),
    most_tries=3,
)
_PAIR = _problem(
    "retry_pair",
    "too_many_to_citizen",
    gettext_noop("Too many messages went to this citizen in a short time."),
    gettext_noop("It is sent again by itself, more slowly."),
)
_API_LIMIT = _problem(
    "retry_long",
    "api_limit",
    gettext_noop("The hourly limit of calls to WhatsApp is used up."),
    gettext_noop("It is sent again by itself within the hour."),
    least_s=10 * MINUTE,
    whole_channel=True,
)
_TEMPLATE_LIMIT = _problem(
    "retry_long",
    "template_limit",
    gettext_noop("WhatsApp limits this template at the moment."),
    gettext_noop("It is sent again by itself in an hour."),
    least_s=HOUR,
)
_MARKETING_LIMIT = _problem(
    "retry_long",
    "marketing_limit",
    gettext_noop(
        "WhatsApp held this message back: the citizen gets many marketing messages already."
    ),
    gettext_noop(
        "It is tried once more after a day; contact the citizen in another way if it matters."
    ),
    least_s=DAY,
    most_tries=2,
)
_LIFTED_LATER = _problem(
    "retry_long",
    "sending_restricted",
    gettext_noop("WhatsApp restricts this kind of message for our account at the moment."),
    gettext_noop("It is tried again every six hours; an administrator should look at the account."),
    least_s=6 * HOUR,
    most_tries=8,
)
_WINDOW = _problem(
    "change",
    "window_closed",
    gettext_noop("WhatsApp says that the citizen's last message is more than 24 hours old."),
    gettext_noop("Send an approved template, or wait for the citizen to write."),
)
_TYPE = _problem(
    "change",
    "unsupported_type",
    gettext_noop("WhatsApp does not carry this kind of message."),
    gettext_noop("Write it as text."),
)
_UPLOAD = _problem(
    "change",
    "media_upload",
    gettext_noop("WhatsApp did not accept the file: its type or size may be wrong, or it expired."),
    gettext_noop("Attach it again, or in another format."),
)
_PARAMETERS = _problem(
    "change",
    "bad_parameters",
    gettext_noop("WhatsApp did not accept a part of the message."),
    gettext_noop(
        "Change the message and send it again; tell an administrator if it was not edited by hand."
    ),
)
_TEMPLATE_VALUES = _problem(
    "change",
    "template_values",
    gettext_noop("The values do not fit the template's variables."),
    gettext_noop("Fill every variable with plain text and send it again."),
)
_TEMPLATE_MISSING = _problem(
    "change",
    "template_missing",
    gettext_noop("The template does not exist in this language or is not approved yet."),
    gettext_noop("Choose another template."),
)
_TEMPLATE_LONG = _problem(
    "change",
    "template_too_long",
    gettext_noop("The template with its values is too long."),
    gettext_noop("Shorten the values."),
)
_TEMPLATE_WORDING = _problem(
    "change",
    "template_wording",
    gettext_noop("The template's wording or form breaks WhatsApp's rules."),
    gettext_noop("Choose another template, and have this one corrected."),
)
_NEEDS_PHONE = _problem(
    "change",
    "needs_phone",
    gettext_noop(
        "This kind of template can only be sent to a phone number, which the citizen has not "
        "shared."
    ),
    gettext_noop("Ask the citizen for the number, or send another template."),
)
_UNDELIVERABLE = _problem(
    "user",
    "undeliverable",
    gettext_noop(
        "The message can't reach this citizen: no WhatsApp on the number, terms not accepted, or "
        "an old app."
    ),
    gettext_noop("Contact the citizen in another way."),
)
_OPTED_OUT = _problem(
    "user",
    "opted_out",
    gettext_noop("The citizen stopped marketing messages from us."),
    gettext_noop("Do not send marketing messages; answers to what they write stay possible."),
)
_BLOCKED = _problem(
    "user",
    "blocked_by_us",
    gettext_noop("We blocked this citizen on WhatsApp."),
    gettext_noop("Unblock them first if they shall be answered."),
)
_EXPERIMENT = _problem(
    "user",
    "experiment",
    gettext_noop(
        "WhatsApp did not deliver the message because the number is part of an experiment."
    ),
    gettext_noop("Contact the citizen in another way."),
)
_OURSELVES = _problem(
    "user",
    "sent_to_ourselves",
    gettext_noop("The recipient is our own number."),
    gettext_noop("Check the citizen's number."),
)
_TEMPLATE_PAUSED = _problem(
    "template",
    "template_paused",
    gettext_noop("WhatsApp paused the template because of its quality."),
    gettext_noop("Use another template, and improve this one."),
)
_TEMPLATE_DISABLED = _problem(
    "template",
    "template_disabled",
    gettext_noop("WhatsApp disabled the template for good."),
    gettext_noop("Use another template."),
)
_FLOW_BLOCKED = _problem(
    "template",
    "form_blocked",
    gettext_noop("WhatsApp blocked the form in this message."),
    gettext_noop("Use another template, and have the form mended."),
)
_MARKETING_OFF = _problem(
    "template",
    "marketing_off",
    gettext_noop("Marketing messages are switched off for our account."),
    gettext_noop("Use a utility template."),
)
_TOKEN = _problem(
    "account",
    "token",
    gettext_noop("WhatsApp does not accept our access token, or it lacks a permission."),
    gettext_noop(
        "An administrator must renew the token (RESMI_WHATSAPP_TOKEN) and its permissions."
    ),
)
_POLICY = _problem(
    "account",
    "policy",
    gettext_noop("WhatsApp restricted or locked our account."),
    gettext_noop("An administrator must look at the account's quality page and appeal."),
)
_PAYMENT = _problem(
    "account",
    "payment",
    gettext_noop("WhatsApp could not charge our account."),
    gettext_noop("An administrator must mend the payment method."),
)
_UNREGISTERED = _problem(
    "account",
    "not_registered",
    gettext_noop("Our number is not registered with WhatsApp."),
    gettext_noop("An administrator must register the number again."),
)
_SPAM = _problem(
    "account",
    "spam_quality",
    gettext_noop("WhatsApp limits our number because citizens blocked or reported it."),
    gettext_noop(
        "An administrator must look at the number's quality before anything more is sent."
    ),
)
_NAME = _problem(
    "account",
    "display_name",
    gettext_noop("Our number's display name is not approved."),
    gettext_noop("An administrator must have the name approved."),
)
_NUMBER_GONE = _problem(
    "account",
    "number_deleted",
    gettext_noop("Our number was deleted from the WhatsApp account."),
    gettext_noop("An administrator must add it again."),
)
_INBOUND_MEDIA = _problem(
    "inbound",
    "media_not_downloadable",
    gettext_noop("WhatsApp could not hand over the citizen's file."),
    gettext_noop("Ask the citizen to send it again."),
)
_INBOUND_GONE = _problem(
    "inbound",
    "message_unavailable",
    gettext_noop("WhatsApp could not show us this message."),
    gettext_noop("Ask the citizen to send it again."),
)
_CALL_SETUP = _problem(
    "change",
    "calls_off",
    gettext_noop("Calls are not set up or not allowed for this number."),
    gettext_noop("An administrator must switch calling on; write instead."),
)
_CALL_CITIZEN = _problem(
    "user",
    "uncallable",
    gettext_noop("The citizen can't be called on WhatsApp, or has not permitted it."),
    gettext_noop("Ask for permission to call, or write."),
)
_CALL_LIMIT = _problem(
    "user",
    "call_limit",
    gettext_noop("WhatsApp's limit of calls or call requests to this citizen is reached."),
    gettext_noop("Try tomorrow, or write."),
)
_CALL_RATE = _problem(
    "retry_long",
    "call_rate",
    gettext_noop("Too many calls run on this number at once."),
    gettext_noop("Try again in a minute."),
    least_s=MINUTE,
)
_CALL_FAILED = _problem(
    "user",
    "call_failed",
    gettext_noop("The call could not be connected."),
    gettext_noop("Try again, or write."),
)

_CODES: dict[int, Problem] = {
    **dict.fromkeys((130429,), _BUSY),
    **dict.fromkeys((2, 131016, 131057, 133004), _DOWN),
    **dict.fromkeys((1, 131000), _ODD),
    131056: _PAIR,
    **dict.fromkeys((4, 80007), _API_LIMIT),
    132069: _TEMPLATE_LIMIT,
    131049: _MARKETING_LIMIT,
    131064: _LIFTED_LATER,
    131047: _WINDOW,
    131051: _TYPE,
    131053: _UPLOAD,
    **dict.fromkeys((100, 131008, 131009), _PARAMETERS),
    **dict.fromkeys((132000, 132012, 132018), _TEMPLATE_VALUES),
    132001: _TEMPLATE_MISSING,
    132005: _TEMPLATE_LONG,
    132007: _TEMPLATE_WORDING,
    131062: _NEEDS_PHONE,
    131026: _UNDELIVERABLE,
    131050: _OPTED_OUT,
    130403: _BLOCKED,
    130472: _EXPERIMENT,
    131021: _OURSELVES,
    132015: _TEMPLATE_PAUSED,
    132016: _TEMPLATE_DISABLED,
    132068: _FLOW_BLOCKED,
    131063: _MARKETING_OFF,
    **dict.fromkeys((0, 3, 10, 190, 131005, *range(200, 300)), _TOKEN),
    **dict.fromkeys((368, 130497, 131031), _POLICY),
    131042: _PAYMENT,
    **dict.fromkeys((131045, 133006, 133010), _UNREGISTERED),
    131048: _SPAM,
    131037: _NAME,
    33: _NUMBER_GONE,
    131052: _INBOUND_MEDIA,
    131060: _INBOUND_GONE,
    **dict.fromkeys((138000, 138014, 138015, 138018), _CALL_SETUP),
    **dict.fromkeys((138001, 138006), _CALL_CITIZEN),
    **dict.fromkeys((138009, 138012), _CALL_LIMIT),
    **dict.fromkeys((138002, 138005), _CALL_RATE),
    **dict.fromkeys((138003, 138004, 138007, *range(138019, 138024)), _CALL_FAILED),
}

_REFUSED = _problem(
    "change",
    "refused",
    gettext_noop("WhatsApp refused the message."),
    gettext_noop("Change it and send it again; tell an administrator if that does not help."),
)


def known() -> frozenset[Problem]:
    """Every meaning there is, with the words for it."""
    return frozenset((*_CODES.values(), _REFUSED))


def known_codes() -> frozenset[int]:
    """Every code with a meaning of its own here."""
    return frozenset(_CODES)


def classify(code: int | str, details: str = "", http_status: int = 0) -> Problem:
    """What a refusal means. Never raises: an unknown code is judged by the HTTP status.

    So is any code that speaks of us or the message in a server's own error (HTTP 5xx). `details`
    (`error_data.details`, WhatsApp's own words) is added to the reason, for it often names the
    wrong parameter.
    """
    written = str(code).strip()
    number = int(written) if written.isdecimal() and len(written) < LONGEST_CODE else -1
    problem = _CODES.get(number) or _by_status(http_status)
    if http_status >= 500 and not problem.kind.startswith("retry"):
        problem = _DOWN
    words = " ".join(details.replace("\0", "").split())[:300]
    reason = f"{problem.reason} ({words})" if words else problem.reason
    shown = str(code) if number >= 0 else str(http_status or "")
    return msgspec.structs.replace(problem, code=shown, reason=reason)


def _by_status(http_status: int) -> Problem:
    if http_status == 429:
        return _BUSY
    if http_status >= 500:
        return _DOWN
    if http_status in (401, 403):
        return _TOKEN
    return _REFUSED
