"""Fields that several forms of the settings share."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from resmi.routing import written

DAY_S = 24 * 3600
DAYS = (
    gettext_lazy("Monday"),
    gettext_lazy("Tuesday"),
    gettext_lazy("Wednesday"),
    gettext_lazy("Thursday"),
    gettext_lazy("Friday"),
    gettext_lazy("Saturday"),
    gettext_lazy("Sunday"),
)


def offer(form: forms.Form, name: str, choices: Iterable[tuple[str, Any]]) -> None:
    """Says what can be chosen in a field that offers choices."""
    field = form.fields[name]
    assert isinstance(field, forms.ChoiceField)
    field.choices = list(choices)


def seconds(label: Any, help_text: Any = "", *, most: int = 30 * DAY_S) -> forms.IntegerField:
    """A time in seconds, 0 for none."""
    return forms.IntegerField(label=label, help_text=help_text, min_value=0, max_value=most)


class SkillsField(forms.CharField):
    """Skills with levels, as `loans, reports:2`; the value is a dict of levels."""

    def __init__(self, **given: Any) -> None:
        super().__init__(
            label=gettext_lazy("Skills"),
            required=False,
            max_length=1000,
            help_text=gettext_lazy(
                "Between commas; a level from 1 to 5 after a colon: loans:2. "
                "Languages are skills: lang:id, lang:ko."
            ),
            **given,
        )

    def to_python(self, value: Any) -> Any:
        """The levels; what can't be read is named."""
        try:
            return written.skills(super().to_python(value) or "")
        except ValueError as wrong:
            raise ValidationError(
                _("This is not a skill: %(word)s") % {"word": str(wrong)[:60]}
            ) from wrong

    def prepare_value(self, value: Any) -> Any:
        """Levels as people write them."""
        return written.skills_text(dict(value)) if isinstance(value, Mapping) else value


def week(help_text: Any) -> dict[str, forms.CharField]:
    """Seven boxes of hours, Monday first, named `day0` to `day6`."""
    return {
        f"day{number}": forms.CharField(
            label=name,
            required=False,
            max_length=200,
            help_text=help_text if number == 0 else "",
        )
        for number, name in enumerate(DAYS)
    }


def clean_week(form: forms.Form) -> None:
    """Names the days whose hours can't be read."""
    for number in range(7):
        try:
            written.spans(form.cleaned_data.get(f"day{number}", ""))
        except ValueError:
            form.add_error(f"day{number}", _("Write hours as 08:00-12:00, several between commas."))
