from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from resmi.conversations import router, services
from resmi.routing import policy, queries
from resmi.routing import services as routing
from resmi.routing.models import Presence, Queue, WrapUpTime
from tests.conversations import factories
from tests.desk import scenes

pytestmark = pytest.mark.django_db
LUNCH = policy.Break(key="lunch", name={"en": "Lunch", "id": "Istirahat"}, most_s=1800)


@pytest.fixture(autouse=True)
def _office() -> None:
    scenes.office()
    routing.put_policy(actor=None, data=policy.Policy(breaks=(LUNCH,)))
    queries.forget()


def test_a_break_is_chosen_with_its_reason_and_a_long_one_is_marked() -> None:
    sari = scenes.agent("Sari")
    client = scenes.signed_in(sari)
    assert "away:lunch" in client.get("/desk/bar/").content.decode()
    client.post("/desk/presence/", {"status": "away:lunch"})
    assert Presence.objects.get(agent=sari).reason == "lunch"
    Presence.objects.filter(agent=sari).update(since=datetime.now(UTC) - timedelta(hours=1))
    bar = client.get("/desk/bar/").content.decode()
    assert "Lunch" in bar
    assert 'data-state="over"' in bar
    client.post("/desk/presence/", {"status": "away:gone"})
    assert Presence.objects.get(agent=sari).reason == ""


def test_notes_time_ends_when_the_agent_is_ready() -> None:
    Queue.objects.update(wrap_up_s=300)
    queries.forget()
    sari = scenes.agent("Sari")
    client = scenes.signed_in(sari)
    conversation = scenes.offered()
    services.accept_offer(actor=sari, conversation_id=conversation.pk)
    reason = factories.pack().wrap_up[0].key
    services.close(actor=sari, conversation_id=conversation.pk, reason=reason)
    assert "I am ready" in client.get("/desk/bar/").content.decode()
    assert Presence.objects.get(agent=sari).load == 25
    bar = client.post("/desk/ready/", headers={"HX-Request": "true"}).content.decode()
    assert "I am ready" not in bar
    assert Presence.objects.get(agent=sari).load == 0
    assert not WrapUpTime.objects.exists()


@pytest.mark.parametrize("zone", ["Asia/Jakarta", "Asia/Makassar", "Asia/Jayapura", "Asia/Seoul"])
def test_outside_a_shift_by_their_own_clock_nothing_is_offered(zone: str) -> None:
    sari = scenes.agent("Sari")
    sari.time_zone = zone
    sari.save()
    far = (datetime.now(UTC).weekday() + 3) % 7
    routing.set_shifts(actor=None, agent_id=sari.pk, shifts=[(far, 0, 1440)])
    conversation = scenes.waiting()
    router.run_pass()
    conversation.refresh_from_db()
    assert conversation.status == "waiting"
    assert "Outside your shift" in scenes.signed_in(sari).get("/desk/bar/").content.decode()
    week = [(day, 0, 1440) for day in range(7)]
    routing.set_shifts(actor=None, agent_id=sari.pk, shifts=week)
    router.run_pass()
    conversation.refresh_from_db()
    assert conversation.status == "offered"
