"""The audit trail: only grows, proves itself, is found and carried away."""

from __future__ import annotations

import csv
import io
import json
import os
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import msgspec
import pytest
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from resmi.agency import chain, sealing, services
from resmi.agency.models import AuditEntry, AuditSeal, AuditUnsealed, User
from tests.agency import making

db = pytest.mark.django_db
committed = pytest.mark.django_db(transaction=True)


def _write(count: int = 3, **fields: Any) -> None:
    for n in range(count):
        services.record_audit(
            **{
                "actor": None,
                "action": "tried",
                "target": f"thing:{n}",
                "after": {"n": n},
                **fields,
            }
        )


def _without_triggers(statement: str, *values: object) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute(statement, values)


@db
@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE agency_auditentry SET action = 'nothing'",
        "DELETE FROM agency_auditentry",
        "UPDATE agency_auditseal SET hash = ''",
        "DELETE FROM agency_auditseal",
    ],
)
def test_the_database_refuses_to_change_what_is_written(statement: str) -> None:
    _write()
    sealing.seal()
    with pytest.raises(IntegrityError, match="append-only"), connection.cursor() as cursor:
        cursor.execute(statement)


@committed
def test_what_is_committed_is_sealed_at_once() -> None:
    with transaction.atomic():
        _write(3)
        assert AuditUnsealed.objects.count() == 3
    assert not AuditUnsealed.objects.exists()
    assert list(AuditSeal.objects.order_by("number").values_list("number", flat=True)) == [1, 2, 3]


@committed
def test_an_act_that_is_refused_leaves_no_entry() -> None:
    with transaction.atomic():
        _write()
        transaction.set_rollback(True)
    assert not AuditEntry.objects.exists()
    assert sealing.verify().number == 0


@db
def test_a_whole_trail_holds_and_says_its_last_hash() -> None:
    _write(2500)
    report = sealing.verify()
    assert (report.number, report.broken, report.waiting) == (2500, None, 0)
    assert report.hash == sealing.hash_of(2500)


@db
@pytest.mark.parametrize(
    ("damage", "why"),
    [
        ("UPDATE agency_auditentry SET after = '{\"n\": 9}' WHERE id = %s", "changed"),
        (
            "UPDATE agency_auditentry SET at = at + interval '1 microsecond' WHERE id = %s",
            "changed",
        ),
        ("UPDATE agency_auditentry SET target = 'thing:9' WHERE id = %s", "changed"),
        ("DELETE FROM agency_auditentry WHERE id = %s", "missing"),
        ("UPDATE agency_auditseal SET hash = sha256('x') WHERE entry_id = %s", "changed"),
    ],
)
def test_the_first_broken_entry_is_named(damage: str, why: str) -> None:
    _write(5)
    sealing.seal()
    third = AuditEntry.objects.order_by("id")[2]
    _without_triggers(damage, third.pk)
    report = sealing.verify()
    assert report.broken == chain.Break(number=3, entry=third.pk, why=why)
    assert report.number == 2


@db
def test_an_entry_taken_out_with_its_seal_leaves_a_gap() -> None:
    _write(5)
    sealing.seal()
    third = AuditEntry.objects.order_by("id")[2].pk
    _without_triggers("DELETE FROM agency_auditseal WHERE entry_id = %s", third)
    _without_triggers("DELETE FROM agency_auditentry WHERE id = %s", third)
    found = sealing.verify().broken
    assert found
    assert (found.number, found.why) == (3, "gap")


@db
def test_an_entry_smuggled_in_is_found() -> None:
    _write(2)
    sealing.seal()
    _without_triggers(
        "INSERT INTO agency_auditentry (at, action, target) VALUES (now(), 'smuggled', '')"
    )
    found = sealing.verify().broken
    assert found
    assert (found.why, found.entry) == ("unsealed", AuditEntry.objects.latest("id").pk)


@committed
def test_many_writers_at_once_make_one_chain(database_url: str) -> None:
    def write() -> None:
        for _ in range(20):
            _write(1)
        connection.close()

    writers = [threading.Thread(target=write) for _ in range(8)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    report = sealing.verify()
    assert (report.number, report.broken) == (160, None)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3)
    ),
    max_leaves=8,
)


@given(json_values, json_values)
def test_the_bytes_hashed_depend_on_the_values_and_not_on_their_order(
    before: Any, after: Any
) -> None:
    def entry(value: Any) -> chain.Entry:
        return msgspec.convert(
            {
                "id": 1,
                "at": "2026-01-01T00:00:00Z",
                "actor": None,
                "action": "a",
                "target": "",
                "before": value,
                "after": None,
            },
            chain.Entry,
        )

    turned = dict(reversed(before.items())) if isinstance(before, dict) else before
    assert chain.canonical(entry(before)) == chain.canonical(entry(turned))
    same = msgspec.json.encode(before, order="sorted") == msgspec.json.encode(after, order="sorted")
    assert (
        chain.link(chain.GENESIS, entry(before)) == chain.link(chain.GENESIS, entry(after))
    ) is same


@db
def test_signing_in_and_out_is_written_down(client: Client) -> None:
    sari = making.account()
    login = reverse("account_login")
    client.post(login, {"login": "sari@example.org", "password": "not-this-one"})
    client.post(login, {"login": "nobody@example.org", "password": "x"})
    client.post(login, {"login": "sari@example.org", "password": making.PASSWORD})
    client.post(reverse("account_logout"))
    rows = list(AuditEntry.objects.order_by("id").values_list("action", "actor", "target"))
    mine = f"account:{sari.pk}"
    assert rows == [
        ("sign_in_failed", None, mine),
        ("sign_in_failed", None, ""),
        ("signed_in", sari.pk, mine),
        ("signed_out", sari.pk, mine),
    ]
    assert AuditEntry.objects.filter(after__email="nobody@example.org").count() == 1
    assert AuditEntry.objects.filter(after__address="127.0.0.1").count() == 4


