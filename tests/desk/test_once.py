from __future__ import annotations

import uuid
from datetime import timedelta

import pytest
from django.utils import timezone

from resmi.agency.models import SubmittedForm, User
from resmi.conversations import queries
from resmi.desk import once
from tests.desk import scenes

pytestmark = pytest.mark.django_db


@pytest.fixture
def sari() -> User:
    return scenes.agent("Sari")


def test_a_token_works_once(sari: User) -> None:
    token = once.new_token()
    assert not once.is_used(token)
    assert once.claim(actor=sari, token=token)
    assert once.is_used(token)
    assert not once.claim(actor=sari, token=token)


def test_a_note_changed_after_a_lost_answer_is_refused_and_not_taken_for_the_first(
    sari: User,
) -> None:
    scenes.office()
    talk, client = scenes.held(sari), scenes.signed_in(sari)
    token = once.new_token()

    def note(body: str, token: str) -> int:
        said = {"mode": "note", "body": body, "once": token}
        path = f"/desk/{talk.pk}/write/"
        return client.post(path, said, headers={"HX-Request": "true"}).status_code

    assert [note("Ada bukti", token) for _arrival in range(2)] == [200, 200]
    assert note("Ada dua bukti", token) == 409
    assert note("Ada dua bukti", once.new_token()) == 200
    notes = [line for line in queries.thread(talk.pk) if line.type == "note_added"]
    assert len(notes) == 2


@pytest.mark.parametrize("token", ["", "x", "0" * 100])
def test_a_form_without_a_readable_token_is_taken_as_new(sari: User, token: str) -> None:
    assert once.claim(actor=sari, token=token)
    assert once.claim(actor=sari, token=token)
    assert not once.is_used(token)


def test_tokens_of_yesterday_are_forgotten_from_time_to_time(sari: User) -> None:
    old, new = once.new_token(), once.new_token()
    for token in (old, new):
        once.claim(actor=sari, token=token)
    SubmittedForm.objects.filter(token=old).update(at=timezone.now() - timedelta(days=2))
    assert once.claim(actor=sari, token=str(uuid.UUID(int=once.PRUNE_EVERY * 7)))
    assert not once.is_used(old)
    assert once.is_used(new)
