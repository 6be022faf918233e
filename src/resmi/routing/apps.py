"""Django's entry to the room."""

from django.apps import AppConfig


class RoutingConfig(AppConfig):
    """Registers the room's tables and checks."""

    name = "resmi.routing"
    label = "routing"
    default_auto_field = "django.db.models.BigAutoField"
