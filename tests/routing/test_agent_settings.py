"""What is set for an agent is written down, whoever sets it."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from resmi.agency.models import AuditEntry, User
from resmi.routing import services
from resmi.routing.models import Queue

pytestmark = pytest.mark.django_db

Set = Callable[[User], None]


def _skills(sari: User) -> None:
    services.set_skills(actor=sari, agent_id=sari.pk, skills={"loans": 2})


def _queues(sari: User) -> None:
    services.set_queues(actor=sari, agent_id=sari.pk, queues=["consumer"])


def _shifts(sari: User) -> None:
    services.set_shifts(actor=sari, agent_id=sari.pk, shifts=[(0, 480, 960)])


@pytest.mark.parametrize(
    ("put", "name", "empty", "filled"),
    [
        (_skills, "skills", {}, {"loans": 2}),
        (_queues, "queues", [], ["consumer"]),
        (_shifts, "shifts", [], [[0, 480, 960]]),
    ],
)
def test_a_change_is_written_down_with_before_and_after(
    put: Set, name: str, empty: object, filled: object
) -> None:
    Queue.objects.create(key="consumer", name="Consumer")
    sari = User.objects.create_user(email="sari@example.org", name="Sari")
    put(sari)
    put(sari)  # the same again is no change
    entry = AuditEntry.objects.get(action="agent_settings_changed")
    assert (entry.actor, entry.target) == (sari, f"user:{sari.pk}")
    assert (entry.before, entry.after) == ({name: empty}, {name: filled})
