"""What agents do together and with time: lay aside, join, raise a hand, take back, move ahead.

Each call is one transaction under the row lock; refusals raise `resmi.engine.lifecycle.Refused`.
"""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from resmi.agency import live
from resmi.agency.models import User
from resmi.channels import services as channels
from resmi.conversations import filling, services, stimuli
from resmi.conversations.models import Event
from resmi.engine.lifecycle import Refused

UNDO_S = 5


@transaction.atomic
def snooze(
    *, actor: User, conversation_id: int, until: datetime | None = None, note: str = ""
) -> None:
    """Lays the conversation aside until `until` (aware), or until the citizen writes.

    It gives the agent's capacity back and returns to them first.
    """
    stimulus = stimuli.Snooze(services.staff(actor), until, note)
    services.act(services.lock(conversation_id), stimulus)


@transaction.atomic
def wake(*, actor: User, conversation_id: int) -> None:
    """Takes up what was laid aside before its time."""
    services.act(services.lock(conversation_id), stimuli.Wake(services.staff(actor)))


@transaction.atomic
def join(*, actor: User, conversation_id: int, agent_id: int) -> None:
    """Lets a colleague (or the actor) write to the citizen beside the agent who holds it."""
    loaded, colleague = services.lock(conversation_id), _colleague(agent_id)
    services.act(loaded, stimuli.Join(services.staff(actor), services.staff(colleague)))
    if colleague != actor:
        live.announce(f"agent:{agent_id}", invited=conversation_id, by=actor.name)


@transaction.atomic
def leave(*, actor: User, conversation_id: int, agent_id: int) -> None:
    """Ends what `join` began."""
    who = _colleague(agent_id)
    services.act(
        services.lock(conversation_id), stimuli.Leave(services.staff(actor), services.staff(who))
    )


@transaction.atomic
def ask_help(*, actor: User, conversation_id: int, note: str = "") -> None:
    """Raises the agent's hand: supervisors see it on the floor at once."""
    services.act(services.lock(conversation_id), stimuli.AskHelp(services.staff(actor), note[:500]))
    live.announce("queues", help=conversation_id, by=actor.name)


@transaction.atomic
def give_help(*, actor: User, conversation_id: int) -> None:
    """Takes the raised hand down."""
    services.act(services.lock(conversation_id), stimuli.GiveHelp(services.staff(actor)))
    live.announce("queues", help=0)


@transaction.atomic
def withdraw(*, actor: User, conversation_id: int, seq: int) -> None:
    """Takes back a message of the actor that has not left yet."""
    loaded = services.lock(conversation_id)
    ref = f"{conversation_id}.{seq}"
    event = Event.objects.filter(pk=(conversation_id, seq), type="message_created").first()
    if event is None or event.actor.get("id") != str(actor.pk):
        raise Refused("not_yours", _("Only who wrote a message can take it back."))
    if not channels.withdraw(ref):
        raise Refused("sent", _("Too late: this message has left."))
    services.act(loaded, stimuli.Withdraw(services.staff(actor), ref))
    filling.forget(conversation_id, seq)


@transaction.atomic
def called_back(*, actor: User, conversation_id: int, reached: bool, note: str = "") -> None:
    """Closes the loop of a call-back: the citizen is told that they were called, or missed."""
    made = stimuli.MakeCallback(services.staff(actor), reached, note[:500])
    services.act(services.lock(conversation_id), made)


def _colleague(agent_id: int) -> User:
    found = User.objects.filter(pk=agent_id, is_active=True).first()
    if found is None:
        raise Refused("no_agent", _("This colleague has no account any more."))
    return found
