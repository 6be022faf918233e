"""An agent's settings."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy

from resmi.bot import naming
from resmi.desk.settings.forms import fields
from resmi.routing import queries, written
from resmi.routing.agents import AgentSettings


class AgentForm(forms.Form):
    """Skills, queues, capacity and weekly shifts."""

    skills = fields.SkillsField()
    queues = forms.MultipleChoiceField(
        label=gettext_lazy("Queues"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=gettext_lazy("None chosen: every queue they have the skills for."),
    )
    capacity = forms.IntegerField(
        label=gettext_lazy("Capacity"),
        min_value=0,
        max_value=1000,
        help_text=gettext_lazy("Units; 100 is four chats at once. 0: gets nothing."),
    )

    def __init__(self, *args: Any, **given: Any) -> None:
        super().__init__(*args, **given)
        chosen = naming.names(queries.in_force().queues.values()).items()
        fields.offer(self, "queues", chosen)
        self.fields.update(
            fields.week(
                gettext_lazy(
                    "Shifts by the agent’s own clock: 08:00-12:00, 13:00-16:00. "
                    "All days empty: at any time."
                )
            )
        )

    def clean(self) -> dict[str, Any]:
        """The hours of each day can be read."""
        fields.clean_week(self)
        return self.cleaned_data

    def data_of(self) -> AgentSettings:
        """What was written, as settings."""
        values = self.cleaned_data
        return AgentSettings(
            skills=values["skills"],
            queues=tuple(sorted(values["queues"])),
            capacity=values["capacity"],
            shifts=written.shifts(values[f"day{number}"] for number in range(7)),
        )

    @staticmethod
    def initial_of(now: AgentSettings) -> dict[str, Any]:
        """Settings as the form shows them."""
        days = written.shifts_texts(now.shifts)
        return {
            "skills": now.skills,
            "queues": list(now.queues),
            "capacity": now.capacity,
            **{f"day{number}": text for number, text in enumerate(days)},
        }
