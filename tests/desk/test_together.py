from __future__ import annotations

import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import given
from hypothesis import strategies as st

from resmi.agency.models import User
from resmi.conversations import companions, queries, services, team
from resmi.conversations.models import Conversation, Mention
from resmi.desk import mentioning, shown
from resmi.desk.mentioning import Piece
from resmi.engine.content import Text
from resmi.routing import queries as routing
from resmi.routing.models import Queue
from tests.desk import scenes

HTMX = {"HX-Request": "true"}


def form(**fields: Any) -> dict[str, Any]:
    return {"once": str(uuid.uuid4()), **fields}


@pytest.fixture
def sari(db: None) -> User:
    scenes.office()
    return scenes.agent("Sari")


@pytest.fixture
def dewi(sari: User) -> User:
    return scenes.agent("Dewi Lestari")


def test_a_colleague_brought_in_writes_beside_the_holder(sari: User, dewi: User) -> None:
    conversation = scenes.held(sari)
    mine, theirs = scenes.signed_in(sari), scenes.signed_in(dewi)
    at = f"/desk/{conversation.pk}"
    assert "Dewi Lestari" in mine.get(f"{at}/invite/", headers=HTMX).content.decode()
    assert theirs.post(f"{at}/invite/", form(agent=dewi.pk + 999), headers=HTMX).status_code == 409
    answer = mine.post(f"{at}/invite/", form(agent=dewi.pk), headers=HTMX)
    assert "Let Dewi Lestari go again" in answer.content.decode()
    assert [row.id for row in queries.around(dewi.pk).mine] == [conversation.pk]
    page = theirs.get(f"{at}/").content.decode()
    assert 'id="mode-reply"' in page
    assert 'id="leave-here"' in page
    sent = theirs.post(f"{at}/write/", form(mode="reply", body="Saya bantu"), headers=HTMX)
    assert sent.status_code == 200
    assert "Dewi Lestari" in mine.get(f"{at}/").content.decode()


def test_who_left_writes_no_more(sari: User, dewi: User) -> None:
    conversation = scenes.held(sari)
    team.join(actor=sari, conversation_id=conversation.pk, agent_id=dewi.pk)
    theirs, at = scenes.signed_in(dewi), f"/desk/{conversation.pk}"
    assert theirs.post(f"{at}/leave/", form(), headers=HTMX).status_code == 200
    sent = theirs.post(f"{at}/write/", form(mode="reply", body="Halo"), headers=HTMX)
    assert sent.status_code == 409
    assert queries.around(dewi.pk).mine == []


def test_only_the_holder_lets_others_go(sari: User, dewi: User) -> None:
    conversation = scenes.held(sari)
    team.join(actor=sari, conversation_id=conversation.pk, agent_id=dewi.pk)
    at = f"/desk/{conversation.pk}/leave/"
    stranger = scenes.signed_in(scenes.agent("Tono"))
    assert stranger.post(at, form(agent=dewi.pk), headers=HTMX).status_code == 409
    assert scenes.signed_in(sari).post(at, form(agent=dewi.pk), headers=HTMX).status_code == 200


def test_a_hand_goes_up_with_a_note_and_down_again(sari: User, dewi: User) -> None:
    conversation = scenes.held(sari)
    client, at = scenes.signed_in(sari), f"/desk/{conversation.pk}"
    page = client.post(f"{at}/hand/", form(note="ada ancaman"), headers=HTMX).content.decode()
    assert "Hand is up" in page
    assert "ada ancaman" in page
    assert "Hand is up" in client.get("/desk/lists/", headers=HTMX).content.decode()
    other = scenes.signed_in(dewi)
    assert other.post(f"{at}/hand/lower/", form(), headers=HTMX).status_code == 409
    boss = scenes.signed_in(scenes.supervisor("Rina"))
    assert boss.post(f"{at}/hand/lower/", form(), headers=HTMX).status_code == 200
    assert "Hand is up" not in client.get(f"{at}/").content.decode()


PEOPLE = {1: "Ani", 2: "Ani Putri", 3: "김민지", 4: "Budi"}


@pytest.mark.parametrize(
    ("body", "accounts"),
    [
        ("tolong @Ani Putri lihat", [2]),
        ("tolong @Ani, dan @budi", [1, 4]),
        ("@김민지 확인", [3]),
        ("surel ani@Ani.id tidak", []),
        ("@Anita bukan", []),
        ("@Ani @Ani", [1]),
    ],
)
def test_a_note_calls_whose_whole_name_follows_the_at(body: str, accounts: list[int]) -> None:
    assert mentioning.called(body, PEOPLE) == accounts


