from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from resmi.conversations import past_day, router, services
from resmi.routing import queries as routing_queries
from resmi.routing.models import Handled, PresenceSpan
from tests.conversations import factories
from tests.conversations.factories import citizen_says

pytestmark = pytest.mark.django_db
JAKARTA = ZoneInfo("Asia/Jakarta")


@pytest.fixture(autouse=True)
def _staffed() -> None:
    factories.channel()
    factories.queues()
    routing_queries.forget()


def test_without_a_finished_conversation_there_is_no_day() -> None:
    assert past_day.load(JAKARTA, datetime.now(UTC)) is None


def test_the_last_day_comes_back_as_it_was() -> None:
    sari = factories.agent("Sari")
    conversation = citizen_says("agent")
    router.run_pass()
    services.accept_offer(actor=sari, conversation_id=conversation.pk)
    services.close(
        actor=sari, conversation_id=conversation.pk, reason=factories.pack().wrap_up[0].key
    )
    noon = datetime(2026, 1, 5, 5, tzinfo=UTC)
    Handled.objects.update(at=noon, wait_s=60, handle_s=240)
    PresenceSpan.objects.update(since=noon - timedelta(hours=3), until=noon + timedelta(days=3))
    day = past_day.load(JAKARTA, datetime.now(UTC))
    assert day is not None
    (came,) = day.arrivals
    assert (came.at, came.queue, came.kind) == (noon - timedelta(minutes=5), "general", "whatsapp")
    assert "agent" in came.evidence.texts
    (there,) = day.staff
    assert there.agent.id == str(sari.pk)
    assert there.spans[0][1] == datetime(2026, 1, 6, 0, tzinfo=JAKARTA)
