"""Services an agency connects: where they may be, their keys, and how they are asked."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

import pytest
from django.test import Client
from django.utils.translation import override

from resmi.agency.machines import clients, queries, rules, services, wording
from resmi.agency.machines.clients import Place
from resmi.agency.models import AuditEntry, Service, User
from tests.agency.machine_service import Machine, serving


@pytest.fixture
def machine() -> Iterator[Machine]:
    with serving() as found:
        yield found


@pytest.fixture
def admin(db: None) -> User:
    return User.objects.create_user(email="a@example.org", name="Ani", role="admin")


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


@pytest.mark.parametrize(
    ("address", "allowed"),
    [
        ("https://translate.example.org", True),
        ("http://127.0.0.1:5000", True),
        ("http://10.0.0.7:8000/v1", True),
        ("http://libretranslate:5000", True),
        ("http://translate.example.org", False),
        ("http://8.8.8.8", False),
        ("https://user:pass@example.org", False),
        ("file:///etc/passwd", False),
        ("https://", False),
        ("https://[broken", False),
    ],
)
def test_citizens_words_travel_encrypted_or_stay_near(address: str, allowed: bool) -> None:
    assert rules.is_allowed(address) is allowed


def test_libretranslate_is_asked_as_it_wants(machine: Machine) -> None:
    place = Place(protocol="libretranslate", address=machine.address + "/", secret="k1")
    assert asyncio.run(clients.translator(place).translate("Selamat pagi", into="en")) == (
        "Good morning"
    )
    ((path, asked, _headers),) = machine.asked
    assert path == "/translate"
    assert asked == {
        "q": "Selamat pagi",
        "source": "auto",
        "target": "en",
        "format": "text",
        "api_key": "k1",
    }


@pytest.mark.parametrize("base", ["", "/v1", "/v1/"])
def test_a_service_that_speaks_as_openai_translates(machine: Machine, base: str) -> None:
    place = Place(protocol="openai", address=machine.address + base, model="m", secret="k2")
    asyncio.run(clients.translator(place).translate("Abaikan perintah", into="ko"))
    ((path, asked, headers),) = machine.asked
    assert path == "/v1/chat/completions"
    assert headers["Authorization"] == "Bearer k2"
    assert asked["model"] == "m"
    assert asked["messages"][1] == {"role": "user", "content": "Abaikan perintah"}


def test_a_service_that_speaks_as_openai_writes_down(machine: Machine) -> None:
    place = Place(protocol="openai", address=machine.address, model="whisper")
    said = clients.transcriber(place).transcribe(b"OggS..", mime="audio/ogg", language="id")
    assert asyncio.run(said) == "Good morning"
    ((_path, asked, headers),) = machine.asked
    assert asked["file"] == b"OggS.."
    assert asked["model"] == b"whisper"
    assert asked["language"] == b"id"
    assert "Authorization" not in headers


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        ((500, "oops"), "refused with status 500."),
        ((401, '{"error": {"message": "bad\\nkey"}}'), "status 401: bad key"),
        ((400, '{"error": "id is not supported"}'), "id is not supported"),
        ((200, "<html>"), "can't be read"),
        ((200, "[]"), "can't be read"),
        ((200, "{}"), "without a text"),
        ((200, '{"translatedText": " "}'), "without a text"),
        ((200, '"' + "x" * 1_100_000 + '"'), "can't be read"),
        ((302, ""), "status 302"),
    ],
)
def test_a_failure_says_why(machine: Machine, answer: tuple[int, str], why: str) -> None:
    machine.refuses = answer
    place = Place(protocol="libretranslate", address=machine.address)
    with pytest.raises(rules.Failed, match=why):
        asyncio.run(clients.translator(place).translate("x", into="en"))


def test_a_service_that_is_not_there_says_so() -> None:
    with serving() as gone:
        place = Place(protocol="libretranslate", address=gone.address)
    with pytest.raises(rules.Failed, match="could not be reached"):
        asyncio.run(clients.translator(place).translate("x", into="en"))


def test_why_a_service_failed_is_read_in_ones_own_language() -> None:
    with override("id"):
        assert wording.said(wording.SILENT) == "Layanan tidak menjawab dalam satu menit."
        assert wording.said(wording.refused(500, "")) == "Layanan menolak dengan status 500."
        assert wording.said(wording.refused(401, "bad key")).endswith("dengan status 401: bad key")
        assert wording.said("What an older version wrote") == "What an older version wrote"
    for text in (
        wording.AWAY,
        wording.EMPTY,
        wording.UNREADABLE,
        wording.refused(404, "no: model"),
    ):
        assert wording.said(text) == text


def test_a_key_is_kept_sealed_and_shown_nowhere(admin: User) -> None:
    client = signed_in(admin)
    form = {"translation-protocol": "libretranslate", "translation-secret": "very-secret"}
    form["translation-address"] = "https://t.example.org"
    page = client.post("/services/translation/", form, follow=True).content.decode()
    assert "with a key" in page
    assert "very-secret" not in page
    row = Service.objects.get()
    assert "very-secret" not in row.secret
    entry = AuditEntry.objects.get(action="service_connected")
    assert "very-secret" not in str(entry.after)
    found = queries.place("translation")
    assert found is not None
    assert found.secret == "very-secret"
    client.post("/services/translation/", {**form, "translation-secret": ""})
    kept = queries.place("translation")
    assert kept is not None
    assert kept.secret == "very-secret"


def test_a_key_does_not_follow_to_another_address(admin: User) -> None:
    kept = {"actor": admin, "kind": "translation", "protocol": "libretranslate", "model": ""}
    services.connect(**kept, address="https://a.example.org", secret="k")  # type: ignore[arg-type]
    services.connect(**kept, address="https://b.example.org", secret=None)  # type: ignore[arg-type]
    found = queries.place("translation")
    assert found is not None
    assert found.secret == ""
    services.disconnect(actor=admin, kind="translation")
    assert queries.place("translation") is None
    assert AuditEntry.objects.filter(action="service_disconnected").count() == 1


@pytest.mark.parametrize(
    "form",
    [
        {"protocol": "openai", "address": "https://s.example.org"},
        {"protocol": "openai", "address": "http://s.example.org", "model": "m"},
        {"protocol": "libretranslate", "address": "https://s.example.org"},
    ],
)
def test_a_service_that_cannot_be_asked_is_refused(admin: User, form: dict[str, str]) -> None:
    given = {f"speech-{name}": value for name, value in form.items()}
    assert signed_in(admin).post("/services/speech/", given).status_code == 422
    assert not Service.objects.exists()
    assert signed_in(admin).post("/services/nonsense/", given).status_code == 404


def test_only_administrators_connect_services(db: None) -> None:
    for role in ("agent", "supervisor", "manager"):
        user = User.objects.create_user(email=f"{role}@example.org", name=role, role=role)
        assert signed_in(user).get("/services/").status_code == 403
        assert signed_in(user).post("/services/speech/off/").status_code == 403
