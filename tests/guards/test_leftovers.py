"""What a test commits is gone before the next one begins."""

from __future__ import annotations

import pytest
from django.core.cache import cache
from django.core.management import call_command
from django.db import connection

from resmi.channels import tasks
from resmi.conversations import services
from tests.desk import scenes

# Django fills these after each flush; the other one says which migrations ran.
KEPT = {"auth_permission", "django_content_type", "django_migrations"}
TABLES = """
    SELECT relname FROM pg_class
    WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p') AND NOT relispartition
"""


@pytest.mark.django_db(transaction=True)
def test_every_table_is_emptied_after_a_test_that_commits() -> None:
    scenes.office()
    services.add_note(
        actor=scenes.supervisor(), conversation_id=scenes.with_bot().pk, body="Catatan"
    )
    cache.set("guesses", 5)
    tasks.upload_media.defer(media_id="1", channel_id=1)
    assert {"agency_cache", "conversations_event", "procrastinate_jobs"} <= filled()
    call_command("flush", interactive=False, verbosity=0)
    assert filled() <= KEPT


def filled() -> set[str]:
    """The tables that hold something."""
    with connection.cursor() as cursor:
        cursor.execute(TABLES)
        names = [name for (name,) in cursor.fetchall()]
        cursor.execute(
            " UNION ALL ".join(
                f"SELECT '{name}' WHERE EXISTS (SELECT FROM \"{name}\")" for name in names
            )
        )
        return {name for (name,) in cursor.fetchall()}
