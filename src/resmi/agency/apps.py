"""Django's entry to the room."""

from django.apps import AppConfig


class AgencyConfig(AppConfig):
    """Registers the room's tables and checks."""

    name = "resmi.agency"
    label = "agency"
    default_auto_field = "django.db.models.BigAutoField"
