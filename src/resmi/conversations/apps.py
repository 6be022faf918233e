"""Django's entry to the room."""

from django.apps import AppConfig


class ConversationsConfig(AppConfig):
    """Registers the room's tables and checks."""

    name = "resmi.conversations"
    label = "conversations"
    default_auto_field = "django.db.models.BigAutoField"
