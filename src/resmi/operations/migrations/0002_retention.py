"""How long what is kept, and what is kept longer."""

import django.db.models.functions.datetime
from django.db import migrations, models


class Migration(migrations.Migration):
    """Two new tables; without a policy nothing is ever dropped."""

    dependencies = [("operations", "0001_initial")]

    operations = [
        migrations.CreateModel(
            name="RetentionPolicy",
            fields=[
                ("id", models.SmallIntegerField(default=1, primary_key=True, serialize=False)),
                ("inbound_days", models.PositiveIntegerField(null=True)),
                ("conversation_days", models.PositiveIntegerField(null=True)),
            ],
        ),
        migrations.CreateModel(
            name="Hold",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("contact", models.BigIntegerField()),
                ("reason", models.TextField()),
                (
                    "placed_at",
                    models.DateTimeField(
                        db_default=django.db.models.functions.datetime.Now()
                    ),
                ),
                ("released_at", models.DateTimeField(null=True)),
            ],
        ),
        migrations.AddConstraint(
            "hold",
            models.UniqueConstraint(
                condition=models.Q(released_at=None),
                fields=["contact"],
                name="one_hold_of_a_contact",
            ),
        ),
    ]
