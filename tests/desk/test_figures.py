"""The figures of today on the floor and the wall-board."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.test import Client

from resmi.agency.models import User
from resmi.conversations import levels, services, team
from resmi.conversations.models import Conversation, Event
from resmi.conversations.queries import days
from resmi.desk import figures
from resmi.engine.content import Reaction, Text
from resmi.routing import queries as routing
from resmi.routing.models import Handled, Queue, RoutingPolicy
from tests.desk import scenes
from tests.desk.test_floor import text

pytestmark = pytest.mark.django_db
HOUR, WEEK = timedelta(hours=1), timedelta(weeks=1)


@pytest.fixture(autouse=True)
def _office() -> None:
    scenes.office()


@pytest.fixture(autouse=True)
def _nothing_held(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(figures._Held, "of", None)
    monkeypatch.setattr(figures._Held, "until", 0.0)


@pytest.fixture
def rina() -> Client:
    return scenes.signed_in(scenes.supervisor())


def log(conversation: Conversation, type_: str, at: datetime, **data: object) -> None:
    """A line of the log as the past left it."""
    seq = Event.objects.filter(conversation=conversation).latest("seq").seq + 1
    Event.objects.create(
        conversation=conversation,
        seq=seq,
        type=type_,
        at=at,
        actor={"kind": "bot"},
        data={"type": type_, **data},
        hash=b"x",
    )


def answered(sari: User, name: str) -> Conversation:
    conversation = scenes.waiting(name)
    services.take_over(actor=sari, conversation_id=conversation.pk)
    services.reply(actor=sari, conversation_id=conversation.pk, content=Text("Selamat pagi"))
    return conversation


def abandoned(sari: User, name: str) -> Conversation:
    conversation = scenes.waiting(name)
    services.take_over(actor=sari, conversation_id=conversation.pk)
    services.close(actor=sari, conversation_id=conversation.pk, reason="advice_given")
    return conversation


def cells(page: str, queue: str) -> list[str]:
    row = page[page.index(f'id="queue-{queue}"') :].split("</tr>")[0]
    return [re.sub("<[^>]*>", "", cell).strip() for cell in row.split("<td")[1:]]


def test_the_floor_says_what_share_was_answered_in_time_and_who_left(rina: Client) -> None:
    sari = scenes.agent("Sari")
    queue = answered(sari, "Budi").queue
    answered(sari, "Ayu")
    left = abandoned(sari, "Joko")
    scenes.waiting("Rina")  # within the promise: counts for nothing
    page = text(rina, "/floor/now/")
    assert [one.rpartition(">")[2] for one in cells(page, queue)[-3:]] == ["67%", "1 · 33%", "—"]
    link = f"/floor/today/?queue={queue}&amp;fate=abandoned#behind"
    assert link in page
    behind = text(rina, link.replace("&amp;", "&"))
    assert f'href="/desk/{left.pk}/"' in behind


def test_who_waits_beyond_the_promise_lowers_the_share_before_anybody_answers(
    rina: Client,
) -> None:
    queue = answered(scenes.agent("Sari"), "Budi").queue
    scenes.waiting("Ayu")
    now = datetime.now(UTC)
    came = days.hand_overs(now - HOUR, now)
    later = levels.by_queue(came, {queue: 60}, now + timedelta(minutes=2))
    assert later[queue].percent == 50
    assert levels.by_queue(came, {queue: 60}, now)[queue].percent == 100


def test_a_nod_is_no_answer_and_a_call_back_runs_against_no_promise() -> None:
    sari = scenes.agent("Sari")
    nodded, called = scenes.waiting("Budi"), scenes.waiting("Ayu")
    services.take_over(actor=sari, conversation_id=nodded.pk)
    services.reply(
        actor=sari,
        conversation_id=nodded.pk,
        content=Reaction(target="wamid.1", emoji="👍"),
    )
    log(called, "callback_asked", datetime.now(UTC), how="call")
    now = datetime.now(UTC)
    came = {one.conversation: one for one in days.hand_overs(now - HOUR, now + HOUR)}
    assert came[nodded.pk].answered_at is None
    assert levels.fate(came[called.pk], 60, now + HOUR) == "apart"


def test_a_message_that_was_taken_back_is_no_answer() -> None:
    sari, talk = scenes.agent("Sari"), scenes.waiting("Budi")
    services.take_over(actor=sari, conversation_id=talk.pk)
    seq = services.reply(actor=sari, conversation_id=talk.pk, content=Text("salah"), hold_s=5)
    team.withdraw(actor=sari, conversation_id=talk.pk, seq=seq)
    now = datetime.now(UTC)
    (came,) = days.hand_overs(now - HOUR, now + HOUR)
    assert came.answered_at is None


def worked(queue: str, since: datetime) -> None:
    """The queue's first conversation came to an end then."""
    Handled.objects.create(
        queue=queue,
        agent=scenes.agent("Sari"),
        conversation=1,
        contact=1,
        kind="whatsapp",
        wait_s=1,
        handle_s=1,
        at=since,
    )


