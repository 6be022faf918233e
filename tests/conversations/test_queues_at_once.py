from __future__ import annotations

import pytest

from resmi.conversations import queues
from resmi.engine.lifecycle import Refused
from resmi.routing import services as routing
from resmi.routing.models import Queue
from tests.conversations import factories, together

ROUNDS = 60


@pytest.mark.django_db(transaction=True)
def test_a_queue_may_be_made_twice_and_deleted_in_the_same_instant() -> None:
    factories.channel()
    factories.queues()
    admin = factories.agent("Sari")

    def make() -> None:
        for number in range(ROUNDS):
            routing.put_queue(actor=admin, key="side", settings={"name": f"Side {number}"})

    def delete() -> None:
        for _ in range(ROUNDS):
            try:
                queues.remove(actor=admin, key="side")
            except Refused as refused:
                if refused.code != "no_queue":
                    raise

    together.at_once(make, make, delete)
    routing.put_queue(actor=admin, key="side", settings={"name": "Last"})
    assert Queue.objects.get(key="side").name == "Last"
