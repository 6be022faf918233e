"""Seals what was written down before there was a chain."""

from django.db import migrations

from resmi.agency import sealing


def seal(apps, schema_editor):
    sealing.seal()


class Migration(migrations.Migration):
    dependencies = [("agency", "0006_audit_chain")]

    operations = [migrations.RunPython(seal, migrations.RunPython.noop)]
