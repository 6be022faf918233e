"""Django's entry to the room."""

from django.apps import AppConfig


class ContactsConfig(AppConfig):
    """Registers the room's tables and checks."""

    name = "resmi.contacts"
    label = "contacts"
    default_auto_field = "django.db.models.BigAutoField"