def came(queue: str, numbers: dict[timedelta, int]) -> None:
    """So many citizens were handed over in the hour that began so long ago."""
    conversation = scenes.waiting("Budi")
    now = datetime.now(UTC)
    for ago, number in numbers.items():
        for _ in range(number):
            log(conversation, "handed_over", now - ago + timedelta(minutes=10), queue=queue)


def noon_there() -> ZoneInfo:
    """A zone in which it is between twelve and one: the next hour is of the same day."""
    return ZoneInfo(f"Etc/GMT{datetime.now(UTC).hour - 12:+d}")  # west of Greenwich is +


def region(**holidays: str) -> None:
    """A region round the clock whose queue is `reports`; holidays by date, with open hours."""
    made = {
        "key": "bali",
        "name": "Bali",
        "time_zone": noon_there().key,
        "weekly": [["00:00-24:00"]] * 7,
        "holidays": [
            {"date": day, "name": "Nyepi", "open": [hours] if hours else []}
            for day, hours in holidays.items()
        ],
    }
    RoutingPolicy.objects.create(data={"regions": [made]})
    Queue.objects.filter(key="reports").update(region="bali")
    routing._Cache.checked_at = 0.0
    routing._Cache.read = None


def day(ago: timedelta = timedelta()) -> str:
    return f"{datetime.now(noon_there()) - ago:%Y-%m-%d}"


def test_a_queue_has_a_forecast_once_it_worked_two_weeks(rina: Client) -> None:
    """A quiet week counts; a week before the queue began, or the log goes back to, does not."""
    came("reports", {WEEK: 4, 2 * WEEK: 2, timedelta(days=17): 1})
    assert "≈" not in text(rina, "/floor/now/")
    worked("reports", datetime.now(UTC) - timedelta(days=22))
    assert "≈ 3" in cells(text(rina, "/floor/now/"), "reports")[-1]
    assert "≈ 3" in text(rina, "/floor/wall/")
    page = text(rina, "/floor/today/")
    assert "About 3 more may come in the next hour" in page
    assert re.search(r"\d queues? ha(s|ve) no forecast yet", page)


def test_a_holiday_is_left_out_of_what_an_ordinary_day_is_learned_from(rina: Client) -> None:
    came("reports", {WEEK: 0, 2 * WEEK: 4, 3 * WEEK: 2, timedelta(days=24): 1})
    worked("reports", datetime.now(UTC) - timedelta(days=23))
    assert "≈ 2" in cells(text(rina, "/floor/now/"), "reports")[-1]
    region(**{day(WEEK): ""})
    page = text(rina, "/floor/now/")
    assert "≈ 3" in cells(page, "reports")[-1]
    assert "data-holiday" not in page


@pytest.mark.parametrize(
    ("open_", "number", "said"),
    [("", "≈ 0", "assumes that nobody comes"), ("00:00-24:00", "≈ 3", "assumes an ordinary day")],
)
def test_the_first_holiday_is_forecast_by_its_hours_and_screens_say_so(
    rina: Client, open_: str, number: str, said: str
) -> None:
    came("reports", {WEEK: 4, 2 * WEEK: 2, timedelta(days=17): 1})
    worked("reports", datetime.now(UTC) - timedelta(days=22))
    region(**{day(): open_})
    for url in ("/floor/now/", "/floor/today/"):
        page = text(rina, url)
        assert "Holiday today in Bali: Nyepi" in page
        assert said in page
    assert number in cells(text(rina, "/floor/now/"), "reports")[-1]
    assert "Nyepi" in text(rina, "/floor/wall/")


def test_a_holiday_is_learned_from_earlier_holidays_like_it(rina: Client) -> None:
    came("reports", {WEEK: 9, 2 * WEEK: 9, timedelta(days=10): 1, timedelta(days=12): 5})
    worked("reports", datetime.now(UTC) - timedelta(days=14, hours=1))
    came("reports", {timedelta(days=20): 1})
    earlier = {day(timedelta(days=10)): "", day(timedelta(days=12)): "00:00-24:00"}
    region(**{day(): "", **earlier})
    page = text(rina, "/floor/now/")
    assert "≈ 1" in cells(page, "reports")[-1]
    assert "earlier holidays that were closed then" in page


def test_the_figures_take_two_queries_however_many_came(
    django_assert_num_queries: object,
) -> None:
    sari = scenes.agent("Sari")
    for number in range(3):
        answered(sari, f"C{number}")
        scenes.waiting(f"W{number}")
    queues = routing.queues()
    with django_assert_num_queries(2):  # type: ignore[operator]
        found = figures.of_queues(queues)
    assert sum(one.count.arrived for one in found.values()) == 6


def test_on_a_busy_day_figures_are_good_for_some_seconds(
    django_assert_num_queries: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert figures.good_for(499) == 0
    assert figures.good_for(10_000) == 5
    answered(scenes.agent("Sari"), "Budi")
    monkeypatch.setattr(figures, "good_for", lambda came: 60.0)
    queues = routing.queues()
    first = figures.of_queues(queues)
    with django_assert_num_queries(0):  # type: ignore[operator]
        assert figures.of_queues(queues) == first
    monkeypatch.setattr(figures._Held, "of", None)
    scenes.waiting("Ayu")
    assert sum(one.count.arrived for one in figures.of_queues(queues).values()) == 2
