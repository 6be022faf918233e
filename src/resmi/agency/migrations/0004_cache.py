"""The table of Django's shared cache. Unlogged: what it counts may be forgotten in a crash."""

from django.db import migrations

CREATE = """
CREATE UNLOGGED TABLE IF NOT EXISTS agency_cache (
    cache_key varchar(255) NOT NULL PRIMARY KEY,
    value text NOT NULL,
    expires timestamptz NOT NULL
);
CREATE INDEX IF NOT EXISTS agency_cache_expires ON agency_cache (expires);
"""


class Migration(migrations.Migration):
    dependencies = [("agency", "0003_submitted_form")]

    operations = [migrations.RunSQL(CREATE, "DROP TABLE IF EXISTS agency_cache")]
