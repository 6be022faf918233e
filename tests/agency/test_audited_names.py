"""The audit page calls what changed by the labels of the forms it is changed in."""

from __future__ import annotations

import csv
import io

import pytest
from django.test import Client
from django.utils.module_loading import import_string
from django.utils.translation import override

from resmi.agency import telling, trail
from resmi.agency.models import AuditEntry, User
from resmi.desk.settings.forms.queue import NewQueueForm
from resmi.routing.policy import Policy, QueueFacts
from tests.agency import making


def entry(**fields: object) -> None:
    AuditEntry.objects.create(**{"action": "queue_changed", "target": "queue:x", **fields})


def page(client: Client, user: User, language: str) -> str:
    user.language = language
    user.save()
    return client.get("/audit/").content.decode()


@pytest.mark.django_db
def test_names_of_values_are_the_labels_of_the_settings_in_each_language() -> None:
    admin = making.admin()
    client = making.signed_in(admin)
    entry(before={"offer_s": 30, "stray_name": 1}, after={"offer_s": 90, "stray_name": 2})
    for language in ("en", "id", "ko"):
        with override(language):
            label = str(NewQueueForm.base_fields["offer_s"].label)
        html = page(client, admin, language)
        assert label in html
        assert "stray_name" in html  # nobody labelled it
        assert "offer_s" not in html
    assert "1:30" in html


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("language", "was", "now"),
    [
        ("en", "Agent", "Supervisor, Quality reviewer"),
        ("id", "Petugas", "Penyelia, Peninjau mutu"),
        ("ko", "상담원", "슈퍼바이저, 품질 검토자"),
    ],
)
def test_roles_in_values_go_by_their_names(language: str, was: str, now: str) -> None:
    admin = making.admin()
    client = making.signed_in(admin)
    entry(
        action="account_changed",
        target="account:1",
        before={"role": "agent"},
        after={"role": "supervisor"},
    )
    entry(
        action="agency_policy_changed",
        before={"second_factor": ["agent"]},
        after={"second_factor": ["supervisor", "quality"]},
    )
    html = page(client, admin, language)
    assert f"<del>{was}</del> → {now.partition(',')[0]}</div>" in html
    assert f"<del>{was}</del> → {now}</div>" in html
    assert "<del>agent</del>" not in html


@pytest.mark.django_db
def test_exports_and_searches_keep_the_stored_names() -> None:
    client = making.signed_in(making.admin())
    entry(before={"offer_s": 30}, after={"offer_s": 90})
    answer = client.get("/audit/export/?format=csv&action=queue_changed")
    text = b"".join(answer.streaming_content).decode()  # type: ignore[attr-defined]
    assert '"offer_s":90' in text.replace('""', '"').replace(" ", "")
    assert len(list(csv.reader(io.StringIO(text)))) > 1


def test_every_setting_of_queues_and_routing_is_named() -> None:
    unnamed = {"handle_s", "costs"}  # measured, and by kinds of channel
    for action, shape in (("queue_changed", QueueFacts), ("routing_policy_changed", Policy)):
        stored = set(shape.__struct_fields__) - unnamed
        assert {name for name in stored if trail.name(action, name) == name} == set()


def test_every_form_named_for_the_trail_exists() -> None:
    paths = {path for paths in trail.forms().values() for path in paths}
    assert len(paths) > 8
    assert all(import_string(path).base_fields for path in paths)


def test_rules_in_a_list_are_written_with_their_labels() -> None:
    after = {"breaks": [{"key": "lunch", "most_s": 1800}], "continuity_s": 5400}
    row = AuditEntry(action="routing_policy_changed", before={}, after=after)
    ((_row, _name, changes),) = telling.told([row])
    said = {one.name: one.after for one in changes}
    assert said["Breaks"] == "key: lunch, At most: 30 min"
    assert said["Back to the agent they know for"] == "90 min"
