"""What agents do with scripts: choose one, tick its points.

Each call is one transaction under the row lock; refusals raise `resmi.engine.lifecycle.Refused`.
"""

from __future__ import annotations

from django.db import transaction

from resmi.agency.models import User
from resmi.conversations import services, stimuli


@transaction.atomic
def choose_script(*, actor: User, conversation_id: int, script: str) -> None:
    """Lays out another script of the pack, or none for ""."""
    choice = stimuli.ChooseScript(services.staff(actor), script)
    services.act(services.lock(conversation_id), choice)


@transaction.atomic
def tick(*, actor: User, conversation_id: int, script: str, point: str, done: bool = True) -> None:
    """Ticks a point of a script, or takes the tick back."""
    stimulus = stimuli.Tick(services.staff(actor), script, point, done)
    services.act(services.lock(conversation_id), stimulus)
