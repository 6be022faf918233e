"""The log can only grow: the database itself refuses to change or delete an event."""

from django.db import migrations

FORWARD = """
CREATE FUNCTION conversations_event_is_final() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'events are append-only: % of %/% refused', TG_OP, OLD.conversation_id, OLD.seq
        USING ERRCODE = 'integrity_constraint_violation';
END
$$;
CREATE TRIGGER conversations_event_is_final BEFORE UPDATE OR DELETE ON conversations_event
    FOR EACH ROW EXECUTE FUNCTION conversations_event_is_final();
"""
BACKWARD = """
DROP TRIGGER conversations_event_is_final ON conversations_event;
DROP FUNCTION conversations_event_is_final();
"""


class Migration(migrations.Migration):
    """Adds the trigger."""

    dependencies = [("conversations", "0001_initial")]
    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
