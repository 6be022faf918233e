"""What supervisors do on the floor, what they see of it, and that others may not."""

from __future__ import annotations

import re
import uuid
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.test import Client

from resmi.agency.models import AuditEntry, User
from resmi.conversations import services, team
from resmi.conversations.models import Conversation, Event
from resmi.engine.content import Text
from resmi.routing import queries as routing_queries
from resmi.routing import services as routing
from resmi.routing.models import Presence, Queue
from resmi.routing.policy import Break, Policy
from tests.desk import scenes
from tests.desk.test_floor import text

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _office() -> None:
    scenes.office()


@pytest.fixture
def supervisor() -> User:
    return scenes.supervisor()


@pytest.fixture
def rina(supervisor: User) -> Client:
    return scenes.signed_in(supervisor)


def test_a_raised_hand_stands_on_top_with_what_it_is_about(rina: Client) -> None:
    sari = scenes.agent("Sari")
    conversation = scenes.held(sari, "Budi Santoso")
    assert "Raised hands" not in text(rina, "/floor/now/")
    team.ask_help(actor=sari, conversation_id=conversation.pk, note="Dia marah")
    page = text(rina, "/floor/now/")
    assert page.index("Raised hands") < page.index('id="floor-queues"')
    assert "Dia marah" in page
    rina.post(f"/floor/{conversation.pk}/hand-down/")
    assert "Raised hands" not in text(rina, "/floor/now/")


def test_words_of_a_citizen_raise_no_hand(rina: Client) -> None:
    conversation = scenes.held(scenes.agent("Sari"))
    services.reply(
        actor=User.objects.get(pk=conversation.agent_id),
        conversation_id=conversation.pk,
        content=Text('"help_asked_at":"2026-01-01T00:00:00Z","callback":"call"'),
    )
    page = text(rina, "/floor/now/")
    assert "Raised hands" not in page


def test_several_conversations_move_at_once_and_one_that_cannot_stops_no_other(
    rina: Client, supervisor: User
) -> None:
    sari, dewi = scenes.agent("Sari"), scenes.agent("Dewi")
    held = [scenes.held(sari, f"C{number}") for number in range(2)]
    waits = scenes.waiting("Ayu")
    numbers = [one.pk for one in (*held, waits)]
    page = rina.post(
        "/floor/move/", {"conversation": [*numbers, 999_999], "to": f"agent:{dewi.pk}"}, follow=True
    ).content.decode()
    assert set(Conversation.objects.filter(pk__in=numbers).values_list("agent_id", flat=True)) == {
        dewi.pk
    }
    assert "3 conversations moved." in page
    assert "This conversation does not exist." in page
    entry = AuditEntry.objects.get(action="conversations_moved")
    assert entry.actor == supervisor
    assert entry.after == {"to": f"agent:{dewi.pk}", "conversations": sorted(numbers)}


def test_numbers_nobody_has_move_nothing(rina: Client) -> None:
    waits, huge = scenes.waiting("Ayu"), "9" * 5_000
    for conversations, to in (([huge], "queue:reports"), ([waits.pk], f"agent:{huge}")):
        form = {"conversation": conversations, "to": to}
        assert rina.post("/floor/move/", form, follow=True).status_code == 200
    waits.refresh_from_db()
    assert (waits.status, waits.queue) == ("waiting", "general")


def test_moving_never_charges_an_agent_beyond_capacity(rina: Client) -> None:
    dewi = scenes.agent("Dewi")
    waits = [scenes.waiting(f"C{number}") for number in range(6)]
    form = {"conversation": [one.pk for one in waits], "to": f"agent:{dewi.pk}"}
    rina.post("/floor/move/", form)
    assert Conversation.objects.filter(agent=dewi, status="assigned").count() == 4
    assert Conversation.objects.filter(status="waiting").count() == 2
    assert Presence.objects.get(agent=dewi).load == 100


def test_the_same_form_twice_moves_once(rina: Client) -> None:
    conversation = scenes.held(scenes.agent("Sari"))
    token = re.search(r'name="once" value="([^"]+)"', text(rina, "/floor/"))
    assert token
    form = {"conversation": [conversation.pk], "to": "queue:reports", "once": token.group(1)}
    rina.post("/floor/move/", form)
    rina.post("/floor/move/", form)
    assert AuditEntry.objects.filter(action="conversations_moved").count() == 1


