"""Django's entry to the room."""

from django.apps import AppConfig


class RegistryConfig(AppConfig):
    """Registers the room's tables and checks."""

    name = "resmi.registry"
    label = "registry"
    default_auto_field = "django.db.models.BigAutoField"
