"""Django's entry to the room."""

from django.apps import AppConfig


class BotConfig(AppConfig):
    """Makes the room's templates, static files and checks known."""

    name = "resmi.bot"
    label = "bot"