def test_a_supervisor_sets_an_agents_presence_with_a_reason(rina: Client, supervisor: User) -> None:
    routing.put_policy(
        actor=None,
        data=Policy(breaks=(Break(key="lunch", name={"en": "Lunch", "id": "Makan"}, most_s=60),)),
    )
    routing_queries.forget()
    sari = scenes.agent("Sari")
    rina.post(f"/floor/agents/{sari.pk}/presence/", {"status": "away:lunch"})
    presence = Presence.objects.get(agent=sari)
    assert (presence.status, presence.reason) == ("away", "lunch")
    entry = AuditEntry.objects.get(action="presence_set")
    assert (entry.actor, entry.target) == (supervisor, f"account:{sari.pk}")
    assert entry.before == {"status": "available", "reason": ""}
    page = text(rina, "/floor/now/")
    assert "Away: Lunch" in page
    assert "Break too long" not in page
    Presence.objects.filter(agent=sari).update(since=datetime.now(UTC) - timedelta(minutes=2))
    assert "Break too long" in text(rina, "/floor/now/")
    bad = rina.post(f"/floor/agents/{sari.pk}/presence/", {"status": "away:nonsense"})
    assert bad.status_code == 400


def test_a_whisper_is_a_note_that_calls_the_agent_and_never_reaches_the_citizen(
    rina: Client,
) -> None:
    sari = scenes.agent("Sari")
    conversation = scenes.held(sari)
    rina.post(f"/floor/{conversation.pk}/whisper/", {"body": "Tanyakan nomor izin"})
    note = Event.objects.filter(conversation=conversation).latest("seq")
    assert (note.type, note.data["body"]) == ("note_added", "Tanyakan nomor izin")
    assert note.data["mentions"] == [str(sari.pk)]
    waits = scenes.waiting("Ayu")
    page = rina.post(f"/floor/{waits.pk}/whisper/", {"body": "x"}, follow=True).content.decode()
    assert "No agent holds this conversation any more." in page


@pytest.mark.parametrize("role", ["agent", "manager"])
def test_who_may_not_move_conversations_does_nothing_on_the_floor(role: str) -> None:
    conversation = scenes.held(scenes.agent("Sari"))
    other = scenes.signed_in(scenes.supervisor("Tono", role))
    for path in ("move/", f"{conversation.pk}/whisper/", f"{conversation.pk}/hand-down/"):
        assert other.post(f"/floor/{path}", {"body": "x"}).status_code == 403
    assert other.post(f"/floor/agents/{conversation.agent_id}/presence/").status_code == 403
    if role == "manager":
        assert "move-form" not in text(other, "/floor/")


def test_queues_show_who_is_late_laid_aside_and_whether_they_are_closed(rina: Client) -> None:
    late = scenes.waiting("Budi")
    Conversation.objects.filter(pk=late.pk).update(
        waiting_since=datetime.now(UTC) - timedelta(hours=1)
    )
    Queue.objects.filter(key=late.queue).update(
        closed_at=datetime.now(UTC), overflow_to="reports", overflow_after_s=60
    )
    sari = scenes.agent("Sari")
    aside = scenes.held(sari, "Ayu")
    team.snooze(actor=sari, conversation_id=aside.pk)
    page = text(rina, "/floor/now/")
    row = page[page.index(f'id="queue-{late.queue}"') :].split("</tr>")[0]
    assert "closed" in row
    assert "1 overflowing" in row
    assert "badge--breach" in row


def test_the_floor_costs_the_same_queries_with_many_agents_and_citizens(
    rina: Client, django_assert_max_num_queries: object
) -> None:
    for number in range(6):
        scenes.held(scenes.agent(f"A{number}"), f"C{number}")
        scenes.waiting(f"W{number}")
    with django_assert_max_num_queries(32):  # type: ignore[operator]
        rina.get("/floor/now/")


_THREE_THOUSAND = (
    """INSERT INTO contacts_contact
       SELECT (jsonb_populate_record(c, jsonb_build_object('id', c.id + n))).*
       FROM contacts_contact c, generate_series(1, 3000) n WHERE c.id = %(contact)s""",
    """INSERT INTO conversations_conversation
       SELECT (jsonb_populate_record(v, jsonb_build_object('id', v.id + n, 'contact_id',
               v.contact_id + n, 'waiting_since', now() - n * interval '1 second'))).*
       FROM conversations_conversation v, generate_series(1, 3000) n WHERE v.id = %(id)s""",
)


