"""After a test that commits, only the tables that hold something are emptied.

Django truncates all of them and writes its permissions again, which takes longer than most tests.
"""

from __future__ import annotations

from typing import Any

from django.core.management.commands import flush
from django.db.backends.base.base import BaseDatabaseWrapper

# The first two say which models there are, the other one which migrations ran: as good as code.
KEPT = ("auth_permission", "django_content_type", "django_migrations")
# All are locked first: what another process is still committing is waited for, and goes too.
EMPTY = f"""
    DO $$
    DECLARE
        ours CONSTANT oid[] := ARRAY(
            SELECT oid FROM pg_class
            WHERE relnamespace = 'public'::regnamespace AND relkind = 'r'
                AND relname NOT IN ({", ".join(f"'{name}'" for name in KEPT)})
            ORDER BY oid
        );
        filled text;
    BEGIN
        EXECUTE 'LOCK TABLE '
            || (SELECT string_agg(one::regclass::text, ', ') FROM unnest(ours) AS one);
        SELECT string_agg(one::regclass::text, ', ') INTO filled
            FROM unnest(ours) AS one WHERE pg_relation_size(one) > 0;
        IF filled IS NOT NULL THEN
            EXECUTE 'TRUNCATE ' || filled || ' CASCADE';
        END IF;
    END $$
"""


def only_what_is_filled(connection: BaseDatabaseWrapper) -> None:
    """From now on, flushing this database empties every table but those kept, and no more."""

    def sql_flush(*_: Any, **__: Any) -> list[str]:
        return [EMPTY]

    connection.ops.sql_flush = sql_flush  # type: ignore[method-assign]
    flush.emit_post_migrate_signal = lambda *_: None  # type: ignore[assignment]