@db
def test_a_password_typed_as_an_address_is_not_kept(client: Client) -> None:
    form = {"login": "my-secret-password", "password": "x"}
    client.post(reverse("account_login"), form)
    assert not AuditEntry.objects.filter(after__icontains="my-secret").exists()


@pytest.fixture
def auditor() -> User:
    return making.account(email="adi@example.org", name="Adi", role="auditor")


@db
def test_the_page_goes_on_by_keys_and_counts_nothing(
    auditor: User, django_assert_max_num_queries: Any
) -> None:
    _write(120)
    client = making.signed_in(auditor)
    with django_assert_max_num_queries(5):
        first = client.get("/audit/").content.decode()
    assert "thing:119" in first
    assert "thing:40<" not in first
    oldest_shown = AuditEntry.objects.order_by("-id")[49].pk
    second = client.get("/audit/", {"before": oldest_shown}).content.decode()
    assert f"before={oldest_shown}" in first
    assert "thing:40<" in second
    assert "thing:119<" not in second


@db
@pytest.mark.parametrize(
    "asked",
    [
        {"q": "thing:1"},
        {"q": "sari"},
        {"action": "tried"},
        {"since": "2020-01-01", "until": "2100-01-01", "action": "tried"},
    ],
)
def test_entries_are_found(auditor: User, asked: dict[str, str]) -> None:
    sari = making.account()
    _write(3, actor=sari)
    assert "thing:1<" in making.signed_in(auditor).get("/audit/", asked).content.decode()


@db
@pytest.mark.parametrize(
    "asked",
    [{"q": "thing:9"}, {"action": "other"}, {"until": "2020-01-01"}, {"since": "2100-01-01"}],
)
def test_other_entries_are_not_found(auditor: User, asked: dict[str, str]) -> None:
    _write(3)
    assert "thing:1<" not in making.signed_in(auditor).get("/audit/", asked).content.decode()


@db
@pytest.mark.parametrize(
    "junk", [{"before": "x"}, {"before": "9" * 40}, {"since": "tomorrow"}, {"q": "\0" * 5}]
)
def test_junk_in_the_address_narrows_nothing(auditor: User, junk: dict[str, str]) -> None:
    _write(1)
    page = making.signed_in(auditor).get("/audit/", junk)
    assert page.status_code == 200
    assert "thing:0<" in page.content.decode()


def _exported(client: Client, **asked: str) -> bytes:
    return b"".join(client.get("/audit/export/", asked).streaming_content)  # type: ignore[arg-type]


@db
def test_the_trail_is_carried_away_as_lines_of_json(auditor: User) -> None:
    _write(2300)
    sealing.seal()
    lines = _exported(making.signed_in(auditor), format="jsonl", action="tried").splitlines()
    assert len(lines) == 2300
    newest = json.loads(lines[0])
    assert (newest["after"], newest["hash"]) == ({"n": 2299}, sealing.hash_of(2300))


@db
def test_the_table_holds_nothing_a_spreadsheet_would_compute(auditor: User) -> None:
    _write(1, target="=cmd()")
    text = _exported(making.signed_in(auditor), action="tried").decode("utf-8-sig")
    (row,) = csv.DictReader(io.StringIO(text))
    assert row["target"] == "'=cmd()"


@db
def test_who_carried_it_away_is_written_down(auditor: User) -> None:
    _exported(making.signed_in(auditor), format="jsonl", q="sari")
    entry = AuditEntry.objects.get(action="audit_exported")
    assert (entry.actor, entry.after) == (auditor, {"format": "jsonl", "q": "sari"})


@db
def test_values_are_shown_as_people_write_them(auditor: User) -> None:
    before, after = {"skills": {}, "active": False}, {"skills": {"lang:id": 2}, "active": True}
    services.record_audit(
        actor=auditor, action="account_changed", target="account:1", before=before, after=after
    )
    page = making.signed_in(auditor).get(reverse("agency:audit")).content.decode()
    assert "— → lang:id: 2" in page
    assert "<del>No</del> → Yes" in page


@db
def test_agents_see_no_trail() -> None:
    client = making.signed_in(making.account())
    assert {client.get(a).status_code for a in ("/audit/", "/audit/export/")} == {403}


def _resmi(url: str, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", "from resmi.cli.main import main; main()", "audit", *words],
        capture_output=True,
        text=True,
        env={**os.environ, "RESMI_DATABASE_URL": url},
        check=False,
    )


@committed
def test_the_command_proves_the_trail_and_says_where_it_breaks(
    database_url: str, tmp_path: Path
) -> None:
    _write(4)
    good = _resmi(database_url, "verify")
    assert good.returncode == 0, good.stderr
    head = good.stdout.splitlines()[-1]
    _write(1)
    assert _resmi(database_url, "verify", "--expect", head).returncode == 0
    wrong = _resmi(database_url, "verify", "--expect", "2:" + "0" * 64)
    assert wrong.returncode == 3
    second = AuditEntry.objects.order_by("id")[1].pk
    _without_triggers("UPDATE agency_auditentry SET action = 'x' WHERE id = %s", second)
    bad = _resmi(database_url, "verify", "--json")
    assert bad.returncode == 3
    assert json.loads(bad.stdout)["broken"] == {"number": 2, "entry": second, "why": "changed"}
    file = tmp_path / "audit.jsonl"
    assert _resmi(database_url, "export", str(file), "--action", "tried").returncode == 0
    assert len(file.read_text().splitlines()) == 4
