"""A queue's settings."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from resmi.bot import naming
from resmi.desk.settings.forms.fields import SkillsField, offer, seconds
from resmi.routing import queries, rules, written

_NONE = gettext_lazy("Seconds; 0: none.")


class QueueForm(forms.Form):
    """Everything of a queue but its key. Times in seconds."""

    name = forms.CharField(label=gettext_lazy("Name"), max_length=100)
    skills = SkillsField()
    priority = forms.IntegerField(
        label=gettext_lazy("Priority"),
        min_value=-rules.MAX_PRIORITY,
        max_value=rules.MAX_PRIORITY,
        help_text=gettext_lazy("Each point counts as two minutes of waiting."),
    )
    offer_s = forms.IntegerField(
        label=gettext_lazy("An offer lasts"),
        min_value=5,
        max_value=600,
        help_text=gettext_lazy("Seconds; then it goes to the next agent."),
    )
    target_s = seconds(gettext_lazy("First answer within"), _NONE)
    next_target_s = seconds(gettext_lazy("Next answers within"), _NONE)
    resolve_target_s = seconds(gettext_lazy("Finished within"), _NONE)
    around_the_clock = forms.TypedChoiceField(
        label=gettext_lazy("Promises count"),
        choices=(
            (False, gettext_lazy("While it is open")),
            (True, gettext_lazy("Around the clock")),
        ),
        coerce=lambda said: said == "True",
        initial=False,
        help_text=gettext_lazy(
            "While it is open: by its opening hours and holidays, not while it is closed by hand."
        ),
    )
    overflow_to = forms.ChoiceField(label=gettext_lazy("When it is long, also"), required=False)
    overflow_after_s = seconds(gettext_lazy("After waiting"), _NONE)
    hold_s = seconds(
        gettext_lazy("Keep for the agent they know"),
        gettext_lazy("Seconds they wait for an agent who is there but full; 0: not at all."),
    )
    wrap_up_s = seconds(
        gettext_lazy("Time for notes after closing"),
        gettext_lazy("Seconds the place stays taken; the agent can end it earlier."),
        most=3600,
    )
    callback_after_s = seconds(
        gettext_lazy("Offer a call-back from an estimated wait of"),
        gettext_lazy("Seconds; 0: never. Citizens then may leave a message instead of waiting."),
    )
    region = forms.ChoiceField(label=gettext_lazy("Hours of"), required=False)
    closed = forms.BooleanField(
        label=gettext_lazy("Closed: takes nobody new"),
        required=False,
        help_text=gettext_lazy("New people go to the queue it overflows to, if there is one."),
    )

    def __init__(self, *args: Any, key: str = "", **given: Any) -> None:
        super().__init__(*args, **given)
        now = queries.in_force()
        others = naming.names(one for one in now.queues.values() if one.key != key).items()
        regions = [(one.key, one.name) for one in now.policy.regions]
        offer(self, "overflow_to", [("", _("No other queue")), *others])
        offer(self, "region", [("", _("the agency")), *regions])

    def clean_skills(self) -> tuple[str, ...]:
        """As the queue keeps them."""
        return written.words(written.skills_text(self.cleaned_data["skills"]))

    def clean(self) -> dict[str, Any]:
        """Overflow needs both a queue and a time."""
        values = super().clean() or self.cleaned_data
        if values.get("overflow_to") and not values.get("overflow_after_s"):
            self.add_error("overflow_after_s", _("Say after how many seconds of waiting."))
        return values


class NewQueueForm(QueueForm):
    """A queue that does not exist yet."""

    key = forms.SlugField(
        label=gettext_lazy("Key"),
        max_length=50,
        help_text=gettext_lazy("Letters, digits and dashes; it never changes: consumer-loans"),
    )
    field_order = ["name", "key"]

    def __init__(self, *args: Any, **given: Any) -> None:
        begin = dict.fromkeys(("priority", "next_target_s", "resolve_target_s"), 0)
        begin |= {"overflow_after_s": 0, "hold_s": 0, "wrap_up_s": 0, "callback_after_s": 0}
        super().__init__(*args, initial={"offer_s": 30, "target_s": 60, **begin}, **given)

    def clean_key(self) -> str:
        """A key of its own, in small letters."""
        key = str(self.cleaned_data["key"]).lower()
        if key in queries.queues() or key == "new":
            raise forms.ValidationError(_("Another queue has this key."))
        return key
