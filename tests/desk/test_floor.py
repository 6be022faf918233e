from __future__ import annotations

import uuid
from datetime import UTC, date, datetime, timedelta
from io import BytesIO

import pytest
from django.test import Client

from resmi.agency.models import AuditEntry
from resmi.channels import services as channels
from resmi.channels.models import Channel, Delivery, Inbound
from resmi.operations.models import Alarm
from resmi.registry import services as registry
from resmi.registry.watches.models import Watch
from resmi.routing.models import Queue
from tests.conversations import factories
from tests.desk import scenes
from tests.registry import making

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _office() -> None:
    scenes.office()


@pytest.fixture
def rina() -> Client:
    return scenes.signed_in(scenes.supervisor())


@pytest.fixture
def agus() -> Client:
    return scenes.signed_in(scenes.supervisor("Agus", "admin"))


def text(client: Client, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code == 200
    return answer.content.decode()


def parked(**fields: object) -> Inbound:
    given = {
        "channel": factories.channel(),
        "kind": "message",
        "key": f"wa:{uuid.uuid4()}",
        "raw": b'{"type":"<script>alert(1)</script>"}',
        "status": "parked",
        "error": "ValueError: a shape nobody knows",
        **fields,
    }
    return Inbound.objects.create(**given)


@pytest.mark.parametrize(
    "path", ["/floor/", "/floor/now/", "/floor/inbound/", "/floor/deliveries/"]
)
def test_agents_do_not_enter_the_floor(path: str) -> None:
    assert scenes.signed_in(scenes.agent("Sari")).get(path).status_code == 403


def test_supervisors_and_administrators_land_on_the_floor_agents_on_the_desk(
    rina: Client, agus: Client
) -> None:
    sari = scenes.signed_in(scenes.agent("Sari"))
    assert rina.get("/")["Location"] == "/floor/"
    assert agus.get("/")["Location"] == "/floor/"
    assert sari.get("/")["Location"] == "/desk/"


def test_an_empty_floor_says_that_nothing_is_wrong(rina: Client) -> None:
    page = text(rina, "/floor/")
    assert "No alarms" in page


def test_queues_show_who_waits_and_that_nobody_is_there(rina: Client) -> None:
    scenes.waiting("Budi Santoso")
    page = text(rina, "/floor/")
    assert "General questions" in page
    assert "Budi Santoso" in page
    assert "nobody" in page


def test_agents_show_what_they_hold(rina: Client) -> None:
    sari = scenes.agent("Sari")
    scenes.held(sari, "Ayu Lestari")
    page = text(rina, "/floor/")
    assert "Ayu Lestari" in page
    assert "1 of 4" in page


def test_a_paused_channel_is_an_alarm_with_its_reason(rina: Client) -> None:
    channels.pause_channel(channel_id=Channel.objects.get().pk, reason="The token has expired.")
    page = text(rina, "/floor/")
    assert "is stopped" in page
    assert "The token has expired." in page


def test_items_nobody_could_handle_are_an_alarm_only_administrators_follow(
    rina: Client, agus: Client
) -> None:
    parked()
    assert "/floor/inbound/" not in text(rina, "/floor/")
    assert "1 incoming item could not be handled" in text(rina, "/floor/")
    assert "/floor/inbound/" in text(agus, "/floor/")


def test_news_that_no_template_could_bring_are_an_alarm(rina: Client) -> None:
    Watch.objects.create(
        contact=1,
        channel=1,
        subject="entity:L1",
        name="PT Dana Zamrud",
        standing="licensed",
        started_at=datetime.now(UTC),
        held="no_template",
    )
    assert "1 citizen was not told of a change" in text(rina, "/floor/")


def test_an_old_list_is_an_alarm(rina: Client) -> None:
    for days, alarmed in ((100, True), (1, False)):
        registry.import_csv(
            actor=None,
            file=BytesIO(making.csv_of({"id": "1"})),
            source="Register of the Authority",
            authority="The Authority",
            as_of=date.today() - timedelta(days=days),  # noqa: DTZ011
        )
        assert ("” is old" in text(rina, "/floor/")) is alarmed


@pytest.mark.parametrize("status", ["failed", "unknown"])
def test_messages_that_did_not_surely_arrive_are_listed_with_the_reason(
    rina: Client, status: str
) -> None:
    conversation = scenes.with_bot()
    Delivery.objects.filter(conversation=conversation.pk).update(
        status=status, error="The phone is off.", updated_at=datetime.now(UTC)
    )
    assert "did not surely arrive" in text(rina, "/floor/")
    page = text(rina, "/floor/deliveries/")
    assert "The phone is off." in page
    assert f"/desk/{conversation.pk}/" in page


def test_messages_that_arrived_are_not_listed(rina: Client) -> None:
    scenes.with_bot()
    assert "Everything arrived" in text(rina, "/floor/deliveries/")


def test_parked_and_unparsed_items_are_listed_newest_first(agus: Client) -> None:
    first, second = parked(), parked(status="unparsed", error="no reader")
    parked(status="done", error="was fine")
    page = text(agus, "/floor/inbound/")
    assert page.index(f"/floor/inbound/{second.pk}/") < page.index(f"/floor/inbound/{first.pk}/")
    assert "was fine" not in page


def test_the_list_is_paged(agus: Client) -> None:
    items = [parked() for _ in range(51)]
    assert f"/floor/inbound/{items[0].pk}/" not in text(agus, "/floor/inbound/")
    assert f"/floor/inbound/{items[0].pk}/" in text(agus, "/floor/inbound/?page=2")


def test_raw_bytes_are_shown_escaped_and_looking_is_written_down(agus: Client) -> None:
    item = parked(envelope=b"\xff\x00bad")
    page = text(agus, f"/floor/inbound/{item.pk}/")
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert" in page
    assert AuditEntry.objects.filter(target=f"inbound:{item.pk}", action="inbound_viewed").exists()


def test_a_replayed_item_goes_to_the_worker_again(agus: Client) -> None:
    item = parked(attempts=3)
    agus.post(f"/floor/inbound/{item.pk}/replay/", {"once": str(uuid.uuid4())})
    item.refresh_from_db()
    assert (item.status, item.attempts) == ("new", 0)
    assert AuditEntry.objects.filter(action="inbound_replayed").count() == 1


@pytest.mark.parametrize("fields", [{"status": "done"}, {"channel": None}])
def test_an_item_that_cannot_be_replayed_stays_as_it_is(
    agus: Client, fields: dict[str, object]
) -> None:
    item = parked(**fields)
    before = item.status
    page = agus.post(f"/floor/inbound/{item.pk}/replay/", follow=True).content.decode()
    item.refresh_from_db()
    assert item.status == before
    assert "not waiting, or belongs to no channel" in page


def test_supervisors_do_not_look_at_raw_items(rina: Client) -> None:
    item = parked()
    assert rina.get(f"/floor/inbound/{item.pk}/").status_code == 403
    assert rina.post(f"/floor/inbound/{item.pk}/replay/").status_code == 403


def test_queues_are_named_in_the_readers_language_unless_renamed() -> None:
    supervisor = scenes.supervisor()
    supervisor.language = "id"
    supervisor.save()
    client = scenes.signed_in(supervisor)
    assert "Pertanyaan umum" in text(client, "/floor/")
    Queue.objects.filter(key="general").update(name="Loket satu")
    assert "Loket satu" in text(client, "/floor/")


def test_an_alarm_names_the_queue_in_the_readers_language() -> None:
    supervisor = scenes.supervisor()
    supervisor.language = "id"
    supervisor.save()
    values = {"queue": "General questions", "key": "general", "waiting": 2, "seconds": 300}
    Alarm.objects.create(kind="waiting_long", key="late", level="notice", values=values)
    page = text(scenes.signed_in(supervisor), "/floor/")
    assert "Warga menunggu terlalu lama di antrean Pertanyaan umum" in page
    assert "General questions" not in page
