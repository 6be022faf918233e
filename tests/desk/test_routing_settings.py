from __future__ import annotations

import uuid
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from resmi.agency.models import AuditEntry
from resmi.conversations import router, services
from resmi.routing import queries as routing
from resmi.routing import written
from resmi.routing.models import Presence, Queue, RoutingPolicy
from tests.conversations import factories
from tests.desk import scenes

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _office() -> None:
    scenes.office()
    routing.forget()


@pytest.fixture
def rina() -> Client:
    return scenes.signed_in(scenes.supervisor())


QUEUE = {
    "name": "Consumer loans",
    "skills": "loans:2, lang:id",
    "priority": "0",
    "offer_s": "30",
    "target_s": "60",
    "next_target_s": "0",
    "resolve_target_s": "0",
    "around_the_clock": "False",
    "overflow_to": "",
    "overflow_after_s": "0",
    "hold_s": "0",
    "wrap_up_s": "0",
    "callback_after_s": "900",
    "region": "",
}


def post(client: Client, address: str, **fields: str) -> str:
    answer = client.post(address, {"do": "save", "once": str(uuid.uuid4()), **fields}, follow=True)
    assert answer.status_code in (200, 422)
    return answer.content.decode()


def test_a_new_region_begins_in_the_agencys_time_zone(rina: Client) -> None:
    html = rina.get("/routing/regions/new/").content.decode()
    assert '<option value="Asia/Jakarta" selected>' in html
    assert html.count(" selected>") == 1


@pytest.mark.parametrize(
    "path",
    ["/routing/", "/routing/agents/", "/routing/priorities/", "/routing/whole/"],
)
def test_agents_do_not_set_how_routing_decides(path: str) -> None:
    assert scenes.signed_in(scenes.agent()).get(path).status_code == 403


@pytest.mark.parametrize("role", ["supervisor", "manager", "admin"])
def test_those_who_lead_do(role: str) -> None:
    client = scenes.signed_in(scenes.supervisor(role=role))
    assert client.get("/routing/").status_code == 200


def test_a_queue_is_created_changed_and_audited_with_before_and_after(rina: Client) -> None:
    post(rina, "/routing/queues/new/", key="loans", **QUEUE)
    queue = Queue.objects.get(key="loans")
    assert (queue.skills, queue.callback_after_s) == (["lang:id", "loans:2"], 900)
    post(rina, "/routing/queues/loans/", **{**QUEUE, "name": "Loans"})
    entry = AuditEntry.objects.get(action="queue_changed")
    assert (entry.before["name"], entry.after["name"]) == ("Consumer loans", "Loans")
    page = post(rina, "/routing/queues/loans/", **{**QUEUE, "name": "Loans"})
    assert "Saved" in page
    assert AuditEntry.objects.filter(action="queue_changed").count() == 1


def test_how_promises_count_is_set_audited_and_listed(rina: Client) -> None:
    post(rina, "/routing/queues/general/", **{**QUEUE, "name": "General questions"})
    entry = AuditEntry.objects.get(action="queue_changed")
    assert (entry.before["around_the_clock"], entry.after["around_the_clock"]) == (True, False)
    assert rina.get("/routing/").content.decode().count("around the clock") == 1
    again = {**QUEUE, "around_the_clock": "True"}
    post(rina, "/routing/queues/general/", **again)
    assert rina.get("/routing/").content.decode().count("around the clock") == 2
    html = rina.get("/routing/queues/new/").content.decode()
    assert '<option value="False" selected>While it is open</option>' in html


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("skills", "two words", "This is not a skill"),
        ("skills", "loans:9", "This is not a skill"),
        ("offer_s", "1", "greater than or equal to 5"),
        ("overflow_to", "reports", "Say after how many seconds"),
        ("overflow_to", "nowhere", "Select a valid choice"),
    ],
)
def test_a_queue_that_cannot_be_is_refused_with_a_reason(
    rina: Client, field: str, value: str, said: str
) -> None:
    page = post(rina, "/routing/queues/general/", **{**QUEUE, field: value})
    assert said in page
    assert not AuditEntry.objects.filter(action="queue_changed").exists()


def test_closing_a_queue_and_opening_it_again_is_one_box(rina: Client) -> None:
    post(rina, "/routing/queues/general/", **QUEUE, closed="on")
    assert Queue.objects.get(key="general").closed_at is not None
    post(rina, "/routing/queues/general/", **QUEUE)
    assert Queue.objects.get(key="general").closed_at is None


