"""Translations and transcripts that staff ask for, one message at a time.

Asking starts a job, for a service may take a minute. Its answer, or why there is none, is stored as
an event: what was answered is never asked again.
"""

from __future__ import annotations

import asyncio

from django.db import transaction
from django.utils.translation import gettext as _

from resmi.agency.machines import clients, queries, wording
from resmi.agency.machines.rules import Failed, Kind
from resmi.agency.models import User
from resmi.channels import media as files
from resmi.channels.models import MediaFile
from resmi.conversations import services, stimuli
from resmi.conversations.models import Event
from resmi.conversations.queries import ThreadLine, threads
from resmi.engine import content, events
from resmi.engine.lifecycle import Refused
from resmi.engine.machine import MachineRead, Reading

SERVICES: dict[Reading, Kind] = {"translation": "translation", "transcript": "speech"}
LONGEST_SOUND = 25 * 1024 * 1024  # what OpenAI's interface takes


def words_of(line: ThreadLine) -> str:
    """What a message says in words: its text, else its transcript; empty if neither."""
    said = getattr(line.payload, "content", None)
    match said:
        case content.Text(body=body) | content.Choices(body=body) | content.Edit(body=body):
            return body
        case content.Template(preview=body) | content.Media(caption=body) if body:
            return body
    done = (one.text for one in line.readings if one.kind == "transcript" and one.text)
    return next(done, "")


def sound_of(line: ThreadLine) -> MediaFile | None:
    """The stored sound of a message, if it is one."""
    row = line.media
    heard = row is not None and row.kind in ("voice", "audio") and row.state == "stored"
    return row if heard else None


def possible(line: ThreadLine, language: str, connected: frozenset[str]) -> tuple[Reading, ...]:
    """What may be asked of a message now, given the services and the reader's language."""
    wanted: dict[Reading, bool] = {
        "transcript": sound_of(line) is not None,
        "translation": bool(words_of(line).strip()),
    }
    return tuple(
        kind
        for kind, able in wanted.items()
        if able and SERVICES[kind] in connected and not _done(line, kind, language)
    )


def newest(readings: tuple[MachineRead, ...], language: str) -> tuple[MachineRead, ...]:
    """Of each kind the last one, translations into the reader's language only."""
    own = [one for one in readings if one.language in ("", language)]
    return tuple({one.kind: one for one in own}.values())


def _done(line: ThreadLine, kind: Reading, language: str) -> bool:
    into = language if kind == "translation" else ""
    return any(one.kind == kind and one.language == into and one.text for one in line.readings)


def check_possible(conversation_id: int, seq: int, kind: Reading, language: str) -> None:
    """Raises `Refused` unless this may be asked of message `seq`."""
    lines = threads.thread_lines(conversation_id, [seq])
    if not lines or kind not in possible(lines[0], language, queries.connected()):
        raise Refused("not_possible", _("This can't be asked of the message any more."))


def carry_out(*, asker: int, conversation_id: int, seq: int, kind: Reading, language: str) -> None:
    """Asks the service and stores what it answers. A job runs it."""
    lines = threads.thread_lines(conversation_id, [seq])
    place = queries.place(SERVICES[kind])
    if (
        not lines
        or place is None
        or kind not in possible(lines[0], language, frozenset({SERVICES[kind]}))
    ):
        return
    into = language if kind == "translation" else ""
    text = error = ""
    try:
        text = _answer(place, lines[0], kind, language)
    except Failed as failed:
        error = str(failed)
    reading = MachineRead(
        line=seq, kind=kind, language=into, service=place.protocol, text=text, error=error
    )
    _store(User.objects.get(pk=asker), conversation_id, reading)


def _answer(place: clients.Place, line: ThreadLine, kind: Reading, language: str) -> str:
    if kind == "translation":
        asked = clients.translator(place).translate(words_of(line), into=language)
        return asyncio.run(asked)
    row = sound_of(line)
    assert row is not None
    if row.size > LONGEST_SOUND:
        raise Failed(wording.TOO_LONG % {"most": LONGEST_SOUND >> 20})
    with files.open(str(row.pk)).file as opened:
        sound = opened.read()
    return asyncio.run(clients.transcriber(place).transcribe(sound, mime=row.mime, language=""))


@transaction.atomic
def _store(asker: User, conversation_id: int, reading: MachineRead) -> None:
    loaded = services.lock(conversation_id)
    known = Event.objects.filter(
        conversation_id=conversation_id,
        seq__gt=reading.line,
        type=events.type_name(MachineRead),
        data__line=reading.line,
        data__kind=reading.kind,
    )
    if reading.language:
        known = known.filter(data__language=reading.language)
    if not known.exclude(data__has_key="error").exists():
        services.act(loaded, stimuli.RecordReading(services.staff(asker), reading))
