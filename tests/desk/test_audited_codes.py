"""The audit page and its export call queues and agents by their names, not by their codes."""

from __future__ import annotations

import csv
import io
import json
from typing import Any

import pytest
from django.test import Client

from resmi.agency.models import AuditEntry, User
from resmi.routing import queries, services
from resmi.routing.models import Queue
from tests.agency import making

pytestmark = pytest.mark.django_db


@pytest.fixture
def ratna() -> User:
    return making.admin()


@pytest.fixture
def auditor(ratna: User) -> Client:
    queries.forget()
    for key, name in (("loans", "Loan questions"), ("cards", "Card questions")):
        services.put_queue(actor=ratna, key=key, settings={"name": name})
    queries.forget()
    return making.signed_in(ratna)


def wrote(action: str, after: dict[str, Any], before: dict[str, Any] | None = None) -> None:
    AuditEntry.objects.create(action=action, target="user:1", before=before, after=after)


def gone(ratna: User, key: str) -> None:
    services.delete_queue(actor=ratna, key=key)
    queries.forget()


def test_queues_go_by_their_names_now(auditor: Client) -> None:
    wrote("agent_settings_changed", {"queues": ["cards", "loans"]}, {"queues": []})
    wrote("queue_changed", {"overflow_to": "loans"}, {"overflow_to": "cards"})
    Queue.objects.filter(key="loans").update(name="Loans and debts")
    queries.forget()
    html = auditor.get("/audit/").content.decode()
    assert "— → Card questions, Loans and debts</div>" in html
    assert "<del>Card questions</del> → Loans and debts</div>" in html


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("en", "Loans and debts (deleted)"),
        ("id", "Loans and debts (dihapus)"),
        ("ko", "Loans and debts (삭제됨)"),
    ],
)
def test_a_deleted_queue_goes_by_its_last_name(
    auditor: Client, ratna: User, language: str, said: str
) -> None:
    services.put_queue(actor=ratna, key="loans", settings={"name": "Loans and debts"})
    wrote("notice_sent", {"queue": "loans"})
    gone(ratna, "loans")
    User.objects.update(language=language)
    assert f"</span> {said}</div>" in auditor.get("/audit/").content.decode()


def test_a_deleted_queue_nobody_remembers_keeps_its_key(auditor: Client) -> None:
    wrote("notice_sent", {"queue": "taxes"})
    assert "</span> taxes (deleted)</div>" in auditor.get("/audit/").content.decode()


def test_where_conversations_were_moved_to_is_named(auditor: Client, ratna: User) -> None:
    for to in ("queue:loans", f"agent:{ratna.pk}", "agent:999", "agent:²", "elsewhere:1"):
        wrote("conversations_moved", {"to": to, "conversations": [4, 5]})
    html = auditor.get("/audit/").content.decode()
    for said in ("Loan questions", "Ratna", "agent:999", "agent:²", "elsewhere:1"):
        assert f"Moved to:</span> {said}</div>" in html


def test_the_page_asks_for_names_once_however_many_there_are(
    auditor: Client, ratna: User, django_assert_max_num_queries: Any
) -> None:
    gone(ratna, "cards")
    for number in range(40):
        wrote("messages_searched", {"queue": "loans", "agent": ratna.pk, "found": number})
        wrote("notice_sent", {"queue": ("cards", "taxes")[number % 2]})
    queries.forget()
    with django_assert_max_num_queries(8):
        auditor.get("/audit/")


def exported(client: Client, **asked: str) -> bytes:
    return b"".join(client.get("/audit/export/", asked).streaming_content)  # type: ignore[arg-type]


def test_the_export_says_names_beside_what_is_stored(auditor: Client) -> None:
    wrote("agent_settings_changed", {"queues": ["cards", "loans"]}, {"queues": ["loans"]})
    asked = {"action": "agent_settings_changed"}
    User.objects.update(language="id")
    (row,) = csv.DictReader(io.StringIO(exported(auditor, **asked).decode("utf-8-sig")))
    assert json.loads(row["after"]) == {"queues": ["cards", "loans"]}
    assert row["changes"] == "Antrean: Loan questions → Card questions, Loan questions"
    line = json.loads(exported(auditor, format="jsonl", **asked))
    assert line["before"] == {"queues": ["loans"]}
    assert line["changes"] == [
        {"name": "Antrean", "before": "Loan questions", "after": "Card questions, Loan questions"}
    ]


def test_a_long_export_asks_for_names_once_a_piece(
    auditor: Client, django_assert_max_num_queries: Any
) -> None:
    AuditEntry.objects.bulk_create(
        AuditEntry(action="notice_sent", after={"queue": ("loans", "taxes")[number % 2]})
        for number in range(1500)
    )
    with django_assert_max_num_queries(14):
        assert exported(auditor, action="notice_sent").count(b"taxes (deleted)") == 750
