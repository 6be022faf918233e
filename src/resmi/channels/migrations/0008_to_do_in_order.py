"""What is to do, in the order it is done: a claim reads what it takes, however much waits."""

import django.db.models.expressions
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('channels', '0007_previews'),
    ]

    operations = [
        migrations.RemoveIndex(
            model_name='inbound',
            name='inbound_to_do',
        ),
        migrations.AddIndex(
            model_name='inbound',
            index=models.Index(django.db.models.expressions.CombinedExpression(models.F('id'), '+', models.Value(0)), models.F('partition'), condition=models.Q(('status', 'new')), name='inbound_in_order'),
        ),
    ]
