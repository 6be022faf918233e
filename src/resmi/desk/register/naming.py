"""What the register's columns, changes and moments are called."""

from __future__ import annotations

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

FIELDS: dict[str, str | Promise] = {
    "id": _("Id"),
    "name": _("Name"),
    "status": _("Status"),
    "legal_form": _("Legal form"),
    "licence_no": _("Licence number"),
    "licence_date": _("Licence date"),
    "scope": _("What the licence covers"),
    "website": _("Website"),
    "aliases": _("Other names"),
    "brands": _("Brands"),
    "former_names": _("Former names"),
    "emails": _("E-mail addresses"),
    "phones": _("Phone numbers"),
    "app_packages": _("App packages"),
    "note": _("Remark"),
    "owner": _("Owner"),
    "alias": _("Alias"),
    "brand": _("Brand"),
    "former": _("Former name"),
    "domain": _("Website"),
    "email": _("E-mail address"),
    "phone": _("Phone number"),
    "app": _("App package"),
}
MOMENTS: dict[str, tuple[str | Promise, str]] = {
    "listed": (_("Entered the list"), "plus"),
    "changed": (_("Changed"), "edit"),
    "vanished": (_("No longer on the list"), "close"),
    "returned": (_("On the list again"), "undo"),
    "added": (_("Added by staff"), "plus"),
    "hidden": (_("Taken out by staff"), "eye"),
    "restored": (_("Correction taken back"), "undo"),
}
STATUS: dict[str, tuple[str | Promise, str, str]] = {
    "licensed": (_("Licensed"), "healthy", "check"),
    "revoked": (_("Licence revoked"), "breach", "error"),
    "illegal": (_("On the warning list"), "breach", "warning"),
}
STATES: dict[str, tuple[str, str]] = {
    "columns": ("waiting", "edit"),
    "reading": ("info", "clock"),
    "ready": ("waiting", "eye"),
    "confirmed": ("healthy", "check"),
    "refused": ("breach", "error"),
    "discarded": ("plain", "close"),
}