def test_queues_are_shown_in_the_readers_language_and_saving_renames_none() -> None:
    budi = scenes.supervisor("Budi")
    budi.language = "id"
    budi.save()
    client = scenes.signed_in(budi)
    for path in ("/routing/", "/routing/queues/general/", f"/routing/agents/{budi.pk}/"):
        page = client.get(path).content.decode()
        assert "Laporan penawaran ilegal" in page, path
        assert "General questions" not in page, path
    post(client, "/routing/queues/general/", **{**QUEUE, "name": "Pertanyaan umum"})
    assert Queue.objects.get(key="general").name == "General questions"
    post(client, "/routing/queues/general/", **{**QUEUE, "name": "Loket satu"})
    assert Queue.objects.get(key="general").name == "Loket satu"


def test_a_queue_with_people_goes_only_when_another_takes_them(rina: Client) -> None:
    post(rina, "/routing/queues/new/", key="loans", **QUEUE)
    conversation = scenes.waiting()
    sari = scenes.agent(available=False)
    services.transfer_to_queue(actor=sari, conversation_id=conversation.pk, queue="loans")
    assert "say which queue takes them" in post(rina, "/routing/queues/loans/remove/")
    post(rina, "/routing/queues/loans/remove/", move_to="general")
    conversation.refresh_from_db()
    assert conversation.queue == "general"
    assert rina.get("/routing/queues/loans/").status_code == 404


def test_an_agent_is_set_whole_and_never_below_what_they_hold(rina: Client) -> None:
    sari = scenes.agent("Sari")
    address = f"/routing/agents/{sari.pk}/"
    fields = {"skills": "loans:3", "queues": "general", "day0": "08:00-12:00,13:00-16:00"}
    post(rina, address, capacity="50", **fields)
    now = routing.agent_settings(sari.pk)
    assert (now.skills, now.queues, now.capacity) == ({"loans": 3}, ("general",), 50)
    assert now.shifts == ((0, 480, 720), (0, 780, 960))
    told = AuditEntry.objects.get(action="agent_settings_changed", actor__isnull=False)
    assert told.before["capacity"] == 100
    Presence.objects.filter(agent=sari).update(load=50)
    assert "holds 50 units" in post(rina, address, capacity="25", **fields)
    assert "Write hours as" in post(rina, address, capacity="50", day3="8 to 12")


def test_a_rule_a_break_and_a_region_go_into_the_policy_and_out_again(rina: Client) -> None:
    assert "Nothing here yet" in rina.get("/routing/priorities/").content.decode()
    post(
        rina, "/routing/priorities/new/", name="Emergency", points="60",
        words_id="darurat, tolong", words_ko="긴급",
    )  # fmt: skip
    post(
        rina, "/routing/breaks/new/", most_min="45",
        name_en="Lunch", name_id="Istirahat siang", name_ko="점심",
    )  # fmt: skip
    post(
        rina, "/routing/regions/new/", name="Papua", time_zone="Asia/Jayapura",
        day0="08:00-16:00", holidays="08-17 Hari Kemerdekaan\n2026-03-19 Nyepi 08:00-10:00",
    )  # fmt: skip
    policy = routing.policy()
    assert policy.priorities[0].words == ("darurat", "tolong", "긴급")
    assert policy.breaks[0].most_s == 2700
    assert policy.regions[0].holidays[1].open == ("08:00-10:00",)
    post(rina, "/routing/queues/general/", **{**QUEUE, "region": "papua"})
    assert "These queues keep its hours" in post(rina, "/routing/regions/papua/remove/")
    post(rina, "/routing/breaks/lunch/remove/")
    assert routing.policy().breaks == ()
    assert AuditEntry.objects.filter(action="routing_policy_changed").count() == 4


def test_a_rule_without_evidence_and_two_of_one_name_are_refused(rina: Client) -> None:
    page = post(rina, "/routing/priorities/new/", name="Empty", points="5")
    assert "Say when the rule counts" in page
    for _ in range(2):
        page = post(rina, "/routing/priorities/new/", name="Twin", points="5", words_en="help")
    assert "Another entry has this name" in page
    assert RoutingPolicy.objects.count() == 1


