"""The register: lists of licensed and illegal entities, with every version we ever knew.

A list (`Register`) is replaced as a whole by each import (`Release`). An entity that changed gets
a new row and the old one is closed, so what we knew at any release can be read back:
`since <= release` and (`until` empty or `until > release`). Rows with an empty `until` are in
force.
"""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from resmi.registry.receipts.models import Receipt as Receipt
from resmi.registry.watches.models import Watch as Watch


class EntityStatus(models.TextChoices):
    """What the authority says about an entity."""

    LICENSED = "licensed", _("Licensed")
    REVOKED = "revoked", _("Licence revoked")
    ILLEGAL = "illegal", _("Illegal")


class EntityKind(models.TextChoices):
    """Whether an entity stands in the register of licence holders or on the warning list."""

    LICENSED = "licensed", _("Licence holder")
    ILLEGAL = "illegal", _("Illegal operator")


class NameKind(models.TextChoices):
    """How an entity comes by a name."""

    LEGAL = "legal", _("Legal name")
    BRAND = "brand", _("Brand")
    ALIAS = "alias", _("Alias")
    FORMER = "former", _("Former name")


class IdentifierKind(models.TextChoices):
    """What else points to an entity. Values are stored as the list gave them."""

    DOMAIN = "domain", _("Website")
    EMAIL = "email", _("E-mail address")
    PHONE = "phone", _("Phone number")
    APP = "app", _("App package")


class Register(models.Model):
    """A list kept by an authority. `source` is shown to citizens beside every answer."""

    source = models.CharField(max_length=200, unique=True)
    authority = models.CharField(max_length=200)

    def __str__(self) -> str:
        return self.source


class Release(models.Model):
    """One import of one list. `version` counts over all lists; answers cite it."""

    version = models.PositiveIntegerField(unique=True)
    register = models.ForeignKey(Register, on_delete=models.PROTECT, related_name="releases")
    as_of = models.DateField()
    imported_at = models.DateTimeField(auto_now_add=True)
    imported_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    sha256 = models.CharField(max_length=64)
    rows = models.PositiveIntegerField()
    licensed = models.PositiveIntegerField(default=0)
    revoked = models.PositiveIntegerField(default=0)
    illegal = models.PositiveIntegerField(default=0)
    added = models.PositiveIntegerField(default=0)
    changed = models.PositiveIntegerField(default=0)
    vanished = models.PositiveIntegerField(default=0)

    def __str__(self) -> str:
        return f"{self.register} {self.as_of} (version {self.version})"


class Entity(models.Model):
    """A company, app or person on a list, as one span of releases knew it.

    `scope` says what the licence covers; `note` is the list's own remark; `digest` is of the row
    it was read from and tells whether a later import changed it.
    """

    register = models.ForeignKey(Register, on_delete=models.PROTECT, related_name="entities")
    since = models.ForeignKey(Release, on_delete=models.PROTECT, related_name="begun")
    until = models.ForeignKey(Release, null=True, on_delete=models.PROTECT, related_name="ended")
    external_id = models.CharField(max_length=64)
    kind = models.CharField(max_length=10, choices=EntityKind)
    status = models.CharField(max_length=10, choices=EntityStatus)
    name = models.CharField(max_length=300)
    legal_form = models.CharField(max_length=40, blank=True)
    licence_no = models.CharField(max_length=100, blank=True)
    licence_date = models.DateField(null=True)
    scope = models.CharField(max_length=500, blank=True)
    website = models.CharField(max_length=500, blank=True)
    note = models.TextField(blank=True)
    owner = models.CharField(max_length=300, blank=True)
    digest = models.CharField(max_length=32)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["external_id"], condition=Q(until=None), name="entity_id_in_force_once"
            )
        ]
        indexes = [models.Index(fields=["external_id", "since"])]

    def __str__(self) -> str:
        return self.name


class EntityName(models.Model):
    """A name of an entity besides its legal one (which is repeated here, so that all are)."""

    entity = models.ForeignKey(Entity, on_delete=models.CASCADE, related_name="names")
    name = models.CharField(max_length=300)
    kind = models.CharField(max_length=10, choices=NameKind)

    def __str__(self) -> str:
        return self.name


class Identifier(models.Model):
    """A domain, address, number or app of an entity."""

    entity = models.ForeignKey(Entity, on_delete=models.CASCADE, related_name="identifiers")
    kind = models.CharField(max_length=10, choices=IdentifierKind)
    value = models.CharField(max_length=500)

    def __str__(self) -> str:
        return self.value
