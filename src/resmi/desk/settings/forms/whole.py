"""What holds for all queues."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy

from resmi.routing.policy import Policy

_COSTS = {
    "whatsapp": gettext_lazy("A WhatsApp conversation costs"),
    "email": gettext_lazy("An e-mail costs"),
    "call": gettext_lazy("A call costs"),
}


class WholeForm(forms.Form):
    """Costs in capacity units, continuity in hours, and what waiting citizens hear."""

    continuity_h = forms.IntegerField(
        label=gettext_lazy("Back to the agent they know for"),
        min_value=0,
        max_value=24 * 90,
        help_text=gettext_lazy("Hours after the last conversation; 0: never."),
    )
    away_after_missed = forms.IntegerField(
        label=gettext_lazy("Away after missed offers in a row"), min_value=1, max_value=20
    )
    retell_s = forms.IntegerField(
        label=gettext_lazy("Tell a better place at most every"),
        min_value=30,
        max_value=3600,
        help_text=gettext_lazy("Seconds between two messages about the place in the queue."),
    )

    def __init__(self, *args: Any, **given: Any) -> None:
        super().__init__(*args, **given)
        for kind, label in _COSTS.items():
            self.fields[f"cost_{kind}"] = forms.IntegerField(
                label=label,
                min_value=1,
                max_value=100,
                help_text=gettext_lazy("Units of an agent’s capacity (usually 100)."),
            )

    @staticmethod
    def initial_of(now: Policy) -> dict[str, Any]:
        """The policy as the form shows it."""
        return {
            "continuity_h": now.continuity_s // 3600,
            "away_after_missed": now.away_after_missed,
            "retell_s": now.retell_s,
            **{f"cost_{kind}": now.cost_of(kind) for kind in _COSTS},
        }

    def changes(self) -> dict[str, Any]:
        """Fields of the policy."""
        values = self.cleaned_data
        return {
            "continuity_s": values["continuity_h"] * 3600,
            "away_after_missed": values["away_after_missed"],
            "retell_s": values["retell_s"],
            "costs": {kind: values[f"cost_{kind}"] for kind in _COSTS},
        }
