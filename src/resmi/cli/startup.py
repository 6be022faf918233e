"""Readies a process for the parts of Resmi that need settings and tables."""

from __future__ import annotations

import os

import django
from django.apps import apps
from django.conf import settings

from resmi.config import embedded


def setup(*, database: bool = True, name: str = "") -> None:
    """Makes the database reachable and Django ready. Doing it twice changes nothing.

    By `name`, that of the command, the database and so the watchman know the process. Raises
    `embedded.Unusable` and `environment.WrongSetting`.
    """
    if name:
        os.environ["PGAPPNAME"] = f"resmi {name}"
        if apps.ready:  # a copy of a process that was set up before it had a name
            settings.DATABASES["default"]["OPTIONS"]["application_name"] = f"resmi {name}"
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "resmi.config.settings")
    if database:
        embedded.ensure_database_url()
    if not apps.ready:
        django.setup()
