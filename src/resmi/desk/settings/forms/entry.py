"""Entries of the policy's lists: a priority rule, a break, a region."""

from __future__ import annotations

import uuid
from typing import Any, NamedTuple
from zoneinfo import available_timezones

from django import forms
from django.conf import settings
from django.utils.text import slugify
from django.utils.translation import get_language, gettext_lazy, ngettext
from django.utils.translation import gettext as _

from resmi.agency import durations
from resmi.desk import collected
from resmi.desk.settings.forms import fields
from resmi.routing import rules, written
from resmi.routing.policy import Break, PriorityRule, Problem, Region

_BOX = {"rows": 3}


class Row(NamedTuple):
    """An entry in its list: its key, its name, and one line about it."""

    key: str
    name: str
    about: str


class EntryForm(forms.Form):
    """What the three have in common: a key made once from the name."""

    def __init__(self, *args: Any, new: bool = False, **given: Any) -> None:
        super().__init__(*args, **given)
        self.is_new = new

    def entry_of(self, key: str) -> Any:
        """The entry as written; `key` is empty for a new one."""
        raise NotImplementedError

    @staticmethod
    def initial_of(entry: Any) -> dict[str, Any]:
        """An entry as the form shows it."""
        raise NotImplementedError

    @staticmethod
    def row_of(entry: Any) -> Row:
        """An entry as its list shows it."""
        raise NotImplementedError

    def in_words(self, problem: Problem) -> str:
        """Why the policy can't be put in force with it."""
        return {
            "no_evidence": _("Say when the rule counts: words, a tag, an answer or a value."),
            "twice": _("Another entry has this name: choose a different one."),
            "region": _("These hours can't be kept: %(detail)s") % {"detail": problem.detail},
        }.get(problem.code, _("The policy has a mistake: %(where)s") % {"where": problem.where})


def _key(name: str) -> str:
    """A key from the name; a name in another script gets one of its own."""
    key = slugify(name)[:40]
    return key if key and key != "new" else uuid.uuid4().hex[:8]


class PriorityForm(EntryForm):
    """A rule that moves people ahead, or back."""

    name = forms.CharField(label=gettext_lazy("Name"), max_length=80)
    points = forms.IntegerField(
        label=gettext_lazy("Points"),
        min_value=-rules.MAX_PRIORITY,
        max_value=rules.MAX_PRIORITY,
        help_text=gettext_lazy("Each point counts as two minutes of waiting; below 0: later."),
    )
    flags = forms.CharField(
        label=gettext_lazy("Tags of the citizen"),
        required=False,
        max_length=500,
        help_text=gettext_lazy("Between commas; any of them counts."),
    )
    collected = forms.CharField(
        label=gettext_lazy("Answer the assistant collected"),
        required=False,
        max_length=80,
        help_text=gettext_lazy("Its label, as agents see it: Money already sent"),
    )
    least_value = forms.IntegerField(
        label=gettext_lazy("Value of the citizen at least"), required=False
    )

    def __init__(self, *args: Any, **given: Any) -> None:
        super().__init__(*args, **given)
        for code, language in settings.LANGUAGES:
            self.fields[f"words_{code}"] = forms.CharField(
                label=_("Words in %(language)s") % {"language": language},
                required=False,
                max_length=2000,
                widget=forms.Textarea(attrs=_BOX),
                help_text=_("Between commas or one a line; any of them counts."),
            )

    def clean(self) -> dict[str, Any]:
        """A rule says when it counts."""
        values = self.cleaned_data
        said = [values.get(f"words_{code}", "").strip() for code, _name in settings.LANGUAGES]
        said += [values.get("flags", "").strip(), values.get("collected", "").strip()]
        if not any(said) and values.get("least_value") is None:
            self.add_error(None, _("Say when the rule counts: words, a tag, an answer or a value."))
        return values

    def entry_of(self, key: str) -> PriorityRule:
        """The rule as written."""
        values = self.cleaned_data
        said = "\n".join(values[f"words_{code}"] for code, _name in settings.LANGUAGES)
        return PriorityRule(
            key=key or _key(values["name"]),
            name=values["name"],
            points=values["points"],
            words=written.words(said),
            flags=written.words(values["flags"]),
            collected=collected.key_of(values["collected"]),
            least_value=values["least_value"],
        )

    @staticmethod
    def initial_of(entry: PriorityRule) -> dict[str, Any]:
        """Hangul words go to Korean; the rest can't be told apart and stand together."""
        korean = [word for word in entry.words if any("가" <= sign <= "힣" for sign in word)]
        other = [word for word in entry.words if word not in korean]
        return {
            "name": entry.name,
            "points": entry.points,
            "words_ko": ", ".join(korean),
            "words_id": ", ".join(other),
            "flags": ", ".join(entry.flags),
            "collected": collected.label_of(entry.collected),
            "least_value": entry.least_value,
        }

    @staticmethod
    def row_of(entry: PriorityRule) -> Row:
        """Its points and the first of its words."""
        why = [*entry.words[:6], *entry.flags, collected.label_of(entry.collected)]
        if entry.least_value is not None:
            why.append(f"≥ {entry.least_value}")
        return Row(entry.key, entry.name, f"{entry.points:+} · {', '.join(filter(None, why))}")


