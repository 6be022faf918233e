"""What the thread shows of a file: a small picture, how long it plays, why it is not here."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("channels", "0006_settled_rows_leave_indices")]

    operations = [
        migrations.AddField(
            model_name="mediafile",
            name="preview",
            field=models.FileField(
                blank=True, db_default="", default="", upload_to="previews/%Y/%m/"
            ),
        ),
        migrations.AddField(
            model_name="mediafile", name="width", field=models.PositiveIntegerField(null=True)
        ),
        migrations.AddField(
            model_name="mediafile", name="height", field=models.PositiveIntegerField(null=True)
        ),
        migrations.AddField(
            model_name="mediafile", name="seconds", field=models.FloatField(null=True)
        ),
        migrations.AlterField(
            model_name="mediafile",
            name="state",
            field=models.CharField(
                choices=[
                    ("pending", "Pending"),
                    ("stored", "Stored"),
                    ("quarantine", "Quarantine"),
                    ("expired", "Expired"),
                    ("too_big", "Too Big"),
                    ("refused", "Refused"),
                    ("failed", "Failed"),
                    ("removed", "Removed"),
                ],
                default="pending",
                max_length=10,
            ),
        ),
    ]