def test_three_thousand_who_wait_cost_the_floor_no_more_queries_and_no_longer_page(
    rina: Client, django_assert_max_num_queries: object
) -> None:
    one = scenes.waiting("Budi")
    with connection.cursor() as cursor:
        for statement in _THREE_THOUSAND:
            cursor.execute(statement, {"id": one.pk, "contact": one.contact_id})
    with django_assert_max_num_queries(32):  # type: ignore[operator]
        page = text(rina, "/floor/now/")
    assert ">3001<" in page
    assert len(page) < 60_000


def test_today_counts_by_quarter_hour_and_leads_to_who_is_behind_each_number(rina: Client) -> None:
    sari = scenes.agent("Sari")
    answered, waits = scenes.waiting("Budi"), scenes.waiting("Ayu")
    services.take_over(actor=sari, conversation_id=answered.pk)
    services.reply(actor=sari, conversation_id=answered.pk, content=Text("Selamat pagi"))
    page = text(rina, "/floor/today/")
    assert "2 citizens were handed over to a queue today." in page
    assert "An agent wrote to 100% in time." in page
    assert "No forecast for the next hour" in page
    behind = text(rina, "/floor/today/?fate=in_target")
    assert f'href="/desk/{answered.pk}/"' in behind
    assert f'href="/desk/{waits.pk}/"' not in behind
    sheet = rina.get("/floor/today.csv").content.decode().splitlines()
    assert sheet[0].startswith("from,arrived,in_target,late,abandoned")
    assert sum(int(line.split(",")[1]) for line in sheet[1:]) == 2


def test_today_of_a_quiet_office_says_what_will_be_there(rina: Client) -> None:
    assert "Nobody came today yet" in text(rina, "/floor/today/")


def test_the_wall_board_has_numbers_and_no_names(rina: Client) -> None:
    scenes.held(scenes.agent("Sari Wulandari"), "Budi Santoso")
    scenes.waiting("Ayu Lestari")
    page = text(rina, "/floor/wall/")
    for name in ("Budi", "Ayu", "Sari"):
        assert name not in page
    assert re.search(r'wall__count">1 ', page)
    again = 'hx-get="/floor/wall/now/"'
    assert again in page
    assert again in text(rina, "/floor/wall/now/")


def test_the_wall_boards_link_opens_without_an_account_until_the_password_changes(
    rina: Client, supervisor: User
) -> None:
    link = re.search(r"http://testserver(/floor/wall/[^/]+/)", text(rina, "/floor/wall/"))
    assert link
    stranger = Client()
    assert stranger.get(link.group(1)).status_code == 200
    assert stranger.get(link.group(1) + "?now").status_code == 200
    assert stranger.get(link.group(1)[:-3] + "x/").status_code == 404
    assert stranger.get("/floor/now/").status_code == 302
    supervisor.set_password("another")
    supervisor.save()
    assert stranger.get(link.group(1)).status_code == 404


def test_who_waits_is_moved_ahead_with_a_reason_and_back_again(rina: Client) -> None:
    first, second = scenes.waiting("Budi Santoso"), scenes.waiting("Ayu Lestari")
    path = f"/floor/{second.pk}/"
    rina.post(f"{path}ahead/", {"once": str(uuid.uuid4()), "points": "15", "reason": ""})
    assert "points ahead" not in text(rina, "/floor/now/")
    fields = {"points": "15", "reason": "Pembayaran malam ini"}
    rina.post(f"{path}ahead/", {"once": str(uuid.uuid4()), **fields})
    page = text(rina, "/floor/now/")
    assert page.index(f"waiting-row-{second.pk}") < page.index(f"waiting-row-{first.pk}")
    assert "Rina: Pembayaran malam ini" in page
    rina.post(f"{path}back/", {"once": str(uuid.uuid4())})
    page = text(rina, "/floor/now/")
    assert page.index(f"waiting-row-{first.pk}") < page.index(f"waiting-row-{second.pk}")
    assert scenes.signed_in(scenes.agent()).post(f"{path}ahead/", fields).status_code == 403
