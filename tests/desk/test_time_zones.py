"""Four time zones at once: the agency's, an agent's, a supervisor's, and the server's.

Each zone is chosen so that it is a certain hour there now: three of them have another date than the
agency, whenever the tests run.
"""

from __future__ import annotations

import re
import time
import uuid
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import msgspec
import pytest

from resmi.agency.models import User
from resmi.conversations import turn
from resmi.conversations.building import World
from resmi.conversations.models import Conversation, Event
from resmi.desk import figures
from resmi.desk.board import Board
from resmi.desk.views import today
from resmi.engine.conversation import Conversation as State
from resmi.routing import policy, queries
from tests.conversations import factories
from tests.desk import scenes
from tests.desk.test_figures import log
from tests.desk.test_floor import text

pytestmark = pytest.mark.django_db


def zone_at(hour: int) -> str:
    """A time zone in which it is `hour` o'clock now."""
    east = (hour - datetime.now(UTC).hour + 11) % 24 - 11
    return f"Etc/GMT{-east:+d}"  # the sign of these names is the other way round


def local(at: datetime, zone: str) -> datetime:
    return at.astimezone(ZoneInfo(zone))


@pytest.fixture(autouse=True)
def _server(monkeypatch: pytest.MonkeyPatch, settings: object) -> Iterator[None]:
    """The agency has noon; the machine its server runs on stands in Auckland."""
    settings.TIME_ZONE = zone_at(12)  # type: ignore[attr-defined]
    scenes.office()
    monkeypatch.setattr(figures._Held, "of", None)
    monkeypatch.setenv("TZ", "Pacific/Auckland")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


def living_in(user: User, zone: str) -> User:
    user.time_zone = zone
    user.save()
    return user


@pytest.fixture
def sari() -> User:
    """An agent whose day has just begun."""
    return living_in(scenes.agent("Sari"), zone_at(2))


@pytest.fixture
def rina() -> User:
    """A supervisor whose day is about to end."""
    return living_in(scenes.supervisor(), zone_at(22))


def test_the_day_of_the_floor_is_the_agencys_whoever_looks(sari: User, rina: User) -> None:
    begin = figures.midnight(figures.agency_time())
    before, first = scenes.waiting("Budi"), scenes.waiting("Ayu")
    Conversation.objects.filter(pk__in=[before.pk, first.pk]).update(status="closed")
    for conversation, minutes in ((before, -5), (first, 20)):
        log(conversation, "handed_over", begin + timedelta(minutes=minutes), queue="reports")
    early = living_in(scenes.supervisor("Tono"), zone_at(2))
    for reader in (rina, early):
        client = scenes.signed_in(reader)
        page = text(client, "/floor/today/")
        assert "3 citizens were handed over to a queue today." in page  # two who came just now
        assert f"Times of day are the agency's ({figures.agency_time().tzinfo})." in page
        quarters = re.findall(r'<th scope="row">(\d\d:\d\d)</th>', page)
        assert quarters[-1] == "00:15"
        link = re.findall(r'href="(\?quarter=[^"]*)"', page)[-1].replace("&amp;", "&")
        behind = text(client, f"/floor/today/{link}").split('id="behind"')[1]
        assert f'href="/desk/{first.pk}/"' in behind
        assert behind.count('href="/desk/') == 1
        sheet = client.get("/floor/today.csv").content.decode().splitlines()
        assert sheet[1].startswith((begin + timedelta(minutes=15)).isoformat())
        wall = text(client, "/floor/wall/")
        shown = re.search(r'wall__clock.*datetime="([^"]+)">(\d\d:\d\d)<', wall)
        assert shown
        assert shown[2] == f"{datetime.fromisoformat(shown[1]):%H:%M}"
        assert datetime.fromisoformat(shown[1]).utcoffset() == begin.utcoffset()


