"""Moving who waits ahead in the list of the desk."""

from __future__ import annotations

import uuid
from typing import Any

import pytest
from django.test import Client

from resmi.agency.models import AuditEntry, User
from resmi.conversations import ahead, queries, services
from resmi.desk.board import Board
from tests.desk import scenes
from tests.desk.test_floor import text

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}


@pytest.fixture(autouse=True)
def _office() -> None:
    scenes.office()


@pytest.fixture
def rina() -> User:
    return scenes.supervisor()


def post(client: Client, conversation_id: int, **fields: Any) -> Any:
    sent = {"once": str(uuid.uuid4()), **fields}
    return client.post(f"/desk/{conversation_id}/ahead/", sent, headers=HTMX)


def test_the_desk_moves_ahead_says_who_and_why_and_takes_it_back(rina: User) -> None:
    first, second = scenes.waiting("Budi"), scenes.waiting("Ayu")
    client = scenes.signed_in(rina)
    assert f'id="ahead-{second.pk}"' in text(client, "/desk/lists/")
    page = post(client, second.pk, points="15", reason="Pembayaran malam ini").content.decode()
    assert page.index(f'id="row-{second.pk}"') < page.index(f'id="row-{first.pk}"')
    assert "15 points ahead" in page
    assert "Rina: Pembayaran malam ini" in page
    assert "Rina: Pembayaran malam ini" in text(client, f"/desk/{second.pk}/ahead/")
    page = post(client, second.pk, back="1").content.decode()
    assert page.index(f'id="row-{first.pk}"') < page.index(f'id="row-{second.pk}"')
    assert list(
        AuditEntry.objects.filter(target=f"conversation:{second.pk}", actor=rina)
        .filter(action__startswith="conversation_moved")
        .order_by("pk")
        .values_list("action", flat=True)
    ) == ["conversation_moved_ahead", "conversation_moved_back"]


def test_without_a_reason_or_for_nobody_who_waits_nothing_moves(rina: User) -> None:
    waits = scenes.waiting("Budi")
    client = scenes.signed_in(rina)
    assert post(client, waits.pk, points="15", reason=" ").status_code == 409
    assert post(client, waits.pk, points="900", reason="x").status_code == 409
    assert post(client, waits.pk, back="1").status_code == 409
    services.take_over(actor=rina, conversation_id=waits.pk)
    assert post(client, waits.pk, points="15", reason="x").status_code == 409
    assert ahead.of([waits.pk]) == {}


def test_a_double_click_moves_once(rina: User) -> None:
    waits, token = scenes.waiting("Budi"), str(uuid.uuid4())
    client = scenes.signed_in(rina)
    for _ in range(2):
        post(client, waits.pk, once=token, points="15", reason="x")
    assert ahead.of([waits.pk])[waits.pk].points == 15


def test_who_may_not_move_conversations_has_no_flag_and_no_way() -> None:
    waits = scenes.waiting("Budi")
    client = scenes.signed_in(scenes.agent("Sari"))
    assert "ahead-" not in text(client, "/desk/lists/")
    assert client.get(f"/desk/{waits.pk}/ahead/").status_code == 403
    assert post(client, waits.pk, points="15", reason="x").status_code == 403


def test_who_moved_them_costs_one_query_for_the_whole_list_and_none_when_nobody_was(
    rina: User, django_assert_num_queries: Any
) -> None:
    board = Board(rina)
    conversations = [scenes.waiting(f"C{number}") for number in range(4)]
    assert board.names is not None
    with django_assert_num_queries(0):
        board.in_line([])
    rows = queries.waiting()
    with django_assert_num_queries(0):
        board.in_line(rows)
    for one in conversations:
        ahead.move(actor=rina, conversation_id=one.pk, points=15, reason="x")
    rows = queries.waiting()
    with django_assert_num_queries(1):
        assert all(row.ahead for row in board.in_line(rows))
