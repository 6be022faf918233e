"""Second factors as `django-allauth` offers them, in our words, written down when they fail."""

from __future__ import annotations

import io
from typing import Any

import segno
from allauth.core import context
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.base.forms import AuthenticateForm, ReauthenticateForm
from allauth.mfa.totp.forms import ActivateTOTPForm
from allauth.mfa.webauthn.forms import AddWebAuthnForm, EditWebAuthnForm
from cryptography.fernet import Fernet, InvalidToken
from django import forms
from django.utils.translation import gettext_lazy as _

from resmi.agency import keys, signing


class Adapter(DefaultMFAAdapter):  # type: ignore[misc]
    """Draws the code to scan, and stores secrets encrypted."""

    error_messages = {
        **DefaultMFAAdapter.error_messages,
        "incorrect_code": _(
            "This code is not right. Type the one the app shows now; if that fails too, let the "
            "phone set its clock by itself."
        ),
    }

    def build_totp_svg(self, url: str) -> str:
        """The code an authenticator app scans."""
        drawn = io.BytesIO()
        segno.make(url).save(drawn, kind="svg", scale=5, border=4, light="white", xmldecl=False)
        return drawn.getvalue().decode()

    def get_totp_issuer(self) -> str:
        """What the app calls us."""
        return "Resmi"

    def encrypt(self, text: str) -> str:
        """So that a copy of the database is no second factor."""
        return _fernet().encrypt(text.encode()).decode()

    def decrypt(self, encrypted_text: str) -> str:
        """The counterpart; raises `InvalidToken` when the installation's secret key changed."""
        return _fernet().decrypt(encrypted_text.encode()).decode()


def _fernet() -> Fernet:
    return Fernet(keys.derived("second factors"))


def _plain(field: forms.Field) -> None:
    """Labels say it once; digits come with a phone's number keys."""
    field.widget.attrs.pop("placeholder", None)
    field.widget.attrs.update({"autocomplete": "one-time-code", "autofocus": True})


class CodeForm(AuthenticateForm):  # type: ignore[misc]
    """The second step of signing in: a code of the app, or a recovery code."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["code"].label = _("Code of your app, or a recovery code")
        _plain(self.fields["code"])

    def clean_code(self) -> Any:
        """Writes a wrong code down."""
        try:
            return super().clean_code()
        except forms.ValidationError:
            signing.code_refused(context.request, self.user)
            raise
        except InvalidToken as error:
            raise forms.ValidationError(
                _("This factor can't be read any more: ask an administrator to reset it.")
            ) from error


class ConfirmCodeForm(ReauthenticateForm):  # type: ignore[misc]
    """The same to confirm who is there."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["code"].label = _("Code of your app, or a recovery code")
        _plain(self.fields["code"])


class ActivateForm(ActivateTOTPForm):  # type: ignore[misc]
    """The first code proves that the app is set up."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["code"].label = _("Code the app shows")
        self.fields["code"].widget.attrs["inputmode"] = "numeric"
        _plain(self.fields["code"])


class AddKeyForm(AddWebAuthnForm):  # type: ignore[misc]
    """A passkey or a security key."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["name"].label = _("Name of this key")
        self.fields["passwordless"].label = _("Sign in with it alone, without a password")
        self.fields["passwordless"].initial = True
        self.fields["passwordless"].help_text = _(
            "The device asks for a finger, a face or its PIN. Off: it is used after the password."
        )


class EditKeyForm(EditWebAuthnForm):  # type: ignore[misc]
    """What a key is called."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["name"].label = _("Name of this key")
