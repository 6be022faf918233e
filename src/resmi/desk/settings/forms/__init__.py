"""The forms of the routing settings."""

from resmi.desk.settings.forms.agent import AgentForm
from resmi.desk.settings.forms.entry import BreakForm, EntryForm, PriorityForm, RegionForm
from resmi.desk.settings.forms.queue import NewQueueForm, QueueForm
from resmi.desk.settings.forms.whole import WholeForm

__all__ = [
    "AgentForm",
    "BreakForm",
    "EntryForm",
    "NewQueueForm",
    "PriorityForm",
    "QueueForm",
    "RegionForm",
    "WholeForm",
]
