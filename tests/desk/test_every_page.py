"""What holds for every page there is: few queries however long its lists, and little to load."""

from __future__ import annotations

import gzip
import re
from collections.abc import Iterator
from functools import cache
from os.path import dirname, normpath
from pathlib import Path

import pytest
from django.contrib.staticfiles import finders
from django.core.cache import cache as shared
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from resmi.agency.models import AuditEntry, User
from resmi.channels.models import Delivery
from resmi.contacts import noting
from resmi.conversations import canned, router, services
from resmi.conversations.models import Conversation
from resmi.routing import policy
from resmi.routing import services as routing
from tests.desk import pages, scenes
from tests.desk.test_floor import parked

pytestmark = pytest.mark.django_db

LIMIT = 100_000
LUNCH = policy.Break(key="lunch", name={"en": "Lunch"}, most_s=1800)


@pytest.fixture
def admin() -> User:
    scenes.office()
    routing.put_policy(actor=None, data=policy.Policy(breaks=(LUNCH,)))
    return scenes.supervisor("Agus", "admin")


def fill(admin: User, count: int, talk: Conversation) -> None:
    """Adds so many of everything that stands in a list."""
    for number in range(count):
        mark = f"{count}-{number}"
        scenes.waiting(f"Rina {mark}")
        scenes.with_bot(f"Budi {mark}")
        colleague = scenes.agent(f"Sari{mark}")
        scenes.held(colleague, f"Ayu {mark}")
        parked(error=f"ValueError: {mark}")
        noting.define_attribute(actor=None, name=f"Kota {mark}", kind="text", choices=[])
        noting.add_tag(actor=None, contact_id=talk.contact_id, text=f"tag{mark}")
        canned.put(actor=admin, shortcut=f"salam{mark}", folder="", bodies={"id": "Halo"})
        services.add_note(
            actor=colleague, conversation_id=talk.pk, body=f"@Agus {mark}", mentions=[admin.pk]
        )
        routing.put_queue(actor=admin, key=f"queue{mark}", settings={"name": mark})
        AuditEntry.objects.create(actor=colleague, action="queue_changed", target=f"queue:{mark}")
    router.run_pass()
    Delivery.objects.filter(status="queued").update(status="failed", rank=100, error="off")


def queries_of(client: Client, address: str) -> int:
    shared.clear()
    client.get(address)  # what a process reads once, and notes once a minute
    with CaptureQueriesContext(connection) as asked:
        client.get(address)
    return len(asked)


def test_no_page_takes_more_queries_for_longer_lists(admin: User) -> None:
    client, talk = scenes.signed_in(admin), scenes.held(admin)
    fill(admin, 2, talk)
    found = pages.found(client, admin, talk)
    assert {"desk:desk", "desk:floor", "agency:audit", "desk:routing"} <= set(found)
    little = {name: queries_of(client, address) for name, address in found.items()}
    fill(admin, 4, talk)
    much = {name: queries_of(client, address) for name, address in found.items()}
    grown = {name: (little[name], much[name]) for name in found if much[name] > little[name]}
    assert grown == {}


def test_every_page_is_light(admin: User) -> None:
    client, talk = scenes.signed_in(admin), scenes.held(admin)
    fill(admin, 6, talk)
    found = pages.found(client, admin, talk)
    weights = {name: weight(client.get(address).content) for name, address in found.items()}
    stranger = Client()
    weights["stranger"] = weight(stranger.get("/accounts/login/").content)
    heavy = {name: size for name, size in weights.items() if size >= LIMIT}
    assert heavy == {}
    assert min(weights.values()) > 1_000


def weight(html: bytes) -> int:
    """What travels for a page the first time: itself and all it loads, compressed."""
    files = {file for link in re.findall(rb'(?:src|href)="/static/([^"?#]+)', html)
             for file in loaded(link.decode())}  # fmt: skip
    return len(gzip.compress(html)) + sum(packed(file) for file in files)


@cache
def loaded(name: str) -> frozenset[str]:
    """A file with the modules it imports, and theirs."""
    return frozenset(_follow(name, set()))


def _follow(name: str, seen: set[str]) -> Iterator[str]:
    if name in seen:
        return
    seen.add(name)
    yield name
    if name.endswith(".js"):
        for link in re.findall(r'(?:from|import) "(\.{1,2}/[\w./-]+)"', _file(name).read_text()):
            yield from _follow(normpath(f"{dirname(name)}/{link}"), seen)


@cache
def packed(name: str) -> int:
    """Its size as sent."""
    return len(gzip.compress(_file(name).read_bytes()))


def _file(name: str) -> Path:
    found = finders.find(name)
    assert isinstance(found, str), name
    return Path(found)
