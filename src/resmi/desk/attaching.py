"""Files that agents send: stored, then carried by a message with the typed text."""

from __future__ import annotations

from typing import Protocol

from django.core.files.uploadedfile import UploadedFile

from resmi.channels import kinds, tasks
from resmi.channels import services as channels
from resmi.conversations.models import Conversation
from resmi.engine.content import Outbound, Text
from resmi.engine.lifecycle import Refused


class Reply(Protocol):
    """Writes one content to the citizen, as `services.reply` does."""

    def __call__(self, *, content: Outbound) -> int:
        """The message's event number."""
        ...


def reply(send: Reply, *, conversation_id: int, file: UploadedFile[bytes], body: str) -> None:
    """Sends `file` with `body` as its caption, or before it when a caption can't hold it.

    Runs in the caller's transaction. Raises `Refused`; then nothing is kept, nothing sent.
    """
    conversation = Conversation.objects.select_related("channel").get(pk=conversation_id)
    row = channels.store_file(
        channel_id=conversation.channel_id,
        conversation_id=conversation_id,
        file=file,
        filename=file.name or "",
        mime=file.content_type or "",
    )
    longest = kinds.ADAPTERS[conversation.channel.kind].capabilities.caption_length
    captioned = row.kind != "audio" and len(body) <= longest
    try:
        if body and not captioned:
            send(content=Text(body))
        carried = channels.carrying(row, body if captioned else "")
        send(content=carried)
    except Refused:
        row.file.delete(save=False)
        raise
    tasks.describe_file.defer(media_id=str(row.pk))
