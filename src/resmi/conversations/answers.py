"""What citizens do with answers they got: call them wrong, or have their receipts as pictures.

Everything runs in the caller's transaction.
"""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from django.conf import settings
from django.core.files.base import ContentFile

from resmi.channels import services as channels
from resmi.channels.models import MediaFile
from resmi.conversations.models import Conversation, Event
from resmi.engine import events
from resmi.registry import reporting
from resmi.registry.receipts import codes, pictures
from resmi.registry.receipts.models import Receipt

VERDICT = events.type_name(events.VerdictGiven)


def take_disputes(log: Iterable[events.Event]) -> None:
    """Puts the answers citizens call wrong before the people who keep the register."""
    for event in log:
        if isinstance(event.data, events.AnswerDisputed):
            _take_dispute(event.conversation, event.data)


def _take_dispute(conversation: int, disputed: events.AnswerDisputed) -> None:
    given = _with_receipt(conversation, disputed.receipt) or _last(conversation, disputed.query)
    if given is not None:
        reporting.report(
            actor=None,
            query=str(given.data["query"]),
            verdict=given.data["verdict"],
            conversation=given.conversation_id,
            seq=given.seq,
        )


def _with_receipt(conversation: int, code: str) -> Event | None:
    """The answer a receipt was given for, if it was given to the same citizen."""
    receipt = Receipt.objects.filter(code=code).first() if code else None
    if receipt is None or receipt.conversation is None or receipt.seq is None:
        return None
    people = Conversation.objects.filter(pk__in=(conversation, receipt.conversation))
    if people.values("contact").distinct().count() != 1:
        return None
    return Event.objects.filter(conversation=receipt.conversation, seq=receipt.seq).first()


def _last(conversation: int, query: str) -> Event | None:
    rows = Event.objects.filter(conversation=conversation, type=VERDICT, data__query=query)
    return rows.order_by("-seq").first()


def draw_pictures(channel: int, conversation: int, receipts: Iterable[str]) -> None:
    """Makes the QR codes that messages of this conversation carry; each once for all times."""
    for code in receipts:
        media_id = pictures.media_id(channel, code)
        if MediaFile.objects.filter(pk=media_id).exists():
            continue
        picture = pictures.png(codes.link(settings.BASE_URL, code))
        channels.store_file(
            channel_id=channel,
            conversation_id=conversation,
            file=ContentFile(picture),
            filename=f"{codes.shown(code)}.png",
            mime="image/png",
            media_id=UUID(media_id),
        )
