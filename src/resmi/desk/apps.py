"""Django's entry to the room."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

from resmi.agency import navigation, trail


class DeskConfig(AppConfig):
    """Makes the room's templates and static files known, and its places in the top bar."""

    name = "resmi.desk"
    label = "desk"

    def ready(self) -> None:
        """Adds the places and the words of the audit trail."""
        navigation.add(
            navigation.Place(
                name="desk:desk",
                label=_("Desk"),
                icon="chat",
                permission="serve_citizens",
                order=20,
            )
        )
        navigation.add(
            navigation.Place(
                name="desk:floor",
                label=_("Floor"),
                icon="floor",
                permission="watch_floor",
                order=10,
            )
        )
        trail.add_words(
            {
                "conversation_read": _("Read a conversation they do not hold"),
                "phone_revealed": _("Looked at a phone number"),
                "inbound_replayed": _("Replayed an inbound item"),
                "inbound_viewed": _("Looked at a raw inbound item"),
            }
        )
