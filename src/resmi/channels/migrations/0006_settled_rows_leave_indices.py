"""Indices of deliveries name what is pending, so that most changes of status touch none of them.

What the channel reports is kept in the delivery; the table of reports stays for earlier releases.
"""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('channels', '0005_segments'),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name='delivery',
            name='delivery_provider_id',
        ),
        migrations.RemoveIndex(
            model_name='delivery',
            name='delivery_in_flight',
        ),
        migrations.RemoveIndex(
            model_name='delivery',
            name='delivery_lane',
        ),
        migrations.RemoveIndex(
            model_name='delivery',
            name='delivery_to_send',
        ),
        migrations.AddField(
            model_name='delivery',
            name='pending',
            field=models.GeneratedField(db_persist=True, expression=models.Case(models.When(status__in=['queued', 'sending'], then=1), models.When(status='unknown', then=2), default=0), output_field=models.SmallIntegerField()),
        ),
        migrations.AddField(
            model_name='delivery',
            name='statuses',
            field=models.JSONField(db_default=[], default=list),
        ),
        migrations.AlterField(
            model_name='delivery',
            name='channel',
            field=models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='channels.channel'),
        ),
        migrations.AlterField(
            model_name='inbound',
            name='channel',
            field=models.ForeignKey(db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='channels.channel'),
        ),
        migrations.AddIndex(
            model_name='delivery',
            index=models.Index(condition=models.Q(('pending', 1)), fields=['channel', 'not_before', 'id'], name='delivery_due'),
        ),
        migrations.AddIndex(
            model_name='delivery',
            index=models.Index(condition=models.Q(('pending__gt', 0)), fields=['lane', 'id'], name='delivery_in_line'),
        ),
        migrations.AddConstraint(
            model_name='delivery',
            constraint=models.UniqueConstraint(condition=models.Q(('provider_id__isnull', False)), fields=('provider_id', 'channel'), name='delivery_named'),
        ),
        # Room on each page for the next versions of a row: then they need no new index entries.
        migrations.RunSQL(
            "ALTER TABLE channels_delivery SET (fillfactor = 60)",
            "ALTER TABLE channels_delivery RESET (fillfactor)",
        ),
    ]
