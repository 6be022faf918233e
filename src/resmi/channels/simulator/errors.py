"""Graph API errors: what each code says, with which HTTP status, at once or later by webhook.

Source: Meta's "Error codes" page of the WhatsApp Business Platform (edition of May 2026).
"""

from __future__ import annotations

import hashlib
from typing import Any, Literal, NamedTuple

Surface = Literal["sync", "async", "both"]

HREF = "/documentation/business-messaging/whatsapp/support/error-codes"


class Known(NamedTuple):
    """A documented error."""

    http: int
    title: str
    details: str
    surface: Surface = "sync"


PAIR = "(Business Account, Consumer Account) pair rate limit hit"
KNOWN: dict[int, Known] = {
    0: Known(401, "AuthException", "We were unable to authenticate the app user."),
    1: Known(400, "API Unknown", "Invalid request or possible server error."),
    2: Known(503, "API Service", "Temporary due to downtime or due to being overloaded."),
    3: Known(500, "API Method", "Capability or permissions issue."),
    4: Known(429, "API Too Many Calls", "The app has reached its API call rate limit."),
    10: Known(403, "Permission Denied", "Permission is either not granted or has been removed."),
    33: Known(400, "Parameter value is not valid", "The business phone number has been deleted."),
    100: Known(400, "Invalid parameter", "One or more unsupported or misspelled parameters."),
    190: Known(401, "Access token has expired", "Your access token has expired."),
    368: Known(403, "Temporarily blocked for policies violations", "The account is restricted."),
    80007: Known(429, "Rate limit issues", "The account has reached its rate limit."),
    130403: Known(
        403, "User is blocked", "The recipient has been blocked by this business number."
    ),
    130429: Known(429, "Rate limit hit", "Cloud API message throughput has been reached."),
    130472: Known(400, "User's number is part of an experiment", "Not sent: experiment.", "async"),
    131000: Known(500, "Something went wrong", "Message failed to send due to an unknown error."),
    131005: Known(403, "Access denied", "Permission is either not granted or has been removed."),
    131008: Known(400, "Required parameter is missing", "A required parameter is missing."),
    131009: Known(400, "Parameter value is not valid", "One or more parameter values are invalid."),
    131016: Known(503, "Service unavailable", "A service is temporarily unavailable."),
    131021: Known(400, "Recipient cannot be sender", "Sender and recipient number is the same."),
    131026: Known(400, "Message undeliverable", "Unable to deliver message.", "async"),
    131031: Known(403, "Account has been locked", "Restricted or disabled for a policy violation."),
    131042: Known(400, "Business eligibility payment issue", "Payment method problem.", "async"),
    131045: Known(500, "Incorrect certificate", "Phone number registration error."),
    131047: Known(
        400,
        "Re-engagement message",
        "Message failed to send because more than 24 hours have passed "
        "since the customer last replied to this number.",
        "async",
    ),
    131048: Known(429, "Spam rate limit hit", "Too many recipients for this account's limit."),
    131049: Known(
        400,
        "This message was not delivered to maintain healthy ecosystem engagement.",
        "In order to maintain a healthy ecosystem engagement, the message failed to be delivered.",
        "async",
    ),
    131050: Known(
        400,
        "Unable to deliver the message",
        "Unable to deliver the message. This recipient has chosen to stop receiving marketing "
        "messages on WhatsApp from your business.",
        "async",
    ),
    131051: Known(400, "Unsupported message type", "Message type is not currently supported."),
    131052: Known(400, "Media download error", "Unable to download the media sent by the user."),
    131053: Known(400, "Media upload error", "Unable to upload the media.", "async"),
    131056: Known(
        429,
        PAIR,
        "Message failed to send because there were too many messages sent from this phone number "
        "to the same phone number in a short period of time.",
    ),
    131057: Known(500, "Account in maintenance mode", "Business Account is in maintenance mode."),
    132000: Known(
        400,
        "Number of parameters does not match the expected number of params",
        "The number of values does not match the number of variables in the template.",
    ),
    132001: Known(
        404,
        "Template name does not exist in the translation",
        "The template does not exist in the language, or has not been approved.",
    ),
    132005: Known(400, "Translated text too long", "Translated text is too long."),
    132012: Known(400, "Parameter format does not match format in the created template", "Format."),
    132015: Known(400, "Template is paused", "Template is paused due to low quality."),
    132016: Known(400, "Template is disabled", "Template has been paused too many times."),
    133004: Known(503, "Server temporarily unavailable", "Server is temporarily unavailable."),
    133010: Known(400, "Account not registered", "Phone number not registered on the platform."),
    139100: Known(400, "Failed to block/unblock users", "Failed to block some users."),
}


class Refusal(Exception):
    """The platform says no. `details` is what tells a developer why."""

    def __init__(self, code: int, details: str = "", *, subcode: int = 0, title: str = "") -> None:
        known = KNOWN.get(code) or Known(400, "Unknown error", "Unknown error.")
        self.code = code
        self.http = known.http
        self.title = title or known.title
        self.details = details or known.details
        self.subcode = subcode
        self.surface: Surface = known.surface
        super().__init__(f"(#{code}) {self.title}: {self.details}")

    def body(self, trace: str) -> dict[str, Any]:
        """The body of the HTTP answer. `trace` is anything that names the request."""
        error: dict[str, Any] = {
            "message": f"(#{self.code}) {self.title}",
            "type": "OAuthException",
            "code": self.code,
            "error_data": {"messaging_product": "whatsapp", "details": self.details},
            "fbtrace_id": trace_id(trace),
        }
        if self.subcode:
            error["error_subcode"] = self.subcode
        return {"error": error}

    def status_error(self) -> dict[str, Any]:
        """The entry of `statuses[].errors[]`."""
        return {
            "code": self.code,
            "title": self.title,
            "message": self.title,
            "error_data": {"details": self.details},
            "href": HREF,
        }


class Denied(Refusal):
    """No, or no good, access token; or no such object. Without `error_data`, as Graph answers."""

    def __init__(self, http: int, message: str, kind: str, code: int, *, subcode: int = 0) -> None:
        super().__init__(code, message, subcode=subcode)
        self.http = http
        self.message = message
        self.kind = kind

    def body(self, trace: str) -> dict[str, Any]:
        """The body of the HTTP answer."""
        error: dict[str, Any] = {"message": self.message, "type": self.kind, "code": self.code}
        if self.subcode:
            error["error_subcode"] = self.subcode
        return {"error": {**error, "fbtrace_id": trace_id(trace)}}


def trace_id(trace: str) -> str:
    """What looks like Meta's support reference."""
    return "A" + hashlib.sha256(trace.encode()).hexdigest()[:22]


def no_such_object(name: str, method: str) -> Denied:
    """Graph's answer for an id it does not know or may not show."""
    verb = {"GET": "get", "POST": "post", "DELETE": "delete"}.get(method, "get")
    return Denied(
        400,
        f"Unsupported {verb} request. Object with ID '{name}' does not exist, cannot be loaded due "
        "to missing permissions, or does not support this operation. Please read the Graph API "
        "documentation at https://developers.facebook.com/docs/graph-api",
        "GraphMethodException",
        100,
        subcode=33,
    )
