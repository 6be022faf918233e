"""What citizens hear staff called."""

from __future__ import annotations

import pytest

from resmi.agency import naming
from resmi.agency import services as agency
from resmi.agency.policy import Names, Policy
from resmi.channels.models import Delivery
from resmi.conversations.models import Event
from tests.desk import scenes


def _shown(names: Names, conversation: int = 1, language: str = "id") -> str:
    return naming.shown(
        names,
        account="7",
        conversation=conversation,
        chosen="Sari",
        real="Sari Wulandari",
        language=language,
        key="k",
    )


def test_each_policy_gives_its_name() -> None:
    assert [_shown(n) for n in ("chosen", "real", "fixed")] == ["Sari", "Sari Wulandari", "Agen 7"]
    assert (_shown("fixed", language="ko"), _shown("fixed", language="")) == ("상담사 7", "Agent 7")


def test_a_rotating_name_stays_in_a_conversation_and_changes_between_them() -> None:
    assert _shown("rotating") == _shown("rotating")
    assert len({_shown("rotating", n) for n in range(50)}) > 30


@pytest.mark.django_db
@pytest.mark.parametrize("names", ["fixed", "rotating"])
def test_the_citizen_never_hears_the_name_and_the_log_keeps_it(names: Names) -> None:
    scenes.office()
    agency.put_policy(actor=None, data=Policy(names=names))
    sari = scenes.agent("Sari")
    conversation = scenes.held(sari)
    sent = b" ".join(
        bytes(d.content) for d in Delivery.objects.filter(conversation=conversation.pk)
    )
    assert b"Sari" not in sent
    assert any(word in sent for word in (b"Agen", b"Agent"))
    assigned = Event.objects.get(conversation=conversation, type="conversation_assigned")
    assert (assigned.actor["id"], assigned.actor["name"]) == (str(sari.pk), "Sari")
