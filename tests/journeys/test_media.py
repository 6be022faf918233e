"""Files in the thread: seen, heard, missing with the reason; what can't be sent is said at once."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.core.files.base import ContentFile
from PIL import Image
from playwright.sync_api import Page, expect

from resmi.agency.models import User
from resmi.channels import media
from resmi.channels.models import Delivery, MediaFile
from resmi.channels.simulator import voice
from resmi.conversations import machine, services
from resmi.conversations.models import Conversation, Event
from resmi.engine import content
from resmi.engine.machine import MachineRead
from tests.channels.simulator.test_voice import webm
from tests.channels.test_previews import jpeg
from tests.conversations import factories
from tests.desk import scenes
from tests.journeys.conftest import PageFor, violations

pytestmark = [pytest.mark.browser, pytest.mark.slow]
SOME_SECONDS = re.compile(r"^0:(0[1-9]|[1-9])")
HEARD = "document.getElementById('recorder-level').value > 0.02"
STATES = ("pending", "quarantine", "expired", "too_big", "refused", "failed", "removed")


@pytest.fixture
def sari(transactional_db: None) -> Iterator[User]:
    scenes.office()
    yield scenes.agent("Sari Wulandari")
    for row in MediaFile.objects.all():
        media.forget_bytes(row)


def with_files(sari: User) -> Conversation:
    """A thread with a photo, a voice note, a document, and a file in each state of trouble."""
    budi = scenes.citizen("Budi Santoso")
    kinds: list[content.MediaKind] = ["image", "audio", *["document"] * (len(STATES) + 1)]
    for index, kind in enumerate(kinds):
        mime = {"image": "image/jpeg", "audio": "audio/ogg"}.get(kind, "application/pdf")
        said = content.Media(kind, mime, provider_id=f"f{index}", filename=f"bukti {index}.pdf")
        conversation = factories.citizen_says(said, sender=budi)
    services.take_over(actor=sari, conversation_id=conversation.pk)
    note = voice.ogg(webm([b"\x78" + bytes(40)] * 350))
    for row in MediaFile.objects.order_by("provider_id"):
        index = int(str(row.provider_id)[1:])
        data = (jpeg(), note, b"%PDF-1.4")[min(index, 2)]
        row.state = "stored" if index < 3 else STATES[index - 3]
        row.error = "Eicar-Test-Signature" if row.state == "quarantine" else ""
        row.size = len(data)
        if row.state == "stored":
            row.file.save(f"{row.pk}.bin", ContentFile(data), save=False)
        if row.kind == "image":
            row.preview.save(f"{row.pk}.webp", ContentFile(_webp()), save=False)
            row.width, row.height = 480, 240
        if row.kind == "audio":
            row.seconds = 6.99
        row.save()
    return conversation


def _webp() -> bytes:
    out = io.BytesIO()
    Image.open(io.BytesIO(jpeg(480, 240))).save(out, "WEBP")
    return out.getvalue()


@pytest.mark.parametrize(
    ("theme", "width", "language"),
    [("light", 1440, "en"), ("dark", 1440, "id"), ("light", 360, "ko"), ("dark", 360, "en")],
)
def test_files_are_shown_or_their_absence_explained(
    sari: User, page_for: PageFor, theme: str, width: int, language: str
) -> None:
    sari.language = language
    sari.save()
    conversation = with_files(sari)
    page = page_for(sari, theme=theme, width=width)
    page.goto(f"/desk/{conversation.pk}/")
    photo = page.locator(".media-image img")
    photo.scroll_into_view_if_needed()
    until(page, "document.querySelector('.media-image img').naturalWidth === 480")
    expect(page.locator(".filecard--lost")).to_have_count(len(STATES) - 1)
    assert violations(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_a_missing_file_is_fetched_again_from_the_thread(sari: User, page_for: PageFor) -> None:
    conversation = with_files(sari)
    page = page_for(sari)
    page.goto(f"/desk/{conversation.pk}/")
    page.locator(".filecard--lost", has_text="could not be fetched").get_by_role("button").click()
    expect(page.locator(".filecard--lost", has_text="could not be fetched")).to_have_count(0)
    assert MediaFile.objects.filter(state="pending").count() == 2


def test_what_the_channel_refuses_is_said_before_it_travels(
    sari: User, page_for: PageFor, tmp_path: Path
) -> None:
    conversation = scenes.held(sari)
    page = page_for(sari)
    page.goto(f"/desk/{conversation.pk}/")
    before = Delivery.objects.count()
    large = {"name": "besar.jpg", "mimeType": "image/jpeg", "buffer": bytes(6 * 1024 * 1024)}
    page.locator("#composer-file").set_input_files(large)  # type: ignore[arg-type]
    expect(page.locator("#composer-file-name")).to_contain_text("It has 6 MB")
    page.get_by_role("button", name="Send", exact=True).click()
    page.locator("#composer-file").set_input_files(
        {"name": "x.exe", "mimeType": "application/x-msdownload", "buffer": b"MZ"}
    )
    expect(page.locator("#composer-file-name")).to_contain_text("does not carry files of this type")
    assert Delivery.objects.count() == before
    page.locator("#composer-file").set_input_files(
        {"name": "foto.jpg", "mimeType": "image/jpeg", "buffer": jpeg()}
    )
    page.get_by_role("button", name="Send", exact=True).click()
    expect(page.locator(".line--mine .filecard")).to_contain_text("foto.jpg")
    expect(page.locator("#composer-file-name")).to_be_hidden()


def until(page: Page, holds: str) -> None:
    """Waits in the page for an expression; Playwright's own waiting needs `unsafe-eval`."""
    look = f"const look = () => ({holds}) ? done() : requestAnimationFrame(look); look();"
    page.evaluate(f"() => new Promise((done) => {{ {look} }})")


