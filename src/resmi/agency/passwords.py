"""Django's rules for passwords in our own words, so that every language says them well."""

from __future__ import annotations

from django.contrib.auth import password_validation
from django.utils.functional import Promise, lazy
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _


class Long(password_validation.MinimumLengthValidator):
    """Long enough not to be guessed."""

    def get_error_message(self) -> str:
        """What was wrong, and what to do."""
        return _("Too short: use %(count)s characters or more.") % {"count": self.min_length}

    def get_help_text(self) -> str:
        """What to choose."""
        return _("%(count)s characters or more; a few words in a row are good.") % {
            "count": self.min_length
        }


class Uncommon(password_validation.CommonPasswordValidator):
    """None of the passwords known to be used most."""

    def get_error_message(self) -> str:
        """What was wrong, and what to do."""
        return _("Many people use this password, so it is tried first: choose another.")

    def get_help_text(self) -> str:
        """What to choose."""
        return _("None that many people use.")


class NotDigitsAlone(password_validation.NumericPasswordValidator):
    """More than a number."""

    def get_error_message(self) -> str:
        """What was wrong, and what to do."""
        return _("Digits alone are soon guessed: add letters.")

    def get_help_text(self) -> str:
        """What to choose."""
        return _("Not digits alone.")


def _explained(besides: str | Promise) -> SafeString:
    return format_html("{}{}", password_validation.password_validators_help_text_html(), besides)


rules_and = lazy(_explained, str)
"""What a password has to be as a list, and a sentence besides; in the language of the moment."""
