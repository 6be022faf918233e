"""Django's entry to the room."""

from django.apps import AppConfig


class ChannelsConfig(AppConfig):
    """Registers the room's tables and checks."""

    name = "resmi.channels"
    label = "channels"
    default_auto_field = "django.db.models.BigAutoField"
