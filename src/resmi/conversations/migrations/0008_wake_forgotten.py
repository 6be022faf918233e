"""Wakes conversations with the bot that nothing would end.

Who had left a queue for the menu and then fell silent stayed with the bot for good, and kept what
is older than the agency keeps. Woken too early, a conversation asks to be woken again.
"""

from django.db import migrations

WAKE = """
    INSERT INTO conversations_timer (conversation_id, kind, due_at)
    SELECT c.id, 'bot_idle', now() FROM conversations_conversation c
    WHERE c.status = 'bot' AND NOT EXISTS (
        SELECT 1 FROM conversations_timer t
        WHERE t.conversation_id = c.id AND t.kind = 'bot_idle')
    ON CONFLICT (conversation_id, kind) DO NOTHING
"""


class Migration(migrations.Migration):
    dependencies = [("conversations", "0007_team")]
    operations = [migrations.RunSQL(WAKE, migrations.RunSQL.noop)]
