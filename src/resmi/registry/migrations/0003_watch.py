from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('registry', '0002_receipt'),
    ]

    operations = [
        migrations.CreateModel(
            name='Watch',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('contact', models.BigIntegerField()),
                ('channel', models.BigIntegerField()),
                ('subject', models.CharField(max_length=120)),
                ('name', models.CharField(max_length=300)),
                ('standing', models.CharField(max_length=10)),
                ('language', models.CharField(blank=True, max_length=10)),
                ('started_at', models.DateTimeField()),
                ('ended_at', models.DateTimeField(null=True)),
                ('told_at', models.DateTimeField(null=True)),
                ('checked', models.CharField(blank=True, max_length=120)),
                ('held', models.CharField(blank=True, choices=[('no_template', 'The window has closed and no template is set up'), ('opted_out', 'The citizen wants no messages that we start'), ('unreachable', "The citizen can't be reached on this channel any more")], max_length=12)),
            ],
            options={
                'indexes': [models.Index(condition=models.Q(('ended_at', None)), fields=['id'], name='watch_going_on'), models.Index(condition=models.Q(('ended_at', None)), fields=['subject'], name='watch_of_subject'), models.Index(condition=models.Q(('ended_at', None), models.Q(('held', ''), _negated=True)), fields=['held'], name='watch_held')],
                'constraints': [models.UniqueConstraint(fields=('contact', 'channel', 'subject'), name='watch_once')],
            },
        ),
    ]
