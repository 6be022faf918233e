from __future__ import annotations

import threading
import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.utils import translation
from django.utils.translation import gettext

from resmi.agency.models import User
from resmi.channels.models import Delivery
from resmi.conversations import queries
from resmi.conversations.models import Conversation, Draft
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


def form(**fields: Any) -> dict[str, Any]:
    return {"once": str(uuid.uuid4()), **fields}


def said_by_agents(conversation: Conversation) -> list[str]:
    lines = queries.thread(conversation.pk)
    return [line.payload.content.body for line in lines if line.kind == "agent"]  # type: ignore[union-attr]


def status(conversation: Conversation) -> str:
    conversation.refresh_from_db()
    return conversation.status


def test_a_reply_is_sent_and_shown(client: Client, sari: User) -> None:
    conversation = scenes.held(sari)
    answer = client.post(
        f"/desk/{conversation.pk}/write/", form(mode="reply", body="Selamat pagi"), headers=HTMX
    )
    assert answer.status_code == 200
    assert "Selamat pagi" in answer.content.decode()
    assert said_by_agents(conversation) == ["Selamat pagi"]
    assert Delivery.objects.filter(conversation=conversation.pk, author="agent").count() == 1


def test_the_same_form_twice_sends_once(client: Client, sari: User) -> None:
    conversation = scenes.held(sari)
    sent = form(mode="reply", body="Selamat pagi")
    for _ in range(2):
        answer = client.post(f"/desk/{conversation.pk}/write/", sent, headers=HTMX)
        assert answer.status_code == 200
        assert "Selamat pagi" in answer.content.decode()
    assert said_by_agents(conversation) == ["Selamat pagi"]


