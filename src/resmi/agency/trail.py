"""Words for the audit trail. Rooms above add their own in `AppConfig.ready`.

Actions have words. What an action changed goes by the label of the form it is changed in, and a
choice by what the form calls it; a name nobody labelled is shown as it is stored. Searches keep the
stored names; exports have both.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any, NamedTuple

from django.utils.functional import Promise
from django.utils.module_loading import import_string
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
_names: dict[str, str | Promise] = {
    "reason": _("Reason"),
    "name": _("Name"),
    "email": _("E-mail address"),
    "role": _("Role"),
    "language": _("Language"),
    "status": _("Status"),
    "pseudonym": _("Name shown to citizens"),
}
# By action, where the labels stand: by name, since forms need models, which come later.
_forms: dict[str, tuple[str, ...]] = {
    **dict.fromkeys(
        ("account_created", "account_changed"),
        tuple(f"resmi.agency.forms.{one}Form" for one in ("NewAccount", "Account", "Profile")),
    ),
    "agency_policy_changed": ("resmi.agency.forms.PolicyForm",),
    "service_connected": ("resmi.agency.views.machines.ServiceForm",),
    "service_disconnected": ("resmi.agency.views.machines.ServiceForm",),
}


def add_words(words: Mapping[str, str | Promise]) -> None:
    """Says how actions are called on the page."""
    _words.update(words)


def add_names(names: Mapping[str, str | Promise]) -> None:
    """Says how values are called that no form labels, or labels under another name."""
    _names.update(names)


def add_forms(classes: Mapping[str, tuple[str, ...]]) -> None:
    """Says in which forms the values of actions are labelled, as dotted names of their classes."""
    _forms.update(classes)
    _fields.cache_clear()


def forms() -> dict[str, tuple[str, ...]]:
    """The forms in which values are labelled, by action."""
    return dict(_forms)


def has_words(action: str) -> bool:
    """Whether somebody said how the action is called."""
    return action in _words


def word(action: str) -> str:
    """What the action is called; an unknown one keeps its own name, readable."""
    return str(_words.get(action, action.replace("_", " ").capitalize()))


def name(action: str, stored: str) -> str:
    """What a value is called that `action` changed; an unknown one keeps its stored name."""
    field = _fields(action).get(stored)
    return str((field and field.label) or _names.get(stored, stored))


def choice(action: str, stored: str, value: Any) -> str:
    """What the form calls a value that can be chosen in it; another one is said as it stands."""
    field = _fields(action).get(stored)
    return str(field.choices.get(value, value) if field else value)


class _Field(NamedTuple):
    label: str | Promise | None
    choices: dict[Any, str | Promise]


@lru_cache(maxsize=256)
def _fields(action: str) -> dict[str, _Field]:
    found = [import_string(path) for path in _forms.get(action, ())]
    return {
        stored: _Field(field.label, dict(getattr(field, "choices", ())))
        for form in reversed(found)  # the first has the last word
        for stored, field in form.base_fields.items()
    }
