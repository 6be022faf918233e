"""What the bot collected, as agents read it: our words translated, theirs not."""

from __future__ import annotations

import json

import pytest
from django.test import Client
from django.utils.translation import override

from resmi.desk import collected
from tests.conversations import factories
from tests.desk import scenes
from tests.desk.test_floor import text

SAID = {
    "Name of the offer": "unknown",
    "Money already sent": "yes",
    "Register says": "illegal",
    "Kept by an older pack": "yes",
}


def test_labels_and_verdicts_are_read_in_ones_own_language_and_answers_verbatim() -> None:
    with override("id"):
        assert dict(collected.shown(SAID)) == {
            "Nama penawaran": "unknown",
            "Uang sudah dikirim": "Ya",
            "Menurut daftar": "Ada dalam daftar entitas ilegal",
            "Kept by an older pack": "yes",
        }


def test_what_a_citizen_typed_is_never_taken_for_a_verdict() -> None:
    computed = collected.worked_out(factories.pack())
    assert computed == {"Money already sent", "Register says"}


@pytest.mark.parametrize("text", ["Uang sudah dikirim", "money already sent ", "이미 송금함"])
def test_a_label_is_found_in_whichever_language_it_is_written(text: str) -> None:
    assert collected.key_of(text) == "Money already sent"
    assert collected.key_of("Something else") == "Something else"


@pytest.mark.django_db
def test_the_citizens_panel_shows_no_raw_word() -> None:
    scenes.office()
    sari = scenes.agent("Sari")
    conversation = scenes.held(sari)
    state = json.loads(bytes(conversation.state))
    conversation.state = json.dumps({**state, "collected": SAID}).encode()
    conversation.save()
    client: Client = scenes.signed_in(sari)
    page = text(client, f"/desk/{conversation.pk}/")
    assert "On the list of illegal entities" in page
    assert ">illegal<" not in page
