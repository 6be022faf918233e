"""Translations and transcripts: hidden until there is a service, asked for once, labelled."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.test import Client
from procrastinate.contrib.django.models import ProcrastinateJob

from resmi.agency.machines import services
from resmi.agency.machines.rules import Kind
from resmi.agency.models import User
from resmi.conversations import machine
from resmi.conversations.models import Conversation, Event
from tests.agency.machine_service import Machine, serving
from tests.desk import scenes

HTMX = {"HX-Request": "true"}


@pytest.fixture
def sari(db: None) -> User:
    scenes.office()
    return scenes.agent("Sari")


@pytest.fixture
def client(sari: User) -> Client:
    return scenes.signed_in(sari)


@pytest.fixture
def service() -> Iterator[Machine]:
    with serving() as found:
        yield found


def connect(service: Machine, kind: Kind, protocol: str) -> None:
    services.connect(
        actor=scenes.supervisor("Ani", "admin"),
        kind=kind,
        protocol=protocol,
        address=service.address,
        model="m",
        secret="k",
    )


def message_of(conversation: Conversation) -> int:
    return (
        Event.objects.filter(conversation=conversation, type="message_received").latest("seq").seq
    )


def ask(client: Client, conversation: Conversation, kind: str) -> int:
    form = {"line": message_of(conversation), "kind": kind}
    return client.post(f"/desk/{conversation.pk}/ask/", form, headers=HTMX).status_code


def work_off() -> int:
    """Does the jobs that were asked for, as the job process would."""
    jobs = ProcrastinateJob.objects.filter(task_name="conversations.ask_machine", status="todo")
    for job in jobs:
        machine.carry_out(**job.args)
    return len(jobs)


def page(client: Client, conversation: Conversation) -> str:
    return client.get(f"/desk/{conversation.pk}/").content.decode()


def test_nothing_is_shown_until_a_service_is_connected(
    client: Client, sari: User, service: Machine
) -> None:
    conversation = scenes.held(sari)
    assert "Translate" not in page(client, conversation)
    assert ask(client, conversation, "translation") == 409
    connect(service, "translation", "libretranslate")
    assert page(client, conversation).count("> Translate</button>") > 0
    assert "Transcribe" not in page(client, conversation)


def test_a_translation_stands_below_the_original_marked_and_is_asked_for_once(
    client: Client, sari: User, service: Machine
) -> None:
    connect(service, "translation", "libretranslate")
    conversation = scenes.held(sari)
    seq = message_of(conversation)
    assert ask(client, conversation, "translation") == 200
    assert ask(client, conversation, "translation") == 200
    assert work_off() == 1
    shown = page(client, conversation)
    line = shown[shown.index(f'id="line-{seq}"') :].split("</li>")[0]
    assert "Translated by a machine" in line
    assert "Good morning" in line
    assert "> Translate</button>" not in line
    assert ask(client, conversation, "translation") == 409
    assert len(service.asked) == 1
    assert service.asked[0][1]["target"] == "en"
    log = list(Event.objects.filter(conversation=conversation).order_by("seq"))
    assert log[-1].data["text"] == "Good morning"
    assert log[-1].actor["id"] == str(sari.pk)


def test_another_readers_language_is_another_question(
    client: Client, sari: User, service: Machine
) -> None:
    connect(service, "translation", "openai")
    conversation = scenes.held(sari)
    ask(client, conversation, "translation")
    work_off()
    ProcrastinateJob.objects.all().delete()
    rina = scenes.supervisor()
    rina.language = "ko"
    rina.save()
    theirs = scenes.signed_in(rina)
    assert "Good morning" not in page(theirs, conversation)
    assert ask(theirs, conversation, "translation") == 200
    service.says = "좋은 아침입니다"
    work_off()
    assert "좋은 아침입니다" in page(theirs, conversation)
    assert "좋은 아침입니다" not in page(client, conversation)


def test_a_failure_says_why_and_may_be_asked_again(
    client: Client, sari: User, service: Machine
) -> None:
    connect(service, "translation", "libretranslate")
    conversation = scenes.held(sari)
    service.refuses = (429, '{"error": "Slow down"}')
    ask(client, conversation, "translation")
    work_off()
    assert "status 429: Slow down" in page(client, conversation)
    service.refuses = None
    ProcrastinateJob.objects.all().delete()
    assert ask(client, conversation, "translation") == 200
    work_off()
    shown = page(client, conversation)
    assert "Good morning" in shown
    assert "Slow down" not in shown


def test_a_voice_message_is_written_down_and_then_translated(
    client: Client, sari: User, service: Machine, settings: Any, tmp_path: Path
) -> None:
    settings.MEDIA_ROOT = tmp_path
    connect(service, "speech", "openai")
    conversation, row = scenes.with_file(kind="voice", mime="audio/ogg", state="stored")
    row.file.save("x.ogg", ContentFile(b"OggS sound"))
    service.says = "Selamat pagi"
    assert ask(client, conversation, "translation") == 409
    assert ask(client, conversation, "transcript") == 200
    work_off()
    assert "Written down by a machine" in page(client, conversation)
    assert service.asked[0][1]["file"] == b"OggS sound"
    services.connect(
        actor=User.objects.get(role="admin"),
        kind="translation",
        protocol="libretranslate",
        address=service.address,
        model="",
        secret=None,
    )
    assert ask(client, conversation, "translation") == 200
    ProcrastinateJob.objects.filter(args__kind="transcript").delete()
    work_off()
    assert service.asked[1][1]["q"] == "Selamat pagi"


def test_who_only_reads_asks_nothing(sari: User, service: Machine) -> None:
    connect(service, "translation", "libretranslate")
    conversation = scenes.held(sari)
    auditor = scenes.signed_in(scenes.supervisor("Udi", "auditor"))
    assert "> Translate</button>" not in page(auditor, conversation)
    assert ask(auditor, conversation, "translation") == 403
