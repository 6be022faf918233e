from __future__ import annotations

import uuid
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from resmi.agency.models import User
from resmi.conversations import queries
from resmi.conversations.models import Conversation
from resmi.desk import presets
from tests.conversations import factories
from tests.desk import scenes

HTMX = {"HX-Request": "true"}
ZONES = ("Asia/Jakarta", "Asia/Jayapura", "Asia/Seoul", "Europe/London", "America/St_Johns")


def form(**fields: Any) -> dict[str, Any]:
    return {"once": str(uuid.uuid4()), **fields}


def lay_aside(client: Client, conversation: Conversation, **fields: Any) -> Any:
    return client.post(f"/desk/{conversation.pk}/aside/", form(**fields), headers=HTMX)


@given(
    st.timedeltas(timedelta(0), timedelta(days=2000)).map(
        lambda later: datetime(2024, 1, 1, tzinfo=UTC) + later
    ),
    st.sampled_from(ZONES),
)
def test_every_preset_is_to_come_and_is_what_its_key_chooses(now: datetime, key: str) -> None:
    zone = ZoneInfo(key)
    for preset in presets.presets(now, zone):
        assert presets.chosen(preset.key, "", now, zone) == preset.at
        if preset.at is not None:
            assert now + timedelta(minutes=30) <= preset.at <= now + timedelta(days=5)
        if preset.key in ("tomorrow", "monday"):
            assert preset.at is not None
            assert preset.at.astimezone(zone).hour == 8


def test_a_morning_is_that_of_the_agents_own_time_zone() -> None:
    now = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)
    mornings = {
        zone: next(p.at for p in presets.presets(now, ZoneInfo(zone)) if p.key == "tomorrow")
        for zone in ZONES[:4]
    }
    assert mornings == {
        "Asia/Jakarta": datetime(2026, 11, 23, 1, tzinfo=UTC),
        "Asia/Jayapura": datetime(2026, 11, 22, 23, tzinfo=UTC),
        "Asia/Seoul": datetime(2026, 11, 22, 23, tzinfo=UTC),
        "Europe/London": datetime(2026, 11, 23, 8, tzinfo=UTC),
    }


@pytest.mark.parametrize(
    ("key", "typed"),
    [
        ("", ""),
        ("never", ""),
        ("time", "noon"),
        ("time", "2026-11-22T09:59"),
        ("time", "2027-06-01T08:00"),
    ],
)
def test_a_time_past_or_far_or_unreadable_is_refused(key: str, typed: str) -> None:
    now = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)
    with pytest.raises(ValueError, match=typed or key or "^$"):
        presets.chosen(key, typed, now, ZoneInfo("Asia/Jakarta"))


def test_a_typed_time_is_the_agents_local_one() -> None:
    now = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)
    at = presets.chosen("time", "2026-11-22T14:30", now, ZoneInfo("Asia/Seoul"))
    assert at == datetime(2026, 11, 22, 5, 30, tzinfo=UTC)


@pytest.fixture
def sari(db: None) -> User:
    scenes.office()
    return scenes.agent("Sari")


@pytest.fixture
def client(sari: User) -> Client:
    return scenes.signed_in(sari)


def test_laid_aside_it_leaves_mine_and_is_listed_with_its_time(client: Client, sari: User) -> None:
    conversation = scenes.held(sari)
    page = client.get(f"/desk/{conversation.pk}/aside/", headers=HTMX).content.decode()
    assert "Times are those of Asia/Jakarta." in page
    answer = lay_aside(client, conversation, until="tomorrow", note="menunggu bank")
    assert answer.status_code == 200
    assert "menunggu bank" in answer.content.decode()
    assert "Take up again" in answer.content.decode()
    lists = client.get("/desk/lists/", headers=HTMX).content.decode()
    assert "rows-mine" not in lists
    assert 'id="rows-aside"' in lists
    assert "08:00" in lists[lists.index("rows-aside") :]
    assert [row.id for row in queries.around(sari.pk).aside] == [conversation.pk]


def test_taken_up_again_it_is_mine(client: Client, sari: User) -> None:
    conversation = scenes.held(sari)
    lay_aside(client, conversation, until="hour")
    answer = client.post(f"/desk/{conversation.pk}/resume/", form(), headers=HTMX)
    assert answer.status_code == 200
    assert "took it up again" in answer.content.decode()
    conversation.refresh_from_db()
    assert (conversation.status, conversation.agent, conversation.kept_by) == (
        "assigned",
        sari,
        None,
    )


def test_when_the_citizen_writes_the_thread_says_why_it_is_back(client: Client, sari: User) -> None:
    conversation = scenes.held(sari)
    lay_aside(client, conversation, until="reply")
    identity = conversation.identity
    factories.citizen_says(
        "sudah",
        sender=factories.Address(kind="whatsapp", scope="p1", user_id=identity.user_id or ""),
    )
    page = client.get(f"/desk/{conversation.pk}/").content.decode()
    assert "Back: the citizen wrote" in page
    assert queries.around(sari.pk).aside == []


def test_a_time_past_is_refused_with_the_reason(client: Client, sari: User) -> None:
    conversation = scenes.held(sari)
    answer = lay_aside(client, conversation, until="time", time="2020-01-01T08:00")
    assert answer.status_code == 409
    assert "still to come" in answer.content.decode()
    conversation.refresh_from_db()
    assert conversation.status == "assigned"


def test_with_full_hands_it_stays_aside(client: Client, sari: User) -> None:
    conversation = scenes.held(sari, "Budi")
    lay_aside(client, conversation, until="reply")
    for name in ("Ayu", "Rina", "Joko", "Tono"):
        scenes.held(sari, name)
    answer = client.post(f"/desk/{conversation.pk}/resume/", form(), headers=HTMX)
    assert answer.status_code == 409
    conversation.refresh_from_db()
    assert conversation.status == "snoozed"


@given(
    st.timedeltas(timedelta(0), timedelta(days=2000)).map(
        lambda later: datetime(2024, 1, 1, tzinfo=UTC) + later
    ),
    st.sampled_from(ZONES),
)
def test_the_time_that_stands_in_the_form_is_always_one_that_can_be_chosen(
    now: datetime, name: str
) -> None:
    zone = ZoneInfo(name)
    at = presets.proposed(now, zone)
    typed = at.astimezone(zone).strftime("%Y-%m-%dT%H:%M")
    assert presets.chosen("time", typed, now, zone) == at
