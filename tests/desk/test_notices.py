"""Notices to agents: who sees them, for how long, and what the supervisor learns of it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from resmi.agency.models import AuditEntry, LiveEvent, User
from resmi.routing import services as routing
from resmi.routing.models import Notice, NoticeReading, Queue
from resmi.routing.notices import queries, rules, services
from tests.desk import scenes
from tests.desk.test_floor import text

HTMX = {"HX-Request": "true"}
words = st.text("abc", min_size=1, max_size=2)


@pytest.fixture
def rina(db: None) -> User:
    scenes.office()
    return scenes.supervisor()


@pytest.fixture
def sari(rina: User) -> User:
    return scenes.agent("Sari")


def told(by: User, body: str = "The register is late today.", queue: str = "") -> Notice:
    return services.send(actor=by, body=body, queue=queue, minutes=60)


def test_a_notice_reaches_every_agents_desk_and_is_audited(rina: User, sari: User) -> None:
    form = {"body": "  The register\nis late today. ", "queue": "*", "minutes": "60"}
    page = scenes.signed_in(rina).post("/floor/notices/tell/", form, follow=True).content.decode()
    assert "Told. It stands on their desks now." in page
    assert "The register is late today." in text(scenes.signed_in(sari), "/desk/")
    assert LiveEvent.objects.filter(topic=f"agent:{sari.pk}", data__has_key="notice").exists()
    entry = AuditEntry.objects.get(action="notice_sent")
    assert entry.actor == rina
    assert entry.after["body"] == "The register is late today."


def test_the_supervisor_sees_who_saw_it_put_it_away_and_has_not_seen_it(
    rina: User, sari: User
) -> None:
    scenes.agent("Dewi Lestari")
    notice = told(rina)
    desk = scenes.signed_in(sari)
    floor = scenes.signed_in(rina)
    assert desk.post(f"/desk/notices/{notice.pk}/seen/").status_code == 204
    desk.post(f"/desk/notices/{notice.pk}/seen/")
    page = text(floor, "/floor/notices/")
    assert "Seen by 1" in page
    assert "put away by" not in page
    assert "Dewi Lestari</strong> has not seen it yet" in page
    strip = desk.post(f"/desk/notices/{notice.pk}/dismiss/", headers=HTMX).content.decode()
    assert notice.body not in strip
    assert notice.body not in text(desk, "/desk/")
    assert "put away by 1" in text(floor, "/floor/notices/")
    assert NoticeReading.objects.count() == 1


def test_a_notice_goes_at_its_time_or_when_it_is_taken_down(rina: User, sari: User) -> None:
    over, running = told(rina, "Over"), told(rina, "Running")
    Notice.objects.filter(pk=over.pk).update(until=datetime.now(UTC) - timedelta(seconds=1))
    assert [one.body for one in queries.showing(sari)] == ["Running"]
    floor = scenes.signed_in(rina)
    floor.post(f"/floor/notices/{running.pk}/end/")
    floor.post(f"/floor/notices/{running.pk}/end/")
    assert queries.showing(sari) == []
    assert AuditEntry.objects.filter(action="notice_ended").count() == 1
    services.note_seen(actor=sari, notice_id=running.pk)
    assert not NoticeReading.objects.exists()
    assert "not seen it" not in text(floor, "/floor/notices/")


def test_a_notice_for_a_queue_stays_with_its_agents(rina: User, sari: User) -> None:
    dewi = scenes.agent("Dewi")
    reports = Queue.objects.get(key="reports")
    for agent, queues in ((sari, ("reports",)), (dewi, ("general",))):
        routing.set_queues(actor=rina, agent_id=agent.pk, queues=queues)
    told(rina, queue=reports.key)
    assert len(queries.showing(sari)) == 1
    assert queries.showing(dewi) == []
    assert dewi.pk not in queries.agents_of("reports")
    (row,) = queries.told()
    assert dewi.name not in row.unseen


@pytest.mark.parametrize("role", ["agent", "manager"])
def test_only_who_leads_the_floor_tells(rina: User, role: str) -> None:
    notice = told(rina)
    other = scenes.signed_in(scenes.supervisor("Tono", role))
    form = {"body": "x", "minutes": "60"}
    assert other.post("/floor/notices/tell/", form).status_code == 403
    assert other.post(f"/floor/notices/{notice.pk}/end/").status_code == 403
    if role == "manager":
        page = text(other, "/floor/notices/")
        assert notice.body in page
        assert "Tell them" not in page
        assert notice.body not in text(other, "/desk/")


@pytest.mark.parametrize(
    "form",
    [
        {"body": " ", "minutes": "60", "queue": "*"},
        {"body": "x" * 301, "minutes": "60", "queue": "*"},
        {"body": "x", "minutes": "7", "queue": "*"},
        {"body": "x", "minutes": "60", "queue": "nowhere"},
    ],
)
def test_a_notice_that_says_nothing_too_much_or_to_nobody_is_refused(
    rina: User, form: dict[str, str]
) -> None:
    answer = scenes.signed_in(rina).post("/floor/notices/tell/", form)
    assert answer.status_code == 422
    assert not Notice.objects.exists()


def test_fifty_notices_cost_no_more_queries_than_one(
    rina: User, sari: User, django_assert_max_num_queries: object
) -> None:
    for number in range(8):
        services.note_seen(actor=sari, notice_id=told(rina, f"n{number}").pk)
    with django_assert_max_num_queries(8):  # type: ignore[operator]
        assert len(queries.told()) == 8
    client: Client = scenes.signed_in(sari)
    with django_assert_max_num_queries(8):  # type: ignore[operator]
        assert client.get("/desk/notices/").content.count(b"data-notice") == 8


@given(words, st.sets(words), st.sets(words), st.dictionaries(words, st.integers(0, 3)))
def test_own_queues_decide_and_else_skills(
    key: str, needs: set[str], queues: set[str], skills: dict[str, int]
) -> None:
    meant = rules.is_meant(key, [*needs, "lang:id"], queues=queues, skills=skills)
    if queues:
        assert meant == (key in queues)
    else:
        assert meant == all(skills.get(need, 0) >= 1 for need in needs)
