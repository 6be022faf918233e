"""Forms of the agency room, and how all forms look."""

from __future__ import annotations

from typing import Any
from zoneinfo import available_timezones

from allauth.account.forms import (
    ChangePasswordForm,
    LoginForm,
    ReauthenticateForm,
    ResetPasswordForm,
    ResetPasswordKeyForm,
    SetPasswordForm,
)
from django import forms
from django.conf import settings
from django.contrib.auth import password_validation
from django.forms.renderers import TemplatesSetting
from django.utils.translation import gettext_lazy as _

from resmi.agency import passwords
from resmi.agency.models import Role, User
from resmi.agency.policy import LONGEST_IDLE, Policy

_THEMES = (("auto", _("As my device")), ("light", _("Light")), ("dark", _("Dark")))


class Renderer(TemplatesSetting):
    """Draws every form with the design system's templates."""

    form_template_name = "agency/components/form.html"
    field_template_name = "agency/components/field.html"


class SignInForm(LoginForm):  # type: ignore[misc]
    """E-mail address and password, said once: by labels, not again inside the fields."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["login"].label = _("E-mail address")
        self.fields["password"].label = _("Password")
        self.fields["remember"].label = _("Stay signed in on this device")
        for field in self.fields.values():
            field.widget.attrs.pop("placeholder", None)


class ConfirmForm(ReauthenticateForm):  # type: ignore[misc]
    """The password once more, to be sure who is there."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["password"].label = _("Password")
        self.fields["password"].help_text = ""
        self.fields["password"].widget.attrs.pop("placeholder", None)


class ResetForm(ResetPasswordForm):  # type: ignore[misc]
    """Where a link to a new password is sent."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["email"].label = _("E-mail address")
        self.fields["email"].widget.attrs.pop("placeholder", None)


class _TwiceForm:
    """A new password and the same again, both in words of ours."""

    fields: dict[str, forms.Field]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["password1"].label = _("New password")
        self.fields["password2"].label = _("New password again")
        if old := self.fields.get("oldpassword"):
            old.label = _("Current password")
        for field in self.fields.values():
            field.widget.attrs.pop("placeholder", None)


class ChangeForm(_TwiceForm, ChangePasswordForm):  # type: ignore[misc]
    """Another password instead of the current one."""


class SetForm(_TwiceForm, SetPasswordForm):  # type: ignore[misc]
    """A first password for who came by single sign-on."""


class ResetKeyForm(_TwiceForm, ResetPasswordKeyForm):  # type: ignore[misc]
    """A new password for who came by the link of a mail."""


class PolicyForm(forms.Form):
    """The agency's policy about its people."""

    second_factor = forms.MultipleChoiceField(
        label=_("Roles that need a second factor"),
        choices=Role.choices,
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("Who has none is led to setting one up and can do nothing else."),
    )
    sign_on_is_second_factor = forms.BooleanField(
        label=_("Single sign-on counts as a second factor"),
        required=False,
        help_text=_("Right when your provider itself asks for one."),
    )
    idle_minutes = forms.IntegerField(
        label=_("Lock the screen after minutes without a key or click"),
        min_value=0,
        max_value=LONGEST_IDLE,
        help_text=_("0 never locks. What was typed stays there."),
    )
    names = forms.ChoiceField(
        label=_("What citizens hear staff called"),
        choices=(
            ("chosen", _("The name each person chose, else their name")),
            ("fixed", _("A number that stays: Agent 7")),
            ("rotating", _("Another number in each conversation")),
            ("real", _("The real name")),
        ),
        help_text=_("The true name stays in the log, for the audit."),
    )
    bot_seen_by_queue_agents = forms.BooleanField(
        label=_("Agents with queues of their own see what the bot is having"), required=False
    )

    def policy(self) -> Policy:
        """What was chosen."""
        values = self.cleaned_data
        return Policy(**{**values, "second_factor": tuple(values["second_factor"])})


class ProfileForm(forms.ModelForm):  # type: ignore[type-arg]
    """An account's own preferences."""

    language = forms.ChoiceField(label=_("Language"), choices=settings.LANGUAGES)
    theme = forms.ChoiceField(label=_("Light or dark"), choices=_THEMES)
    time_zone = forms.ChoiceField(label=_("Time zone"))

    class Meta:
        model = User
        fields = ["name", "display_name", "language", "theme", "time_zone", "shortcuts"]
        labels = {
            "name": _("Name"),
            "display_name": _("Name shown to citizens"),
            "shortcuts": _("Single-key shortcuts"),
        }
        help_texts = {
            "display_name": _("Left empty, citizens see your first name."),
            "shortcuts": _("Switch them off if you dictate or use a screen reader's own keys."),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        zones = sorted(zone for zone in available_timezones() if "/" in zone or zone == "UTC")
        self.fields["time_zone"].choices = [(zone, zone) for zone in zones]  # type: ignore[attr-defined]


class NewAccountForm(forms.Form):
    """A new member of staff, with a first password to hand over."""

    email = forms.EmailField(label=_("E-mail address"))
    name = forms.CharField(label=_("Name"), max_length=200)
    role = forms.ChoiceField(label=_("Role"), choices=Role.choices)
    password = forms.CharField(
        label=_("First password"),
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        help_text=passwords.rules_and(
            _("Hand it over in person; it can be changed after signing in.")
        ),
    )

    def clean_email(self) -> str:
        """The address without case; refused when another account has it."""
        email = str(self.cleaned_data["email"]).lower()
        if User.objects.filter(email__iexact=email).exists():
            raise forms.ValidationError(_("Another account has this address."))
        return email

    def clean_password(self) -> str:
        """Held against the same rules as people's own choices."""
        password = str(self.cleaned_data["password"])
        password_validation.validate_password(password)
        return password


class AccountForm(forms.Form):
    """What an administrator can change on an account."""

    name = forms.CharField(label=_("Name"), max_length=200)
    role = forms.ChoiceField(label=_("Role"), choices=Role.choices)
    active = forms.BooleanField(
        label=_("May sign in"),
        required=False,
        help_text=_("Switched off, the account is signed out at once; its history stays."),
    )


class PasswordForm(forms.Form):
    """A new password for somebody else."""

    password = forms.CharField(
        label=_("New password"),
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        help_text=passwords.rules_and(_("The account is signed out everywhere.")),
    )

    def clean_password(self) -> str:
        """Held against the same rules as people's own choices."""
        password = str(self.cleaned_data["password"])
        password_validation.validate_password(password)
        return password