class BreakForm(EntryForm):
    """A reason for being away."""

    most_min = forms.IntegerField(
        label=gettext_lazy("At most"),
        min_value=0,
        max_value=600,
        initial=0,
        help_text=gettext_lazy("Minutes; supervisors see a longer one. 0: no limit."),
    )

    def __init__(self, *args: Any, **given: Any) -> None:
        super().__init__(*args, **given)
        for code, language in settings.LANGUAGES:
            self.fields[f"name_{code}"] = forms.CharField(
                label=_("Name in %(language)s") % {"language": language}, max_length=40
            )

    def entry_of(self, key: str) -> Break:
        """The break as written."""
        values = self.cleaned_data
        names = {code: values[f"name_{code}"] for code, _name in settings.LANGUAGES}
        return Break(key=key or _key(names["en"]), name=names, most_s=values["most_min"] * 60)

    @staticmethod
    def initial_of(entry: Break) -> dict[str, Any]:
        """The break as the form shows it."""
        names = {f"name_{code}": name for code, name in entry.name.items()}
        return {"most_min": entry.most_s // 60, **names}

    @staticmethod
    def row_of(entry: Break) -> Row:
        """Its name in the reader's language and its longest time."""
        name = entry.name.get(get_language() or "en") or next(iter(entry.name.values()), entry.key)
        return Row(entry.key, name, durations.text(entry.most_s) if entry.most_s else "")


class RegionForm(EntryForm):
    """Hours of a part of the country."""

    name = forms.CharField(label=gettext_lazy("Name"), max_length=80)
    time_zone = forms.ChoiceField(label=gettext_lazy("Time zone"))
    holidays = forms.CharField(
        label=gettext_lazy("Holidays"),
        required=False,
        max_length=20_000,
        widget=forms.Textarea(attrs={"rows": 6}),
        help_text=gettext_lazy(
            "One a line: 2026-03-19 Nyepi; every year: 08-17 Independence Day; "
            "open for some hours: 12-24 Christmas Eve 08:00-12:00. Leave past ones in: a day taken "
            "out counts as an ordinary one, also in forecasts."
        ),
    )
    field_order = ["name", "time_zone", *(f"day{number}" for number in range(7)), "holidays"]

    def __init__(self, *args: Any, **given: Any) -> None:
        super().__init__(*args, **given)
        zones = sorted(zone for zone in available_timezones() if "/" in zone or zone == "UTC")
        fields.offer(self, "time_zone", [(zone, zone) for zone in zones])
        self.fields["time_zone"].initial = settings.TIME_ZONE
        self.fields.update(
            fields.week(gettext_lazy("08:00-12:00, 13:00-16:00; empty: closed all day."))
        )
        self.order_fields(self.field_order)

    def clean_holidays(self) -> tuple[Any, ...]:
        """The days, read."""
        try:
            return written.holidays(self.cleaned_data["holidays"])
        except ValueError as wrong:
            raise forms.ValidationError(
                _("Write a date, a name, and perhaps hours: 08-17 Independence Day.")
            ) from wrong

    def clean(self) -> dict[str, Any]:
        """The hours of each day can be read."""
        fields.clean_week(self)
        return self.cleaned_data

    def entry_of(self, key: str) -> Region:
        """The region as written."""
        values = self.cleaned_data
        return Region(
            key=key or _key(values["name"]),
            name=values["name"],
            time_zone=values["time_zone"],
            weekly=tuple(written.spans(values[f"day{number}"]) for number in range(7)),
            holidays=values["holidays"],
        )

    @staticmethod
    def initial_of(entry: Region) -> dict[str, Any]:
        """The region as the form shows it."""
        days = {f"day{number}": ", ".join(day) for number, day in enumerate(entry.weekly)}
        return {
            "name": entry.name,
            "time_zone": entry.time_zone,
            "holidays": written.holidays_text(entry.holidays),
            **days,
        }

    @staticmethod
    def row_of(entry: Region) -> Row:
        """Its zone and how many holidays it keeps."""
        days = len(entry.holidays)
        said = ngettext("%(days)d holiday", "%(days)d holidays", days) % {"days": days}
        return Row(entry.key, entry.name, f"{entry.time_zone} · {said}")
