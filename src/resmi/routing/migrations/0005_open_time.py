from django.db import migrations, models


class Migration(migrations.Migration):
    """Queues there are already go on counting their promises around the clock, as they were set."""

    dependencies = [("routing", "0004_staff_import")]

    operations = [
        migrations.AddField(
            model_name="queue",
            name="around_the_clock",
            field=models.BooleanField(db_default=False, default=False),
        ),
        migrations.AddField(
            model_name="queue",
            name="closings",
            field=models.JSONField(blank=True, db_default=[], default=list),
        ),
        migrations.AddField(
            model_name="queue",
            name="counts_by",
            field=models.CharField(blank=True, db_default="", default="", max_length=32),
        ),
        migrations.RunSQL(
            "UPDATE routing_queue SET around_the_clock = true", migrations.RunSQL.noop
        ),
    ]
