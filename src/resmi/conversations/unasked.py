"""Questions for consent that were taken back before they left: nobody was asked by them."""

from __future__ import annotations

from collections.abc import Collection

from resmi.channels import services as channels
from resmi.contacts import consents
from resmi.conversations.models import Event


def take_back(cancelled: Collection[str]) -> None:
    """Forgets the questions among deliveries that were cancelled, by their refs.

    One of which a part left, or may have, stays asked. Runs in the caller's transaction.
    """
    for conversation, seq in sorted({_line(ref) for ref in cancelled}):
        before = Event.objects.filter(conversation=conversation, seq=seq - 1)
        at = before.filter(type="consent_asked").values_list("at", flat=True).first()
        if at is not None and channels.is_cancelled(f"{conversation}.{seq}"):
            consents.unask(conversation, at)


def _line(ref: str) -> tuple[int, int]:
    conversation, seq = ref.split(".")[:2]
    return int(conversation), int(seq)