@given(st.text(max_size=60), st.sampled_from(["", "Ani", "김민지"]))
def test_pieces_put_together_are_the_note(body: str, me: str) -> None:
    parts = mentioning.pieces(f"{body} @Ani", PEOPLE.values(), me)
    assert "".join(piece.text for piece in parts) == f"{body} @Ani"


def test_ones_own_name_is_marked() -> None:
    assert mentioning.pieces("hai @ani!", ["Ani"], "Ani") == [
        Piece("hai "),
        Piece("@ani", True, True),
        Piece("!"),
    ]


def test_a_mention_waits_in_the_list_until_the_conversation_is_opened(
    sari: User, dewi: User
) -> None:
    conversation = scenes.held(sari)
    mine, theirs = scenes.signed_in(sari), scenes.signed_in(dewi)
    sent = form(mode="note", body="@Dewi Lestari pernah lihat ini?")
    page = mine.post(f"/desk/{conversation.pk}/write/", sent, headers=HTMX).content.decode()
    assert '<mark class="mention">@Dewi Lestari</mark>' in page
    assert companions.unread_mentions(dewi.pk) == 1
    assert Mention.objects.get().by == sari
    assert "mentions__item--unread" in theirs.get("/desk/mentions/").content.decode()
    page = theirs.get(f"/desk/{conversation.pk}/").content.decode()
    assert "mention--me" in page
    assert companions.unread_mentions(dewi.pk) == 0
    assert "mentions__item--unread" not in theirs.get("/desk/mentions/").content.decode()
    assert "Sari" in theirs.get("/desk/mentions/", headers=HTMX).content.decode()


def test_a_withdrawn_account_is_not_offered(sari: User, dewi: User) -> None:
    dewi.is_active = False
    dewi.save()
    assert "Dewi" not in scenes.signed_in(sari).get("/desk/colleagues/").content.decode()


def test_promises_show_in_words_and_sort_the_list(sari: User) -> None:
    first = scenes.waiting("Budi")
    services.take_over(actor=sari, conversation_id=first.pk)
    second = scenes.waiting("Ayu")
    services.take_over(actor=sari, conversation_id=second.pk)
    Queue.objects.filter(key=second.queue).update(target_s=3600, next_target_s=600)
    routing.forget()
    services.reply(actor=sari, conversation_id=first.pk, content=Text("Halo"))
    client = scenes.signed_in(sari)
    page = client.get("/desk/lists/", headers=HTMX).content.decode()
    mine = page[page.index("rows-mine") :]
    assert mine.count("first answer") == 2  # Ayu's, as a title and as a word
    page = client.post("/desk/sort/", form(sort="promise"), headers=HTMX).content.decode()
    assert page.index("Ayu") < page.index("Budi")
    assert client.post("/desk/sort/", form(sort="name"), headers=HTMX).status_code == 400


@pytest.mark.parametrize(("left_s", "standing"), [(100, "running"), (10, "soon"), (-1, "late")])
def test_a_promise_says_how_it_stands(left_s: int, standing: str) -> None:
    due_at = datetime.now(UTC) + timedelta(seconds=left_s)
    assert shown.Promise(word="", due_at=due_at, warn_s=20).standing == standing


def test_the_lists_cost_the_same_however_long(sari: User, dewi: User) -> None:
    client = scenes.signed_in(sari)

    def cost() -> int:
        routing.forget()
        with CaptureQueriesContext(
            connection,
        ) as found:
            assert client.get("/desk/lists/", headers=HTMX).status_code == 200
        return len(found)

    scenes.held(sari, "Budi")
    before = cost()
    for name in ("Ayu", "Joko"):
        other = scenes.held(sari, name)
        team.join(actor=sari, conversation_id=other.pk, agent_id=dewi.pk)
    aside = scenes.held(sari, "Tono")
    team.snooze(actor=sari, conversation_id=aside.pk)
    scenes.waiting("Rina")
    scenes.with_bot("Wati")
    assert cost() == before <= 16


def test_a_call_back_is_marked_and_its_loop_closed(sari: User) -> None:
    conversation = scenes.held(sari)
    state = msgspec.json.decode(bytes(conversation.state))
    Conversation.objects.filter(pk=conversation.pk).update(
        state=msgspec.json.encode({**state, "callback": "call"})
    )
    client, at = scenes.signed_in(sari), f"/desk/{conversation.pk}"
    assert "Wants a call" in client.get(f"{at}/").content.decode()
    answer = client.post(f"{at}/called/", form(reached="yes"), headers=HTMX)
    assert answer.status_code == 200
    assert "Wants a call" not in answer.content.decode()
    again = client.post(f"{at}/called/", form(reached="no"), headers=HTMX)
    assert again.status_code == 409
