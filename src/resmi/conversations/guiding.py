"""What agents do because the agency wants it: scripts with points to tick, notices to send.

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


@transaction.atomic
def send_notice(*, actor: User, conversation_id: int, notice: str, hold_s: int = 0) -> None:
    """Sends a notice of the pack in the citizen's language, as a template after the window.

    For `hold_s` seconds `team.withdraw` takes it back.
    """
    stimulus = stimuli.SendNotice(services.staff(actor), notice, hold_s)
    services.act(services.lock(conversation_id), stimulus)