def test_the_whole_is_changed_in_one_form(rina: Client) -> None:
    fields = {"continuity_h": "48", "away_after_missed": "3", "retell_s": "120"}
    costs = {"cost_whatsapp": "20", "cost_email": "10", "cost_call": "100"}
    post(rina, "/routing/whole/", **fields, **costs)
    assert routing.policy().cost_of("whatsapp") == 20
    assert routing.policy().continuity_s == 48 * 3600


def shown(answer: Any) -> dict[str, Any]:
    """What a browser would send back of a form as it is shown."""
    form = answer.context["form"]
    values = {name: form[name].value() for name in form.fields}
    sent = {
        name: value for name, value in values.items() if value is not None and value is not False
    }
    return {**sent, "seen": answer.context["seen"], "do": "save"}


@pytest.mark.parametrize(
    ("path", "field", "first", "second"),
    [
        ("/routing/queues/general/", "target_s", 77, 88),
        ("/routing/whole/", "away_after_missed", 3, 4),
        ("/routing/breaks/lunch/", "most_min", 30, 45),
        ("/routing/agents/{agent}/", "capacity", 75, 50),
    ],
)
def test_who_would_save_over_a_colleague_is_told_first(
    rina: Client, path: str, field: str, first: int, second: int
) -> None:
    lunch = {"name_en": "Lunch", "name_id": "Istirahat siang", "name_ko": "점심"}
    post(rina, "/routing/breaks/new/", most_min="20", **lunch)
    path = path.format(agent=scenes.agent("Sari").pk)
    opened = shown(rina.get(path))
    assert rina.post(path, {**opened, field: first}).status_code == 302

    told = rina.post(path, {**opened, field: second, "do": "preview"})
    if told.status_code == 200:  # where there is a preview, it shows what was opened
        told = rina.post(path, {**shown(told), field: second})
    assert "Somebody else changed this after you opened it" in told.content.decode()
    assert told.status_code == 422
    assert shown(rina.get(path))[field] == first
    assert rina.post(path, {**shown(told), field: second}).status_code == 302
    assert shown(rina.get(path))[field] == second


def test_a_preview_plays_the_last_day_and_saves_nothing(rina: Client) -> None:
    page = post(rina, "/routing/queues/general/", **{**QUEUE, "do": "preview"})
    assert "There is no day to compare with yet" in page
    sari = scenes.agent("Sari")
    conversation = scenes.waiting()
    router.run_pass()
    services.accept_offer(actor=sari, conversation_id=conversation.pk)
    reason = factories.pack().wrap_up[0].key
    services.close(actor=sari, conversation_id=conversation.pk, reason=reason)
    for address, fields in (
        ("/routing/queues/general/", {**QUEUE, "skills": "nobody-has-this"}),
        ("/routing/priorities/new/", {"name": "A", "points": "5", "words_en": "help"}),
    ):
        page = post(rina, address, **{**fields, "do": "preview"})
        assert "With this on" in page
    assert not AuditEntry.objects.filter(action__startswith="queue_").exists()
    assert not RoutingPolicy.objects.exists()


def test_lists_ask_the_database_the_same_however_long_they_are(rina: Client) -> None:
    counts = []
    for number in (2, 12):
        for n in range(number):
            scenes.agent(f"Agent{number}{n}")
            Queue.objects.create(key=f"q{number}-{n}", name=f"Q{n}")
        seen = []
        for path in ("/routing/", "/routing/agents/"):
            routing.forget()
            with CaptureQueriesContext(connection) as asked:
                assert rina.get(path).status_code == 200
            seen.append(len(asked))
        counts.append(seen)
    assert counts[0] == counts[1]
    assert max(counts[0]) <= 12


def test_skills_and_hours_read_back_what_they_wrote() -> None:
    assert written.skills(written.skills_text({"a": 1, "lang:id": 3})) == {"a": 1, "lang:id": 3}
    days = ["08:00-12:00, 13:00-16:00", *[""] * 6]
    assert written.shifts_texts(written.shifts(days)) == days
    text = "08-17 Hari Kemerdekaan\n12-24 Natal 08:00-12:00"
    assert written.holidays_text(written.holidays(text)) == text
    with pytest.raises(ValueError, match="09:00"):
        written.spans("08:00-12:00, 09:00-10:00")
