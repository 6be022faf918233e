"""Fills a new demo: tables, the invented register, staff and queues. Needs Django.

Run as `resmi demo-seed` in a process of its own, with the demo's environment.
"""

from __future__ import annotations

import io
from datetime import timedelta

import typer
from django.conf import settings
from django.core.management import CommandError
from django.utils import timezone

from resmi.agency import services as agency
from resmi.agency.models import User
from resmi.cli import tables
from resmi.cli.demo import people, register
from resmi.registry import services as registry
from resmi.registry.models import Release
from resmi.routing import services as routing

app = typer.Typer()
LIST_AGE = timedelta(days=3)


@app.command()
def seed() -> None:
    """Fills what is missing. Only in a demo."""
    if settings.MODE != "demo":
        raise CommandError("Invented companies and staff belong in RESMI_MODE=demo only.")
    tables.migrate()
    tables.put_queues()
    _employ()
    if not Release.objects.exists():
        _publish_lists()


def _employ() -> None:
    for person in people.STAFF:
        if User.objects.filter(email=person.email).exists():
            continue
        account = agency.create_account(
            actor=None,
            email=person.email,
            name=person.name,
            role=person.role,
            password=people.PASSWORD,
        )
        agency.change_preferences(
            actor=account, display_name=person.display_name, language=person.language
        )
        routing.set_skills(actor=None, agent_id=account.pk, skills=dict.fromkeys(person.skills, 1))


def _publish_lists() -> None:
    as_of = timezone.localdate() - LIST_AGE
    for source, companies in (
        (register.REGISTER, register.licence_holders()),
        (register.WARNING_LIST, register.warning_list()),
    ):
        registry.import_csv(
            actor=None,
            file=io.BytesIO(register.as_csv(companies)),
            source=source,
            authority=register.AUTHORITY,
            as_of=as_of,
        )