@pytest.mark.django_db(transaction=True)
def test_the_same_form_at_the_same_time_sends_once(sari: User) -> None:
    conversation = scenes.held(sari)
    sent = form(mode="reply", body="Selamat pagi")
    answers: list[int] = []

    def post() -> None:
        answer = scenes.signed_in(sari).post(f"/desk/{conversation.pk}/write/", sent, headers=HTMX)
        answers.append(answer.status_code)
        connection.close()

    threads = [threading.Thread(target=post) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert answers == [200] * 4
    assert said_by_agents(conversation) == ["Selamat pagi"]


def test_a_refused_form_can_be_sent_again(client: Client, sari: User) -> None:
    conversation = scenes.with_bot()
    sent = form(mode="reply", body="Selamat pagi")
    assert client.post(f"/desk/{conversation.pk}/write/", sent, headers=HTMX).status_code == 409
    client.post(f"/desk/{conversation.pk}/take-over/", form(), headers=HTMX)
    assert client.post(f"/desk/{conversation.pk}/write/", sent, headers=HTMX).status_code == 200
    assert said_by_agents(conversation) == ["Selamat pagi"]


def test_a_refusal_says_why_and_what_next(client: Client) -> None:
    conversation = scenes.with_bot()
    answer = client.post(
        f"/desk/{conversation.pk}/write/", form(mode="reply", body="Halo"), headers=HTMX
    )
    assert answer.status_code == 409
    assert "take it over first" in answer.content.decode()


def test_without_javascript_a_refusal_keeps_what_was_typed(client: Client) -> None:
    conversation = scenes.with_bot()
    answer = client.post(
        f"/desk/{conversation.pk}/write/", form(mode="reply", body="Teks yang panjang")
    )
    assert answer.status_code == 409
    page = answer.content.decode()
    assert "take it over first" in page
    assert "Teks yang panjang</textarea>" in page


def test_a_note_stays_inside(client: Client, sari: User) -> None:
    conversation = scenes.held(sari)
    before = Delivery.objects.count()
    answer = client.post(
        f"/desk/{conversation.pk}/write/", form(mode="note", body="Cek rekening"), headers=HTMX
    )
    assert "Cek rekening" in answer.content.decode()
    assert Delivery.objects.count() == before


@pytest.mark.parametrize("mode", ["", "shout"])
def test_an_unknown_mode_is_refused(client: Client, sari: User, mode: str) -> None:
    conversation = scenes.held(sari)
    answer = client.post(
        f"/desk/{conversation.pk}/write/", form(mode=mode, body="Halo"), headers=HTMX
    )
    assert answer.status_code == 409


def test_accepting_an_offer_opens_the_conversation(client: Client, sari: User) -> None:
    conversation = scenes.offered()
    answer = client.post(f"/desk/{conversation.pk}/accept/", form(), headers=HTMX)
    assert 'id="mode-reply"' in answer.content.decode()
    assert status(conversation) == "assigned"


def test_declining_an_offer_passes_it_on(client: Client) -> None:
    conversation = scenes.offered()
    client.post(f"/desk/{conversation.pk}/decline/", form(), headers=HTMX)
    assert status(conversation) == "waiting"


def test_an_offer_of_somebody_else_cannot_be_accepted(sari: User) -> None:
    conversation = scenes.offered()
    dewi = scenes.signed_in(scenes.agent("Dewi"))
    answer = dewi.post(f"/desk/{conversation.pk}/accept/", form(), headers=HTMX)
    assert answer.status_code == 409
    assert status(conversation) == "offered"


def test_taking_over_silences_the_bot(client: Client) -> None:
    conversation = scenes.with_bot()
    client.post(f"/desk/{conversation.pk}/take-over/", form(), headers=HTMX)
    assert status(conversation) == "assigned"
    assert not Delivery.objects.filter(
        conversation=conversation.pk, author="bot", status="queued"
    ).exists()


@pytest.mark.parametrize(
    ("to", "expected"), [("queue:reports", "waiting"), ("bot", "bot"), ("agent", "assigned")]
)
def test_a_conversation_can_be_passed_on(
    client: Client, sari: User, to: str, expected: str
) -> None:
    conversation = scenes.held(sari)
    dewi = scenes.agent("Dewi")
    target = f"agent:{dewi.pk}" if to == "agent" else to
    answer = client.post(
        f"/desk/{conversation.pk}/transfer/", form(to=target, note="Tolong dibantu"), headers=HTMX
    )
    assert answer.status_code == 200
    assert status(conversation) == expected
    assert conversation.agent_id == (dewi.pk if to == "agent" else None)


HUGE = f"agent:{'9' * 5_000}"


@pytest.mark.parametrize(
    "to", ["", "queue:", "queue:nowhere", "agent:x", "agent:999999", HUGE, "moon"]
)
def test_a_transfer_to_nowhere_is_refused(client: Client, sari: User, to: str) -> None:
    conversation = scenes.held(sari)
    answer = client.post(f"/desk/{conversation.pk}/transfer/", form(to=to), headers=HTMX)
    assert answer.status_code == 409
    assert status(conversation) == "assigned"


def test_an_agent_cannot_move_a_colleagues_conversation(client: Client) -> None:
    conversation = scenes.held(scenes.agent("Dewi"))
    for path, fields in (
        ("transfer", {"to": "queue:reports"}),
        ("close", {"reason": "advice_given"}),
    ):
        answer = client.post(f"/desk/{conversation.pk}/{path}/", form(**fields), headers=HTMX)
        assert answer.status_code == 409
    assert status(conversation) == "assigned"


def test_a_supervisor_can_move_anybodys_conversation(sari: User) -> None:
    conversation = scenes.held(sari)
    rina = scenes.signed_in(scenes.supervisor())
    rina.post(f"/desk/{conversation.pk}/transfer/", form(to="queue:reports"), headers=HTMX)
    assert status(conversation) == "waiting"


def test_the_transfer_dialog_names_queues_and_colleagues_but_not_oneself(
    client: Client, sari: User
) -> None:
    scenes.agent("Dewi")
    conversation = scenes.held(sari)
    dialog = client.get(f"/desk/{conversation.pk}/transfer/", headers=HTMX).content.decode()
    assert "Illegal offer reports" in dialog
    assert "Dewi" in dialog
    assert f"agent:{sari.pk}" not in dialog


def test_closing_needs_a_wrap_up_reason(client: Client, sari: User) -> None:
    conversation = scenes.held(sari)
    address = f"/desk/{conversation.pk}/close/"
    refused = client.post(address, form(comment="x"), headers=HTMX)
    assert refused.status_code == 409
    assert "wrap-up reason" in refused.content.decode()
    done = client.post(address, form(reason="advice_given", comment="Sudah jelas"), headers=HTMX)
    assert done.status_code == 200
    assert status(conversation) == "closed"
    assert "Advice given" in done.content.decode()


def test_a_draft_is_kept_for_the_next_visit(client: Client, sari: User) -> None:
    conversation = scenes.held(sari)
    saved = client.post(
        f"/desk/{conversation.pk}/draft/", {"body": "Belum selesai", "mode": "note"}
    )
    assert saved.status_code == 204
    page = client.get(f"/desk/{conversation.pk}/").content.decode()
    assert "Belum selesai</textarea>" in page
    assert 'value="note" id="mode-note" checked' in page


def test_a_draft_that_arrives_after_a_newer_one_of_its_page_is_not_kept(
    client: Client, sari: User
) -> None:
    conversation = scenes.held(sari)

    def kept_after(body: str, page: str, nth: int) -> str:
        sent = {"body": body, "mode": "note", "page": page, "nth": nth}
        assert client.post(f"/desk/{conversation.pk}/draft/", sent).status_code == 204
        return Draft.objects.get().body

    assert kept_after("Selamat pagi", "a", 2) == "Selamat pagi"
    assert kept_after("Selamat", "a", 1) == "Selamat pagi"
    assert kept_after("Selamat pagi", "a", 2) == "Selamat pagi"
    assert kept_after("", "a", 3) == ""
    assert kept_after("Selamat pagi", "a", 2) == ""
    assert kept_after("Dari ponsel", "b", 1) == "Dari ponsel"
    assert kept_after("Selamat lagi", "a", 4) == "Selamat lagi"


def test_a_draft_belongs_to_one_agent(client: Client, sari: User) -> None:
    conversation = scenes.held(sari)
    client.post(f"/desk/{conversation.pk}/draft/", {"body": "Rahasia", "mode": "reply"})
    other = scenes.signed_in(scenes.agent("Dewi"))
    assert "Rahasia" not in other.get(f"/desk/{conversation.pk}/").content.decode()


def test_sending_forgets_the_draft(client: Client, sari: User) -> None:
    conversation = scenes.held(sari)
    client.post(f"/desk/{conversation.pk}/draft/", {"body": "Halo", "mode": "reply"})
    client.post(f"/desk/{conversation.pk}/write/", form(mode="reply", body="Halo"), headers=HTMX)
    assert not Draft.objects.exists()


def test_a_draft_that_arrives_after_its_message_is_not_kept(client: Client, sari: User) -> None:
    conversation = scenes.held(sari)
    sent = form(mode="reply", body="Halo")
    client.post(f"/desk/{conversation.pk}/write/", sent, headers=HTMX)
    client.post(f"/desk/{conversation.pk}/draft/", sent)
    assert not Draft.objects.exists()


def test_a_failed_message_shows_its_reason_and_can_be_retried(client: Client, sari: User) -> None:
    conversation = scenes.held(sari)
    client.post(f"/desk/{conversation.pk}/write/", form(mode="reply", body="Halo"), headers=HTMX)
    failed = Delivery.objects.get(author="agent")
    Delivery.objects.filter(pk=failed.pk).update(
        status="failed", rank=99, error="The phone is switched off."
    )
    page = client.get(f"/desk/{conversation.pk}/").content.decode()
    assert "The phone is switched off." in page
    assert 'data-edit="Halo"' in page
    client.post(f"/desk/{conversation.pk}/retry/", form(ref=failed.ref), headers=HTMX)
    failed.refresh_from_db()
    assert failed.status == "queued"


def test_a_message_sent_again_goes_by_when_the_citizen_wrote_last(
    client: Client, sari: User
) -> None:
    conversation = scenes.held(sari)
    client.post(f"/desk/{conversation.pk}/write/", form(mode="reply", body="Halo"), headers=HTMX)
    failed = Delivery.objects.get(author="agent")
    over = datetime.now(UTC) - timedelta(days=3)
    Delivery.objects.filter(pk=failed.pk).update(status="failed", rank=99, window_closes_at=over)
    conversation.refresh_from_db()
    assert conversation.window_closes_at is not None
    client.post(f"/desk/{conversation.pk}/retry/", form(ref=failed.ref), headers=HTMX)
    failed.refresh_from_db()
    assert failed.window_closes_at == conversation.window_closes_at


def test_a_message_that_did_not_fail_is_not_sent_again(client: Client, sari: User) -> None:
    conversation = scenes.held(sari)
    client.post(f"/desk/{conversation.pk}/write/", form(mode="reply", body="Halo"), headers=HTMX)
    ref = Delivery.objects.get(author="agent").ref
    Delivery.objects.filter(ref=ref).update(status="delivered", rank=30)
    answer = client.post(f"/desk/{conversation.pk}/retry/", form(ref=ref), headers=HTMX)
    assert answer.status_code == 409


@pytest.mark.parametrize("status", ["available", "away", "offline"])
def test_presence_is_chosen_at_the_top(client: Client, sari: User, status: str) -> None:
    client.post("/desk/presence/", form(status=status), headers=HTMX)
    sari.presence.refresh_from_db()
    assert sari.presence.status == status


def test_an_unknown_presence_is_refused(client: Client) -> None:
    assert client.post("/desk/presence/", form(status="asleep"), headers=HTMX).status_code == 400


def test_a_conversation_that_does_not_exist_is_not_found(client: Client) -> None:
    assert client.get("/desk/999999/").status_code == 404
    assert client.post("/desk/999999/draft/", {"body": "x"}).status_code == 404


def test_of_two_who_take_over_at_once_the_second_is_told(client: Client, sari: User) -> None:
    conversation = scenes.with_bot()
    dewi = scenes.signed_in(scenes.agent("Dewi"))
    address = f"/desk/{conversation.pk}/take-over/"
    assert dewi.post(address, form(holder=""), headers=HTMX).status_code == 200
    answer = client.post(address, form(holder=""), headers=HTMX)
    assert answer.status_code == 409
    assert "Dewi took this conversation a moment ago" in answer.content.decode()
    conversation.refresh_from_db()
    assert client.post(address, form(holder=conversation.agent_id), headers=HTMX).status_code == 200


def test_what_the_core_refuses_is_said_in_the_agents_language() -> None:
    scenes.office()
    sari, dewi = scenes.agent("Sari"), scenes.agent("Dewi")
    conversation = scenes.held(dewi)
    sari.language = "ko"
    sari.save()
    answer = scenes.signed_in(sari).post(
        f"/desk/{conversation.pk}/write/",
        {"body": "halo", "mode": "reply"},
        headers={"HX-Request": "true"},
    )
    said = "You do not hold this conversation: take it over first."
    with translation.override("ko"):
        assert f"<p>{gettext(said)}</p>" in answer.content.decode()
        assert gettext(said) != said
