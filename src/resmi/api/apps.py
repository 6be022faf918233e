"""Django's entry to the room."""

from django.apps import AppConfig


class ApiConfig(AppConfig):
    """What people without an account and other programs may use."""

    name = "resmi.api"
    label = "api"
