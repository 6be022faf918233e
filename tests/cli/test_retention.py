from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from typer.testing import CliRunner

from resmi.agency.models import AuditEntry
from resmi.channels import weeks
from resmi.channels.models import Inbound
from resmi.cli import retention
from resmi.cli.trouble import Trouble
from resmi.contacts.models import Contact

pytestmark = pytest.mark.django_db


def run(*words: str, answer: str = "") -> str:
    done = CliRunner().invoke(retention.app, list(words), input=answer)
    if done.exception is not None and not isinstance(done.exception, SystemExit):
        raise done.exception
    return done.output


def put_old_item() -> None:
    stamp = datetime.now(UTC) - timedelta(days=200)
    Inbound.objects.create(kind="message", key="old", stamp=stamp, raw=b"{}", status="done")
    weeks.tend(datetime.now(UTC))


def test_the_plan_is_shown_and_nothing_is_dropped_without_a_yes() -> None:
    put_old_item()
    assert "for ever" in run("plan")
    assert "goes  inbound" in run("set", "--inbound-days", "90")
    run("apply", answer="n\n")
    assert Inbound.objects.filter(key="old").exists()
    assert "Dropped 1 parts" in run("apply", answer="y\n")
    assert not Inbound.objects.filter(key="old").exists()
    assert "Nothing is to be dropped" in run("apply", "--yes")
    assert set(AuditEntry.objects.values_list("action", flat=True)) == {
        "retention_set",
        "segment_dropped",
    }


def test_what_is_not_said_stays_as_it_was() -> None:
    assert "for ever after closing" in run("set", "--inbound-days", "90")
    both = run("set", "--conversation-days", "1825")
    assert "90 days" in both
    assert "1825 days" in both
    only = run("set", "--inbound-days", "0")
    assert "Raw items are kept for ever" in only
    assert "1825 days" in only


def test_what_can_not_be_is_told_in_words() -> None:
    with pytest.raises(Trouble, match="how many days"):
        run("set")
    with pytest.raises(Trouble, match="too few"):
        run("set", "--inbound-days", "3")
    with pytest.raises(Trouble, match="not held"):
        run("release", "4711")
    with pytest.raises(Trouble, match="no contact 4711"):
        run("hold", "4711", "--reason", "Court order 12")
    held = str(Contact.objects.create(name="Budi").pk)
    assert "is kept" in run("hold", held, "--reason", "Court order 12")
    with pytest.raises(Trouble, match="already"):
        run("hold", held, "--reason", "Court order 13")
    assert "policy holds" in run("release", held)
