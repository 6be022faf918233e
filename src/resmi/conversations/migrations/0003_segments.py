"""Cuts the log into segments by blocks of conversation ids; the present log becomes the first.

Nothing is copied. The trigger that makes events final now stands on every segment, so a segment can
only be dropped whole. The foreign key goes: a line is written by the transaction that holds its
conversation's row, and checking every line costs almost as much as writing it.
"""

import django.db.models.deletion
from django.db import migrations, models

FORWARD = """
DROP TRIGGER conversations_event_is_final ON conversations_event;
DO $$
DECLARE
    odd record;
BEGIN
    FOR odd IN SELECT conname FROM pg_constraint
        WHERE conrelid = 'conversations_event'::regclass AND contype = 'f' LOOP
        EXECUTE format('ALTER TABLE conversations_event DROP CONSTRAINT %I', odd.conname);
    END LOOP;
    FOR odd IN SELECT indexrelid::regclass AS name FROM pg_index
        WHERE indrelid = 'conversations_event'::regclass AND NOT indisprimary
        AND indnatts = 1 LOOP
        EXECUTE format('DROP INDEX %s', odd.name);
    END LOOP;
END
$$;
ALTER TABLE conversations_event RENAME TO conversations_event_b0;
ALTER INDEX event_type_at RENAME TO conversations_event_b0_type_at_idx;
ALTER TABLE conversations_event_b0
    RENAME CONSTRAINT conversations_event_pkey TO conversations_event_b0_pkey;
CREATE TABLE conversations_event (LIKE conversations_event_b0 INCLUDING DEFAULTS)
    PARTITION BY RANGE (conversation_id);
ALTER TABLE conversations_event ADD PRIMARY KEY (conversation_id, seq);
CREATE INDEX event_type_at ON conversations_event (type, at);
DO $$
DECLARE
    upper bigint;
BEGIN
    SELECT (coalesce(max(id), 0) / 100000 + 1) * 100000 INTO upper FROM conversations_conversation;
    EXECUTE format(
        'ALTER TABLE conversations_event ATTACH PARTITION conversations_event_b0 '
        'FOR VALUES FROM (MINVALUE) TO (%s)', upper);
    FOR block IN 1..2 LOOP
        EXECUTE format(
            'CREATE TABLE %I PARTITION OF conversations_event FOR VALUES FROM (%s) TO (%s)',
            'conversations_event_b' || upper, upper, upper + 100000);
        upper := upper + 100000;
    END LOOP;
END
$$;
CREATE TABLE conversations_event_other PARTITION OF conversations_event DEFAULT;
CREATE TRIGGER conversations_event_is_final BEFORE UPDATE OR DELETE ON conversations_event
    FOR EACH ROW EXECUTE FUNCTION conversations_event_is_final();
"""


class Migration(migrations.Migration):
    """Attaches the table as it is; there is no way back but a backup."""

    dependencies = [("channels", "0005_segments"), ("conversations", "0002_append_only")]

    operations = [
        migrations.SeparateDatabaseAndState(
            database_operations=[
                migrations.RunSQL("SET CONSTRAINTS ALL IMMEDIATE"),
                migrations.RunSQL(FORWARD),
            ],
            state_operations=[
                migrations.AlterField(
                    "event",
                    "conversation",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="events",
                        to="conversations.conversation",
                    ),
                )
            ],
        )
    ]
