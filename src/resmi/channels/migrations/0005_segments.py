"""Cuts what only grows into segments that can be dropped whole.

Inbound items by the week of the time their sender gave them, reports by blocks of conversation ids.
What was stored before is copied; on a large installation that takes minutes.
Indexes that no query used go with the old tables.
"""

import datetime

import django.db.models.deletion
from django.db import migrations, models
from django.db.models import F, Func, Value

INBOUND = """
ALTER TABLE channels_inbound RENAME TO channels_inbound_before;
CREATE TABLE channels_inbound (
    LIKE channels_inbound_before INCLUDING DEFAULTS,
    stamp timestamptz NOT NULL DEFAULT '1970-01-01 00:00:00+00'
) PARTITION BY RANGE (stamp);
ALTER TABLE channels_inbound ALTER COLUMN key TYPE varchar(400) COLLATE "C";
CREATE TABLE channels_inbound_undated PARTITION OF channels_inbound
    FOR VALUES FROM (MINVALUE) TO ('2000-01-01 00:00:00+00');
CREATE TABLE channels_inbound_other PARTITION OF channels_inbound DEFAULT;
DO $$
DECLARE
    week timestamp;
    oldest timestamptz;
BEGIN
    SELECT min(occurred_at) INTO oldest FROM channels_inbound_before
    WHERE occurred_at > now() - interval '400 days';
    week := date_trunc('week', least(coalesce(oldest, now()), now()) AT TIME ZONE 'UTC');
    WHILE week < (now() AT TIME ZONE 'UTC') + interval '35 days' LOOP
        EXECUTE format(
            'CREATE TABLE %I PARTITION OF channels_inbound FOR VALUES FROM (%L) TO (%L)',
            'channels_inbound_w' || to_char(week, 'YYYYMMDD'),
            to_char(week, 'YYYY-MM-DD') || ' 00:00:00+00',
            to_char(week + interval '7 days', 'YYYY-MM-DD') || ' 00:00:00+00');
        week := week + interval '7 days';
    END LOOP;
END
$$;
INSERT INTO channels_inbound (
    id, kind, subkind, key, contact_key, partition, occurred_at, received_at, raw, envelope,
    status, attempts, error, done_at, channel_id, stamp)
SELECT id, kind, subkind, key, contact_key, partition, occurred_at, received_at, raw, envelope,
    status, attempts, error, done_at, channel_id,
    CASE WHEN kind = 'result' AND key !~ '^failed:[^:]*:[0-9]+$' THEN '1970-01-01 00:00:00+00'
         ELSE coalesce(occurred_at, '1970-01-01 00:00:00+00') END
FROM channels_inbound_before;
DROP TABLE channels_inbound_before;
CREATE SEQUENCE channels_inbound_id_seq OWNED BY channels_inbound.id;
SELECT setval('channels_inbound_id_seq', coalesce(max(id), 0) + 1, false) FROM channels_inbound;
ALTER TABLE channels_inbound ALTER COLUMN id SET DEFAULT nextval('channels_inbound_id_seq');
ALTER TABLE channels_inbound ADD PRIMARY KEY (id, stamp);
ALTER TABLE channels_inbound ADD CONSTRAINT inbound_key UNIQUE (key, stamp);
CREATE INDEX inbound_to_do ON channels_inbound (partition, id) WHERE status = 'new';
CREATE INDEX inbound_for_people ON channels_inbound (id) WHERE status IN ('parked', 'unparsed');
ALTER TABLE channels_inbound ADD CONSTRAINT channels_inbound_channel_id_fk
    FOREIGN KEY (channel_id) REFERENCES channels_channel (id) DEFERRABLE INITIALLY DEFERRED;
"""

