"""Templates are handed in at WhatsApp and their standing is told: against the simulator."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
from pytest_django.fixtures import Settings
from typer.testing import CliRunner

from resmi.channels.models import Channel
from resmi.cli import templates
from resmi.cli.trouble import Trouble
from tests.channels.simulator.stand import Stand, V

pytestmark = pytest.mark.django_db
WABA = "209876543210001"
run = CliRunner().invoke


@pytest.fixture
def stand(settings: Settings) -> Iterator[Stand]:
    running = Stand()
    settings.WHATSAPP_GRAPH_URL = running.base + V
    settings.WHATSAPP_TOKEN = "token"
    Channel.objects.create(kind="whatsapp", name="150", address="1", account=WABA)
    yield running
    running.close()


def listed() -> dict[str, str]:
    rows = json.loads(run(templates.app, ["list", "--json"]).output)
    return {row["language"]: row["status"] for row in rows}


def test_what_is_missing_is_handed_in_and_then_approved(stand: Stand) -> None:
    assert set(listed().values()) == {"MISSING"}
    first = run(templates.app, ["submit"])
    assert first.exit_code == templates.NOT_ALL_APPROVED
    assert listed() == {"id": "PENDING", "en": "PENDING", "ko": "PENDING"}
    stand.advance(10)
    assert listed() == {"id": "APPROVED", "en": "APPROVED", "ko": "APPROVED"}
    assert run(templates.app, ["list"]).exit_code == 0


def test_handing_in_twice_hands_in_once(stand: Stand) -> None:
    run(templates.app, ["submit"])
    stand.advance(10)
    assert run(templates.app, ["submit"]).exit_code == 0


def test_a_rejected_one_is_told_with_the_reason(stand: Stand) -> None:
    stand.call("PUT", "/control/faults", {"reject_templates": 3})
    run(templates.app, ["submit"])
    stand.advance(10)
    shown = run(templates.app, ["list"])
    assert shown.output.count("rejected") == 3
    assert "INVALID_FORMAT" in shown.output


def test_another_text_than_the_packs_is_noticed(stand: Stand) -> None:
    other = {
        "name": "register_change",
        "language": "id",
        "category": "UTILITY",
        "components": [{"type": "BODY", "text": "Halo."}],
    }
    stand.graph("POST", f"/{WABA}/message_templates", other)
    stand.advance(10)
    assert listed()["id"] == "DIFFERS"


def test_without_a_number_or_an_answer_the_trouble_is_told(stand: Stand) -> None:
    Channel.objects.all().delete()
    with pytest.raises(Trouble, match="no WhatsApp number"):
        templates.only_account()
    with pytest.raises(Trouble, match="did not say"):
        templates.known("999")
