"""Files that agents send: stored, then carried by a message with the typed text."""

from __future__ import annotations

from typing import NamedTuple, Protocol

from django.core.files.base import ContentFile, File
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext as _

from resmi.channels import kinds, tasks, voices
from resmi.channels import services as channels
from resmi.conversations.models import Conversation
from resmi.engine.content import Outbound, Text
from resmi.engine.lifecycle import Refused


class Reply(Protocol):
    """Writes one content to the citizen, as `services.reply` does."""

    def __call__(self, *, content: Outbound) -> int:
        """The message's event number."""
        ...


class Carried(NamedTuple):
    """A file for a message. A `voice` is sent as a voice message."""

    file: File[bytes]
    name: str
    mime: str
    voice: bool = False


def reply(send: Reply, *, conversation_id: int, carried: Carried, body: str) -> None:
    """Sends the file with `body` as its caption, or before it when a caption can't hold it.

    Runs in the caller's transaction. Raises `Refused`; then nothing is kept, nothing sent.
    """
    conversation = Conversation.objects.select_related("channel").get(pk=conversation_id)
    row = channels.store_file(
        channel_id=conversation.channel_id,
        conversation_id=conversation_id,
        file=carried.file,
        filename=carried.name,
        mime=carried.mime,
        voice=carried.voice,
    )
    longest = kinds.ADAPTERS[conversation.channel.kind].capabilities.caption_length
    captioned = row.kind not in ("audio", "voice") and len(body) <= longest
    try:
        if body and not captioned:
            send(content=Text(body))
        send(content=channels.carrying(row, body if captioned else ""))
    except Refused:
        row.file.delete(save=False)
        raise
    tasks.describe_file.defer(media_id=str(row.pk))


def chosen(file: UploadedFile[bytes]) -> Carried:
    """A file somebody picked, as its browser names it."""
    return Carried(file, file.name or "", file.content_type or "")


def spoken(recording: UploadedFile[bytes]) -> Carried:
    """What a browser recorded, as the channel carries it. Takes moments: not in a transaction.

    Raises `Refused` when it holds no sound.
    """
    size = recording.size or 0
    made = voices.of_recording(recording.read()) if size <= voices.LARGEST_RECORDING else None
    if made is None:
        raise Refused("recording", _("The recording could not be read. Record it again."))
    return Carried(ContentFile(made.data), "", voices.MIME, voice=True)