def test_a_day_on_which_the_clocks_go_back_has_every_quarter_hour_once(
    settings: object, monkeypatch: pytest.MonkeyPatch, rina: User
) -> None:
    settings.TIME_ZONE = "Europe/Berlin"  # type: ignore[attr-defined]
    evening = datetime(2026, 10, 25, 23, tzinfo=ZoneInfo("Europe/Berlin"))
    monkeypatch.setattr(figures, "agency_time", lambda: evening)
    summer, winter = scenes.waiting("Budi"), scenes.waiting("Ayu")
    for conversation, hour in ((summer, 0), (winter, 1)):
        at = datetime(2026, 10, 25, hour, 31, tzinfo=UTC)  # 02:31, twice
        log(conversation, "handed_over", at, queue="general")
    day = today.Day(Board(rina))
    quarters = day.quarters()
    assert [f"{one.at:%H:%M %z}" for one in quarters if one.count.arrived] == [
        "02:30 +0200",
        "02:30 +0100",
    ]
    assert len(quarters) == 4 * (24 - 2) + 1 - 2  # from half past two until eleven at night
    for conversation, at in ((summer, quarters[0].at), (winter, quarters[4].at)):
        assert day.behind(f"{at.timestamp():.0f}", "", "arrived") == [conversation.pk]


def test_laid_aside_until_tomorrow_morning_is_the_agents_morning(sari: User, rina: User) -> None:
    conversation, agent = scenes.held(sari), scenes.signed_in(sari)
    dialog = text(agent, f"/desk/{conversation.pk}/aside/")
    assert f"Times are those of {sari.time_zone}." in dialog
    sent = {"once": str(uuid.uuid4()), "until": "tomorrow"}
    agent.post(f"/desk/{conversation.pk}/aside/", sent, headers={"HX-Request": "true"})
    conversation.refresh_from_db()
    until = msgspec.json.decode(bytes(conversation.state), type=State).snoozed_until
    assert until is not None
    there = local(until, sari.time_zone)
    tomorrow = local(datetime.now(UTC), sari.time_zone).date() + timedelta(days=1)
    assert (there.date(), there.hour, there.minute) == (tomorrow, 8, 0)
    assert "08:00" in text(agent, f"/desk/{conversation.pk}/")
    theirs = text(scenes.signed_in(rina), f"/desk/{conversation.pk}/")
    assert f"{local(until, rina.time_zone):%H:%M}" == "04:00"
    assert "4 a.m." in theirs or "04:00" in theirs
    assert "08:00" not in theirs


def test_the_same_message_stands_on_every_desk_at_its_readers_own_time(
    sari: User, rina: User
) -> None:
    conversation = scenes.held(sari)
    said = Event.objects.get(conversation=conversation, type="message_received")
    times = set()
    for reader in (sari, rina):
        there = local(said.at, reader.time_zone)
        page = text(scenes.signed_in(reader), f"/desk/{conversation.pk}/")
        assert f'datetime="{there:%Y-%m-%dT%H:%M:%S}' in page
        assert f">{there:%H:%M}<" in page
        assert f'id="day-{there:%Y-%m-%d}"' in page
        times.add(f"{there:%H:%M}")
    assert len(times) == 2


def test_an_agents_shift_is_by_the_clock_of_their_account() -> None:
    now = datetime.now(UTC)
    for hour in (2, 12, 22):
        zone = zone_at(hour)
        day = local(now, zone).weekday()
        assert queries.on_shift(now, zone, [(day, hour * 60, hour * 60 + 60)])
        assert not queries.on_shift(now, zone, [(day, 0, hour * 60)])


def test_a_holiday_holds_by_the_regions_clock_and_is_told_by_the_agencys() -> None:
    """It is the holiday in Jayapura already, while Jakarta has the day before."""
    region = policy.Region(
        key="papua",
        name="Papua",
        time_zone="Asia/Jayapura",
        weekly=(("00:00-16:00",),) * 7,
        holidays=(policy.Holiday(date="2026-01-07", name="Libur"),),
    )
    fact = policy.QueueFacts(key="general", name="General", region="papua")
    world = World(
        pack=factories.pack(),
        index=factories.index(),
        routing=policy.Policy(regions=(region,)),
        queues={"general": fact},
    )
    hours = world.routing.region("papua")
    eve, holiday, after = (
        datetime(2026, 1, day, hour, tzinfo=UTC) for day, hour in ((6, 3), (6, 16), (7, 15))
    )
    assert hours is not None
    assert local(holiday, "Asia/Jakarta").date() == date(2026, 1, 6)
    assert [hours.is_open(at) for at in (eve, holiday, after)] == [True, False, True]
    at = datetime(2026, 1, 6, 15, 30, tzinfo=UTC)
    said = factories.message("agent", at=at)
    taken = turn.take(State(id=1), (said,), factories.line(), world, at)
    assert hours.next_opening(at) == datetime(2026, 1, 7, 15, tzinfo=UTC)
    assert "Wednesday" in str(taken.deliveries[-1].content)
