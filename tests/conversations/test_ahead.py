from __future__ import annotations

import pytest

from resmi.agency.models import AuditEntry
from resmi.conversations import ahead, queries, services
from resmi.engine.lifecycle import Refused
from tests.desk import scenes

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _office() -> None:
    scenes.office()


def test_who_is_moved_ahead_is_served_first_until_it_is_taken_back() -> None:
    rina = scenes.supervisor("Rina")
    first, second = scenes.waiting("Budi"), scenes.waiting("Ayu")
    ahead.move(actor=rina, conversation_id=second.pk, points=15, reason="Pembayaran malam ini")
    assert [row.id for row in queries.waiting()] == [second.pk, first.pk]
    assert ahead.of([first.pk, second.pk]) == {
        second.pk: ahead.Ahead(15, "Rina", "Pembayaran malam ini")
    }
    ahead.take_back(actor=rina, conversation_id=second.pk)
    assert [row.id for row in queries.waiting()] == [first.pk, second.pk]
    assert ahead.of([second.pk]) == {}
    entries = AuditEntry.objects.filter(target=f"conversation:{second.pk}").order_by("pk")
    assert [entry.action for entry in entries] == [
        "conversation_moved_ahead",
        "conversation_moved_back",
    ]
    assert entries[0].after == {"points": 15, "reason": "Pembayaran malam ini"}


def test_moving_twice_adds_up_to_the_most_there_is_and_is_taken_back_at_once() -> None:
    rina, conversation = scenes.supervisor("Rina"), scenes.waiting()
    for _ in range(2):
        ahead.move(actor=rina, conversation_id=conversation.pk, points=60, reason="Darurat")
    assert ahead.of([conversation.pk])[conversation.pk].points == 100
    ahead.take_back(actor=rina, conversation_id=conversation.pk)
    conversation.refresh_from_db()
    assert conversation.priority == 0


def test_it_needs_a_reason_points_and_somebody_who_waits() -> None:
    sari, rina = scenes.agent("Sari"), scenes.supervisor("Rina")
    conversation = scenes.waiting()

    def refused(points: int = 15, reason: str = "Darurat") -> str:
        with pytest.raises(Refused) as caught:
            ahead.move(actor=rina, conversation_id=conversation.pk, points=points, reason=reason)
        return caught.value.code

    assert refused(reason="  ") == "no_reason"
    assert refused(points=0) == refused(points=101) == "no_points"
    with pytest.raises(Refused):
        ahead.take_back(actor=rina, conversation_id=conversation.pk)
    services.take_over(actor=sari, conversation_id=conversation.pk)
    assert refused() == "not_waiting"
