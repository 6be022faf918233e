"""Gives staff the names citizens hear, by the agency's policy, before a turn is taken."""

from __future__ import annotations

import msgspec
from django.conf import settings

from resmi.agency import naming, queries
from resmi.conversations.stimuli import Staff, Stimulus
from resmi.engine.conversation import Conversation


def named(talk: Conversation, stimulus: Stimulus) -> Stimulus:
    """The stimulus with these names; the account's id and true name stay beside them."""
    names = queries.policy().names
    if names == "chosen":
        return stimulus
    changed = {}
    for field in stimulus.__struct_fields__:
        one = getattr(stimulus, field)
        if isinstance(one, Staff):
            shown = naming.shown(
                names,
                account=one.id,
                conversation=talk.id,
                chosen=one.display_name,
                real=one.name,
                language=talk.language,
                key=settings.SECRET_KEY,
            )
            changed[field] = msgspec.structs.replace(one, display_name=shown)
    return msgspec.structs.replace(stimulus, **changed)