REPORTS = """
ALTER TABLE channels_deliveryreport RENAME TO channels_deliveryreport_before;
CREATE TABLE channels_deliveryreport (
    LIKE channels_deliveryreport_before INCLUDING DEFAULTS,
    conversation bigint NOT NULL DEFAULT 0
) PARTITION BY RANGE (conversation);
CREATE TABLE channels_deliveryreport_other PARTITION OF channels_deliveryreport DEFAULT;
DO $$
DECLARE
    newest bigint := 0;
    upper bigint;
BEGIN
    IF to_regclass('conversations_conversation') IS NOT NULL THEN
        EXECUTE 'SELECT coalesce(max(id), 0) FROM conversations_conversation' INTO newest;
    END IF;
    upper := (newest / 100000 + 1) * 100000;
    EXECUTE format(
        'CREATE TABLE %I PARTITION OF channels_deliveryreport FOR VALUES FROM (MINVALUE) TO (%s)',
        'channels_deliveryreport_b0', upper);
    FOR block IN 1..2 LOOP
        EXECUTE format(
            'CREATE TABLE %I PARTITION OF channels_deliveryreport FOR VALUES FROM (%s) TO (%s)',
            'channels_deliveryreport_b' || upper, upper, upper + 100000);
        upper := upper + 100000;
    END LOOP;
END
$$;
INSERT INTO channels_deliveryreport (
    id, status, at, received_at, data, delivery_id, conversation)
SELECT r.id, r.status, r.at, r.received_at, r.data, r.delivery_id, coalesce(d.conversation, 0)
FROM channels_deliveryreport_before r JOIN channels_delivery d ON d.id = r.delivery_id;
DROP TABLE channels_deliveryreport_before;
CREATE SEQUENCE channels_deliveryreport_id_seq OWNED BY channels_deliveryreport.id;
SELECT setval('channels_deliveryreport_id_seq', coalesce(max(id), 0) + 1, false)
FROM channels_deliveryreport;
ALTER TABLE channels_deliveryreport
    ALTER COLUMN id SET DEFAULT nextval('channels_deliveryreport_id_seq');
ALTER TABLE channels_deliveryreport ADD PRIMARY KEY (id, conversation);
CREATE INDEX report_of_delivery ON channels_deliveryreport (delivery_id);
"""


class Migration(migrations.Migration):
    """Moves the rows; there is no way back but a backup."""

    dependencies = [("channels", "0004_dropped")]

    operations = [
        migrations.SeparateDatabaseAndState(
            database_operations=[
                migrations.RunSQL("SET CONSTRAINTS ALL IMMEDIATE"),
                migrations.RunSQL(INBOUND),
                migrations.RunSQL(REPORTS),
            ],
            state_operations=[
                migrations.AddField(
                    "inbound",
                    "stamp",
                    models.DateTimeField(
                        db_default=datetime.datetime(1970, 1, 1, tzinfo=datetime.UTC)
                    ),
                ),
                migrations.AlterField(
                    "inbound", "key", models.CharField(db_collation="C", max_length=400)
                ),
                migrations.AlterField(
                    "inbound",
                    "channel",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="channels.channel",
                    ),
                ),
                migrations.AddConstraint(
                    "inbound",
                    models.UniqueConstraint(fields=["key", "stamp"], name="inbound_key"),
                ),
                migrations.AddField(
                    "deliveryreport", "conversation", models.BigIntegerField(db_default=0)
                ),
                migrations.AlterField(
                    "deliveryreport",
                    "delivery",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="reports",
                        to="channels.delivery",
                    ),
                ),
                migrations.AddIndex(
                    "deliveryreport", models.Index(fields=["delivery"], name="report_of_delivery")
                ),
            ],
        ),
        migrations.AlterField(
            "delivery",
            "channel",
            models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="channels.channel",
            ),
        ),
        migrations.AlterField("delivery", "ref", models.CharField(max_length=80)),
        migrations.AddConstraint(
            "delivery", models.UniqueConstraint(fields=["ref"], name="delivery_ref")
        ),
        migrations.RemoveIndex("delivery", "delivery_conversation"),
        migrations.AddIndex(
            "delivery",
            models.Index(
                F("conversation"),
                Func(
                    F("ref"),
                    Value("."),
                    Value(2),
                    function="split_part",
                    output_field=models.TextField(),
                ),
                name="delivery_of_line",
            ),
        ),
        migrations.AddIndex(
            "mediafile", models.Index(fields=["conversation"], name="media_of_conversation")
        ),
    ]
