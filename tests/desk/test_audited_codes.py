"""The audit page and its export call queues and agents by their names, not by their codes."""

from __future__ import annotations

import csv
import io
import json
from typing import Any

import pytest
from django.test import Client

from resmi.agency.models import AuditEntry, User
from resmi.channels.models import Channel
from resmi.routing import policy, queries, services
from resmi.routing.models import Queue
from tests.agency import making
from tests.conversations import factories

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


def test_what_something_was_done_to_goes_by_its_name_with_its_code_beside(
    auditor: Client, ratna: User
) -> None:
    channel = factories.channel()
    Channel.objects.update(name="Main number")
    targets = {
        "queue:loans": "Loan questions",
        f"account:{ratna.pk}": "Ratna",
        f"user:{ratna.pk}": "Ratna",
        f"channel:{channel.pk}": "Main number",
    }
    for target in (*targets, "account:99999", "channel:²", "queue:", "attribute:none", "alone"):
        AuditEntry.objects.create(action="presence_set", target=target)
    html = auditor.get("/audit/").content.decode()
    for target, name in targets.items():
        assert f'<td>{name} <span class="mono small muted">{target}</span></td>' in html
    for target in ("account:99999", "channel:²", "queue:", "attribute:none", "alone"):
        assert f'<td><span class="mono">{target}</span></td>' in html
    rows = csv.DictReader(io.StringIO(exported(auditor).decode("utf-8-sig")))
    named = {row["target"]: row["target_name"] for row in rows}
    assert {target: named[target] for target in targets} == targets
    line = json.loads(exported(auditor, format="jsonl", q="queue:loans").splitlines()[0])
    assert (line["target"], line["target_name"]) == ("queue:loans", "Loan questions")


@pytest.mark.parametrize("language", ["en", "id", "ko"])
def test_presence_and_breaks_go_by_their_names(auditor: Client, ratna: User, language: str) -> None:
    lunch = {"en": "Lunch", "id": "Makan siang", "ko": "점심"}
    breaks = (policy.Break(key="lunch", name=lunch),)
    services.put_policy(actor=ratna, data=policy.Policy(breaks=breaks))
    wrote("presence_set", {"status": "away", "reason": "lunch"}, {"status": "offline"})
    wrote("presence_set", {"status": "away", "reason": "golf"})
    User.objects.update(language=language)
    html = auditor.get("/audit/").content.decode()
    assert f"</span> {lunch[language]}</div>" in html
    assert "</span> golf</div>" in html
    for stored in ("away", "offline", "lunch"):
        assert f" {stored}</" not in html
        assert f">{stored}</" not in html
