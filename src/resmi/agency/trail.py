"""Words for the audit trail. Rooms above add their own actions in `AppConfig.ready`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

_words: dict[str, str | Promise] = {
    "account_created": _("Created an account"),
    "account_changed": _("Changed an account"),
    "agency_policy_changed": _("Changed how staff sign in and are named"),
    "service_connected": _("Connected a service"),
    "service_disconnected": _("Disconnected a service"),
    "signed_in": _("Signed in"),
    "signed_out": _("Signed out"),
    "sign_in_failed": _("Failed to sign in"),
    "second_factor_refused": _("Gave a wrong second factor"),
    "second_factor_added": _("Set up a second factor"),
    "second_factor_removed": _("Took a second factor away"),
    "recovery_codes_made": _("Made new recovery codes"),
    "password_changed": _("Changed their password"),
    "audit_searched": _("Searched the audit trail"),
    "audit_exported": _("Exported the audit trail"),
    "sign_on_refused": _("Refused a single sign-on"),
    "session_locked": _("Locked the screen"),
    "session_unlocked": _("Unlocked the screen"),
    "sessions_ended": _("Signed an account out everywhere"),
    "second_factors_reset": _("Reset an account's second factors"),
    "password_reset": _("Set a password"),
}


class Change(NamedTuple):
    """One value that changed; `before` is None when there was none."""

    name: str
    before: Any
    after: Any


def add_words(words: Mapping[str, str | Promise]) -> None:
    """Says how actions are called on the page."""
    _words.update(words)


def has_words(action: str) -> bool:
    """Whether somebody said how the action is called."""
    return action in _words


def word(action: str) -> str:
    """What the action is called; an unknown one keeps its own name, readable."""
    return str(_words.get(action, action.replace("_", " ").capitalize()))


def changes(before: Mapping[str, Any] | None, after: Mapping[str, Any] | None) -> Iterator[Change]:
    """The values that differ between two states."""
    old, new = before or {}, after or {}
    for name in sorted({*old, *new}):
        if old.get(name) != new.get(name):
            yield Change(name, old.get(name), new.get(name))