def test_a_voice_message_is_recorded_heard_and_sent(sari: User, page_for: PageFor) -> None:
    conversation, other = scenes.held(sari), scenes.held(sari, "Ayu Lestari")
    page = page_for(sari)
    page.goto(f"/desk/{conversation.pk}/")
    page.locator("#conversation-name").click()
    page.keyboard.press("w")
    expect(page.locator("#recorder-trouble")).to_contain_text("does not let this page hear")
    page.context.grant_permissions(["microphone"])
    page.get_by_role("button", name="Record a voice message").click()
    expect(page.get_by_role("timer")).to_have_text(SOME_SECONDS)
    expect(page.locator("#recorder-trouble")).to_be_empty()
    until(page, HEARD)
    assert violations(page) == []
    page.get_by_role("button", name="Discard").click()
    expect(page.get_by_role("button", name="Record a voice message")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_role("timer")).to_have_text(SOME_SECONDS)
    until(page, HEARD)
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="Send", exact=True)).to_be_focused()
    page.locator(f"#open-{other.pk}").click()
    expect(page.locator("#conversation-name")).to_have_text("Ayu Lestari")
    expect(page.locator("#recorder-play")).to_be_hidden()
    page.locator(f"#open-{conversation.pk}").click()
    expect(page.locator("#recorder-play")).to_be_visible()
    until(page, "document.getElementById('recorder-play').readyState > 0")
    page.get_by_role("button", name="Send", exact=True).click()
    expect(page.locator(".line--mine audio")).to_be_visible()
    expect(page.locator("#recorder-play")).to_be_hidden()
    sent = content.decode_outbound(bytes(Delivery.objects.filter(author="agent").get().content))
    assert isinstance(sent, content.Media)
    assert sent.kind == "voice"
    sound = page.evaluate(
        """async () => {
            const player = document.querySelector(".line--mine audio");
            const answer = await fetch(player.src);
            const decoded = await new AudioContext().decodeAudioData(await answer.arrayBuffer());
            return Math.max(...decoded.getChannelData(0));
        }"""
    )
    assert sound > 0.05


@pytest.mark.parametrize(("theme", "width"), [("light", 1440), ("dark", 360)])
def test_a_translation_comes_into_the_thread_by_itself(
    sari: User, page_for: PageFor, theme: str, width: int
) -> None:
    conversation = scenes.held(sari)
    ani = scenes.supervisor("Ani", "admin")
    settings = page_for(ani, theme=theme, width=width)
    settings.goto("/services/")
    card = settings.locator("#form-translation")
    card.get_by_label("Address").fill("https://translate.example.org")
    card.get_by_label("Key").fill("secret")
    settings.locator("button[form=form-translation]").click()
    expect(settings.locator("#toasts")).to_contain_text("Connected.")
    assert violations(settings) == []
    page = page_for(sari, theme=theme, width=width)
    page.goto(f"/desk/{conversation.pk}/")
    page.locator("body[data-live-state=open]").wait_for()
    asking = page.locator(".line--citizen").get_by_role("button", name="Translate")
    asking.click()
    expect(page.get_by_text("The service is asked")).to_be_visible()
    line = Event.objects.get(conversation=conversation, type="message_received").seq
    said = MachineRead(
        line=line, kind="translation", language="en", service="libretranslate", text="Hello"
    )
    machine._store(sari, conversation.pk, said)
    expect(page.locator(".line--citizen .reading")).to_contain_text("Hello")
    expect(page.get_by_text("The service is asked")).to_have_count(0)
    assert violations(page) == []
