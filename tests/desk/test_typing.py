"""The citizen sees that an agent writes."""

from __future__ import annotations

import pytest
from django.core.cache import caches

from resmi.agency.models import User
from resmi.channels.models import Delivery
from resmi.conversations.models import Conversation
from tests.desk import scenes

pytestmark = pytest.mark.django_db


@pytest.fixture
def sari() -> User:
    scenes.office()
    return scenes.agent("Sari")


def types(user: User, conversation: Conversation, writing: str = "1") -> None:
    fields = {"conversation": conversation.pk, "writing": writing}
    assert scenes.signed_in(user).post("/desk/here/", fields).status_code == 204


def signs() -> int:
    return Delivery.objects.filter(purpose="typing").count()


def test_the_citizen_sees_that_the_holder_writes_but_is_not_told_with_every_key(
    sari: User,
) -> None:
    conversation = scenes.held(sari)
    types(sari, conversation, writing="")
    assert signs() == 0
    types(sari, conversation)
    assert signs() == 1
    Delivery.objects.filter(purpose="typing").delete()  # it has left
    types(sari, conversation)
    assert signs() == 0
    caches["default"].clear()  # its time is over
    types(sari, conversation)
    assert signs() == 1


def test_a_colleague_who_only_reads_shows_the_citizen_nothing(sari: User) -> None:
    conversation = scenes.held(sari)
    types(scenes.agent("Dewi"), conversation)
    types(scenes.supervisor("Rina"), scenes.waiting("Ayu"))
    assert signs() == 0


def test_after_the_window_no_answer_can_follow_and_none_is_announced(sari: User) -> None:
    conversation = scenes.held(sari)
    scenes.close_window(conversation)
    types(sari, conversation)
    assert signs() == 0
