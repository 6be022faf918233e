"""Django's entry to the room."""

from importlib import import_module

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

from resmi.agency import navigation


class AgencyConfig(AppConfig):
    """Registers the room's tables and its places in the top bar."""

    name = "resmi.agency"
    label = "agency"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Adds the places, and listens to who signs in."""
        import_module("resmi.agency.signing")  # needs models, which are ready only now
        navigation.add(
            navigation.Place(
                name="agency:staff",
                label=_("Staff"),
                icon="users",
                permission="manage_staff",
                order=80,
            )
        )
        navigation.add(
            navigation.Place(
                name="agency:audit",
                label=_("Audit"),
                icon="audit",
                permission="see_audit",
                order=90,
            )
        )
