"""What the page fetches again, and how many queries every page takes."""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from resmi.agency.models import LiveEvent, User
from resmi.channels.models import Delivery
from resmi.conversations import router, services
from resmi.conversations.models import CannedReply
from resmi.engine.content import Text
from tests.conversations import factories
from tests.desk import scenes

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}


@pytest.fixture(autouse=True)
def _office() -> None:
    scenes.office()


@pytest.fixture
def sari() -> User:
    return scenes.agent("Sari")


@pytest.fixture
def client(sari: User) -> Client:
    return scenes.signed_in(sari)


def seqs(page: str) -> list[int]:
    return [int(seq) for seq in re.findall(r'data-seq="(\d+)"', page)]


def say(sari: User, conversation: int, times: int) -> None:
    for number in range(times):
        services.reply(actor=sari, conversation_id=conversation, content=Text(f"Baris {number}"))


def test_only_newer_lines_are_fetched(client: Client, sari: User) -> None:
    conversation = scenes.held(sari)
    say(sari, conversation.pk, 3)
    conversation.refresh_from_db()
    page = client.get(f"/desk/{conversation.pk}/thread/?after={conversation.seq - 1}").content
    assert seqs(page.decode()) == [conversation.seq]


def test_older_lines_are_fetched_until_the_beginning(client: Client, sari: User) -> None:
    conversation = scenes.held(sari)
    say(sari, conversation.pk, 70)
    page = client.get(f"/desk/{conversation.pk}/").content.decode()
    first = min(seqs(page))
    assert f"?before={first}" in page
    older = client.get(f"/desk/{conversation.pk}/thread/?before={first}").content.decode()
    assert max(seqs(older)) == first - 1
    assert min(seqs(older)) == 1
    assert "load-earlier" not in older


@pytest.mark.parametrize("after", ["", "x", "-1", "9" * 40])
def test_a_strange_place_in_the_thread_is_no_error(client: Client, sari: User, after: str) -> None:
    conversation = scenes.held(sari)
    assert client.get(f"/desk/{conversation.pk}/thread/?after={after}").status_code == 200


def test_the_composer_comes_along_only_when_it_must_change(client: Client, sari: User) -> None:
    conversation = scenes.held(sari)
    page = client.get(f"/desk/{conversation.pk}/").content.decode()
    found = re.search(r'id="composer"[^>]*data-state="([^"]+)"', page)
    assert found
    address = f"/desk/{conversation.pk}/thread/?composer="
    assert 'id="composer"' not in client.get(address + found[1]).content.decode()
    services.close(actor=sari, conversation_id=conversation.pk, reason="advice_given")
    assert 'id="composer"' in client.get(address + found[1]).content.decode()


def test_the_open_conversation_stays_marked_in_the_list(client: Client, sari: User) -> None:
    conversation = scenes.held(sari)
    page = client.get(f"/desk/lists/?current={conversation.pk}").content.decode()
    assert 'aria-current="true"' in page
    assert 'aria-current="true"' not in client.get("/desk/lists/").content.decode()


def test_canned_replies_come_in_the_citizens_language(client: Client, sari: User) -> None:
    conversation = scenes.held(sari)
    CannedReply.objects.create(shortcut="salam", language="id", body="Halo dari kami")
    page = client.get(f"/desk/{conversation.pk}/canned/").content.decode()
    assert "Halo dari kami" in page
    assert "Mohon kirim tangkapan layar" in page


def test_who_looks_is_told_to_the_others(client: Client, sari: User) -> None:
    conversation = scenes.held(sari)
    client.post("/desk/here/", {"conversation": conversation.pk, "writing": "1"})
    told = LiveEvent.objects.filter(topic=f"conversation:{conversation.pk}").latest("id")
    assert told.data["viewer"] == {
        "id": sari.pk,
        "name": "Sari",
        "writing": True,
        "left": False,
    }


def test_a_citizens_text_is_never_markup(client: Client, sari: User) -> None:
    conversation = scenes.with_bot("<img src=x onerror=alert(1)>", "halo")
    services.take_over(actor=sari, conversation_id=conversation.pk)
    say(sari, conversation.pk, 1)
    page = client.get(f"/desk/{conversation.pk}/").content.decode()
    assert "<img src=x" not in page
    assert "&lt;img src=x" in page


def _few(sari: User) -> None:
    scenes.held(sari, "Budi")
    scenes.with_bot("Citra")
    scenes.waiting("Dodi")


def _many(sari: User) -> None:
    for number in range(2):
        scenes.held(sari, f"Budi {number}")
    dewi = scenes.agent("Dewi")
    for number in range(3):
        scenes.held(dewi, f"Eka {number}")
    for number in range(5):
        scenes.with_bot(f"Citra {number}")
        scenes.waiting(f"Dodi {number}")
    router.run_pass()


@pytest.mark.parametrize(
    ("address", "most"),
    [
        ("/desk/", 17),
        ("/desk/lists/", 16),
        ("/desk/bar/", 10),
        ("/floor/", 22),
        ("/floor/now/", 22),
    ],
)
def test_a_page_takes_as_many_queries_for_many_rows_as_for_few(
    sari: User, address: str, most: int
) -> None:
    client = scenes.signed_in(scenes.supervisor() if "floor" in address else sari)
    _few(sari)
    few = _queries(lambda: client.get(address))
    _many(sari)
    many = _queries(lambda: client.get(address))
    assert many == few
    assert many <= most


def test_a_long_thread_takes_as_many_queries_as_a_short_one(client: Client, sari: User) -> None:
    conversation = scenes.held(sari)
    short = _queries(lambda: client.get(f"/desk/{conversation.pk}/"))
    say(sari, conversation.pk, 50)
    for number in range(5):
        factories.citizen_says(f"lagi {number}", sender=scenes.citizen("X"))
    assert _queries(lambda: client.get(f"/desk/{conversation.pk}/")) == short
    assert short <= 35


@pytest.mark.parametrize("address", ["/floor/inbound/", "/floor/deliveries/"])
def test_the_pages_behind_alarms_take_as_many_queries_for_many_rows(address: str) -> None:
    client = scenes.signed_in(scenes.supervisor("Agus", "admin"))
    _trouble(1)
    few = _queries(lambda: client.get(address))
    _trouble(10)
    assert _queries(lambda: client.get(address)) == few


def _trouble(times: int) -> None:
    for _ in range(times):
        item = factories.wire("halo", sender=scenes.citizen())
        item.key = str(uuid.uuid4())
        item.status = "parked"
        item.save()
        scenes.with_bot()
    Delivery.objects.update(status="failed")


def _queries(get: Callable[[], object]) -> int:
    """The fewer of two goes: what is kept for a second may have run out just before one."""
    return min(_counted(get), _counted(get))


def _counted(get: Callable[[], object]) -> int:
    with CaptureQueriesContext(
        connection,
    ) as captured:
        get()
    return len(captured)
