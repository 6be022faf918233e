"""The ledger notices each way in which books can be wrong. What it can't see is not proved."""

from __future__ import annotations

import pytest
from django.db import connection

from resmi.channels.models import Delivery, Inbound
from tests.conversations import factories
from tests.conversations.factories import citizen_says, work
from tests.survival import ledger

pytestmark = pytest.mark.django_db(transaction=True)

ONE = "ada apa"


@pytest.fixture
def name(database_url: str) -> str:
    """A message stored, answered, and its answer accepted; its id."""
    factories.channel()
    factories.queues()
    citizen_says(ONE)
    work()
    key = str(Inbound.objects.filter(kind="message").latest("id").key)
    Delivery.objects.update(status="accepted")
    with connection.cursor() as cursor:  # the factories' keys are not WhatsApp's
        cursor.execute("SELECT data->>'provider_id' FROM conversations_event LIMIT 1")
    Inbound.objects.filter(key=key).update(key=f"wa:1:m:{provider_id()}")
    return provider_id()


def provider_id() -> str:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT data->>'provider_id' FROM conversations_event WHERE type = 'message_received'"
        )
        return str(cursor.fetchone()[0])


def books(url: str, *acknowledged: str) -> ledger.Ledger:
    refs = dict.fromkeys(Delivery.objects.values_list("ref", flat=True), 1)
    return ledger.draw_up(url, acknowledged=acknowledged, arrivals=refs)


def test_books_that_agree_are_right(database_url: str, name: str) -> None:
    found = books(database_url, name)
    assert found.wrong == ()
    assert (found.stored, found.answered, found.open) == (1, 1, 0)


def test_an_acknowledged_message_that_is_not_stored_is_wrong(database_url: str, name: str) -> None:
    assert books(database_url, name, "wamid.gone").wrong == (
        "wamid.gone was acknowledged and is not stored",
    )


@pytest.mark.parametrize("status", ["new", "parked", "unparsed"])
def test_an_item_that_waits_unseen_or_unexplained_is_wrong(
    database_url: str, name: str, status: str
) -> None:
    Inbound.objects.update(status=status)
    assert books(database_url, name).lost == 1


@pytest.mark.parametrize("status", ["queued", "sending", "unknown", "failed"])
def test_a_delivery_without_an_explained_end_is_wrong(
    database_url: str, name: str, status: str
) -> None:
    Delivery.objects.update(status=status, error="", error_code="")
    assert books(database_url, name).lost > 0


def test_what_arrives_twice_or_never_or_unasked_is_wrong(database_url: str, name: str) -> None:
    ref = Delivery.objects.values_list("ref", flat=True)[0]

    def wrong(arrivals: dict[str, int]) -> str:
        found = ledger.draw_up(database_url, acknowledged=[name], arrivals=arrivals)
        return " ".join(one for one in found.wrong if ref in one or "nobody" in one)

    assert "2 times" in wrong({ref: 2})
    assert "never arrived" in wrong({})
    assert "no delivery" in wrong({ref: 1, "nobody.asked": 1})


def test_a_log_that_was_changed_is_wrong(database_url: str, name: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE conversations_event DISABLE TRIGGER USER")
        cursor.execute("UPDATE conversations_event SET at = at + interval '1 s' WHERE seq = 1")
        cursor.execute("ALTER TABLE conversations_event ENABLE TRIGGER USER")
    assert "does not prove itself" in books(database_url, name).wrong[0]
