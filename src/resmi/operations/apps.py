"""Django's entry to the room."""

from django.apps import AppConfig


class OperationsConfig(AppConfig):
    """How the running system is: what is measured, what is alarming, who is told."""

    name = "resmi.operations"
    label = "operations"
    default_auto_field = "django.db.models.BigAutoField"
