"""Words of messages for search, in the same segments as the log."""

import django.contrib.postgres.indexes
import django.contrib.postgres.search
import django.db.models.deletion
from django.db import migrations, models

FORWARD = """
CREATE TABLE conversations_searchline (
    conversation_id bigint NOT NULL,
    seq integer NOT NULL,
    words tsvector NOT NULL,
    PRIMARY KEY (conversation_id, seq)
) PARTITION BY RANGE (conversation_id);
CREATE INDEX search_words ON conversations_searchline USING gin (words);
CREATE TABLE conversations_searchline_other PARTITION OF conversations_searchline DEFAULT;
DO $$
DECLARE
    block record;
BEGIN
    FOR block IN
        SELECT replace(c.relname, 'conversations_event_b', 'conversations_searchline_b') AS name,
               pg_get_expr(c.relpartbound, c.oid) AS bounds
        FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
        WHERE i.inhparent = 'conversations_event'::regclass
          AND c.relname LIKE 'conversations\\_event\\_b%' LOOP
        EXECUTE format('CREATE TABLE %I PARTITION OF conversations_searchline %s',
                       block.name, block.bounds);
    END LOOP;
END
$$;
"""
BACKWARD = "DROP TABLE conversations_searchline"


class Migration(migrations.Migration):
    """Empty at first: the job that fills it begins with the oldest message."""

    dependencies = [("conversations", "0004_charge")]

    operations = [
        migrations.SeparateDatabaseAndState(
            database_operations=[migrations.RunSQL(FORWARD, BACKWARD)],
            state_operations=[
                migrations.CreateModel(
                    name="SearchLine",
                    fields=[
                        (
                            "pk",
                            models.CompositePrimaryKey(
                                "conversation_id",
                                "seq",
                                blank=True,
                                editable=False,
                                primary_key=True,
                                serialize=False,
                            ),
                        ),
                        ("seq", models.IntegerField()),
                        ("words", django.contrib.postgres.search.SearchVectorField()),
                        (
                            "conversation",
                            models.ForeignKey(
                                db_constraint=False,
                                db_index=False,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                to="conversations.conversation",
                            ),
                        ),
                    ],
                ),
                migrations.AddIndex(
                    "searchline",
                    django.contrib.postgres.indexes.GinIndex(
                        fields=["words"], name="search_words"
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="SearchMark",
            fields=[
                ("id", models.SmallIntegerField(default=1, primary_key=True, serialize=False)),
                ("upto", models.DateTimeField()),
            ],
        ),
        migrations.AddIndex(
            "conversation",
            models.Index(
                fields=["-priority", "waiting_since", "id"],
                condition=models.Q(status="waiting"),
                name="conversation_in_line",
            ),
        ),
        migrations.RemoveIndex("conversation", "conversation_with_bot"),
        migrations.AddIndex(
            "conversation",
            models.Index(
                fields=["-id"],
                condition=models.Q(status="bot"),
                name="conversation_held_by_bot",
            ),
        ),
    ]
