"""The register: lists of licensed and illegal entities, with every version we ever knew.

A list (`Register`) is replaced as a whole by each import (`Release`). An entity that changed gets
a new row and the old one is closed, so what we knew at any release can be read back:
`since <= release` and (`until` empty or `until > release`). Rows with an empty `until` are in
force. Undoing an import is a new release that restores what stood before; a correction by staff is
one too, and lies over whatever later imports bring. A file on its way into the register is a
`Staged` import with its rows: nothing of it counts until somebody confirms it.
"""

from __future__ import annotations

from django.conf import settings
from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVector
from django.db import models
from django.db.models import Q
from django.db.models.functions import Collate, Upper
from django.utils.translation import gettext_lazy as _

from resmi.registry.receipts.models import Receipt as Receipt
from resmi.registry.watches.models import Watch as Watch


def prefixes(field: str) -> Collate:
    """A text as it is found by its beginning, whatever its case; sorts by code points."""
    return Collate(Upper(field), "C")


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


class ReleaseKind(models.TextChoices):
    """What made a release."""

    IMPORT = "import", _("Import")
    UNDO = "undo", _("Undo")
    CORRECTION = "correction", _("Correction")


class Register(models.Model):
    """A list kept by an authority. `source` is shown to citizens beside every answer.

    `format`, `mapping` and `options` are how its last file was read (`importing.formats`).
    `feed` is an address or folder looked at every `every_hours` (0: never), `feed_etag` what was
    last seen there, `trouble` why the last look failed, `verified_on` when the address last gave
    the very list in force. People are told when that is more than `stale_days` ago (`ageing`).
    """

    source = models.CharField(max_length=200, unique=True)
    authority = models.CharField(max_length=200)
    format = models.CharField(max_length=10, blank=True)
    mapping = models.JSONField(default=dict)
    options = models.JSONField(default=dict)
    feed = models.CharField(max_length=500, blank=True)
    feed_etag = models.CharField(max_length=200, blank=True)
    every_hours = models.PositiveSmallIntegerField(default=0)
    checked_at = models.DateTimeField(null=True)
    trouble = models.TextField(blank=True)
    verified_on = models.DateField(null=True)
    stale_days = models.PositiveSmallIntegerField(default=35)

    def __str__(self) -> str:
        return self.source


class Release(models.Model):
    """One import of one list. `version` counts over all lists; answers cite it.

    `reason` is what somebody typed to let a braked import through, to undo or to correct.
    """

    version = models.PositiveIntegerField(unique=True)
    register = models.ForeignKey(Register, on_delete=models.PROTECT, related_name="releases")
    as_of = models.DateField()
    imported_at = models.DateTimeField(auto_now_add=True)
    imported_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    kind = models.CharField(max_length=10, choices=ReleaseKind, default=ReleaseKind.IMPORT)
    reason = models.TextField(blank=True)
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
        indexes = [
            models.Index(fields=["external_id", "since"]),
            models.Index(fields=["register", "name"], condition=Q(until=None), name="entity_list"),
            models.Index(
                Upper("licence_no"), condition=Q(until=None), name="entity_licence_in_force"
            ),
            models.Index(
                prefixes("licence_no"), condition=Q(until=None), name="entity_licence_begins"
            ),
        ]

    def __str__(self) -> str:
        return self.name


class EntityName(models.Model):
    """A name of an entity besides its legal one (which is repeated here, so that all are)."""

    entity = models.ForeignKey(Entity, on_delete=models.CASCADE, related_name="names")
    name = models.CharField(max_length=300)
    kind = models.CharField(max_length=10, choices=NameKind)

    class Meta:
        indexes = [
            GinIndex(SearchVector("name", config="simple"), name="entity_name_words"),
            models.Index(prefixes("name"), name="entity_name_begins"),
        ]

    def __str__(self) -> str:
        return self.name


class Identifier(models.Model):
    """A domain, address, number or app of an entity."""

    entity = models.ForeignKey(Entity, on_delete=models.CASCADE, related_name="identifiers")
    kind = models.CharField(max_length=10, choices=IdentifierKind)
    value = models.CharField(max_length=500)

    class Meta:
        indexes = [GinIndex(SearchVector("value", config="simple"), name="identifier_words")]

    def __str__(self) -> str:
        return self.value


class CorrectionField(models.TextChoices):
    """What staff can add to an entity or take out of it: one of its names or identifiers."""

    ALIAS = "alias", _("Alias")
    BRAND = "brand", _("Brand")
    FORMER = "former", _("Former name")
    DOMAIN = "domain", _("Website")
    EMAIL = "email", _("E-mail address")
    PHONE = "phone", _("Phone number")
    APP = "app", _("App package")


class Correction(models.Model):
    """A name or identifier staff added (`hides` false) or took out; imports do not touch it.

    In force while `until` is empty, like an entity's row; undoing it closes it.
    """

    register = models.ForeignKey(Register, on_delete=models.PROTECT, related_name="corrections")
    external_id = models.CharField(max_length=64)
    field = models.CharField(max_length=10, choices=CorrectionField)
    value = models.CharField(max_length=500)
    hides = models.BooleanField(default=False)
    reason = models.TextField()
    since = models.ForeignKey(Release, on_delete=models.PROTECT, related_name="+")
    until = models.ForeignKey(Release, null=True, on_delete=models.PROTECT, related_name="+")
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    made_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["external_id", "field", "value"],
                condition=Q(until=None),
                name="correction_in_force_once",
            )
        ]
        indexes = [models.Index(fields=["external_id", "-made_at"])]

    def __str__(self) -> str:
        return f"{self.external_id}: {'-' if self.hides else '+'}{self.value}"


class StagedState(models.TextChoices):
    """Where a file on its way into the register stands."""

    COLUMNS = "columns", _("Columns to be named")
    READING = "reading", _("Being read")
    READY = "ready", _("Waits for confirmation")
    CONFIRMED = "confirmed", _("In force")
    REFUSED = "refused", _("Refused")
    DISCARDED = "discarded", _("Discarded")


class Staged(models.Model):
    """A file on its way into the register: read, compared, and then confirmed or not.

    `base` is the version of the list it was compared with (0: none). `done` of `size` bytes are
    read, up to row `last_row`; rows come in batches, so that reading goes on after an
    interruption. `problems` holds the first faults as [row, column, message, values], `skipped`
    counts details that could not be read and were left out, with samples in `remarks`. `brakes`
    are the reasons why a human must look first. `fed` means that it came by itself.
    """

    source = models.CharField(max_length=200)
    authority = models.CharField(max_length=200)
    as_of = models.DateField()
    state = models.CharField(max_length=10, choices=StagedState, default=StagedState.COLUMNS)
    format = models.CharField(max_length=10)
    mapping = models.JSONField(default=dict)
    options = models.JSONField(default=dict)
    filename = models.CharField(max_length=200)
    file = models.FileField(upload_to="register/%Y/%m", max_length=200)
    sha256 = models.CharField(max_length=64)
    size = models.BigIntegerField()
    done = models.BigIntegerField(default=0)
    last_row = models.PositiveIntegerField(default=0)
    rows = models.PositiveIntegerField(default=0)
    licensed = models.PositiveIntegerField(default=0)
    revoked = models.PositiveIntegerField(default=0)
    illegal = models.PositiveIntegerField(default=0)
    added = models.PositiveIntegerField(default=0)
    changed = models.PositiveIntegerField(default=0)
    vanished = models.PositiveIntegerField(default=0)
    in_force = models.PositiveIntegerField(default=0)
    base = models.PositiveIntegerField(default=0)
    problems = models.JSONField(default=list)
    problem_count = models.PositiveIntegerField(default=0)
    skipped = models.PositiveIntegerField(default=0)
    remarks = models.JSONField(default=list)
    brakes = models.JSONField(default=list)
    release = models.OneToOneField(Release, null=True, on_delete=models.PROTECT, related_name="+")
    staged_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    fed = models.BooleanField(default=False)
    staged_at = models.DateTimeField(auto_now_add=True)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["state", "-id"])]

    def __str__(self) -> str:
        return f"{self.filename} ({self.state})"


class StagedRow(models.Model):
    """One row of a staged file, or an entity in force that the file lacks (`vanished`).

    `data` is the `reading.Row` as JSON; null for rows that change nothing and for vanished ones.
    """

    staged = models.ForeignKey(Staged, on_delete=models.CASCADE, related_name="staged_rows")
    number = models.PositiveIntegerField()
    external_id = models.CharField(max_length=64)
    change = models.CharField(max_length=10)
    data = models.JSONField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["staged", "external_id"], name="staged_id_once")
        ]
        indexes = [models.Index(fields=["staged", "change", "number"], name="staged_change")]

    def __str__(self) -> str:
        return f"{self.change} {self.external_id}"


class FalseAnswer(models.Model):
    """Somebody says that an answer was wrong. `verdict` is the answer as it was given.

    `conversation` and `seq` name its line in the log. No foreign key: the log lies in a room above.
    `outcome` is empty while nobody has looked at it; `decision` says what was done.
    """

    class Outcome(models.TextChoices):
        """What came of it."""

        FIXED = "fixed", _("Mended")
        RIGHT = "right", _("The answer was right")

    query = models.TextField()
    verdict = models.JSONField()
    version = models.PositiveIntegerField()
    conversation = models.BigIntegerField(null=True)
    seq = models.IntegerField(null=True)
    comment = models.TextField(blank=True)
    reported_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    reported_at = models.DateTimeField(auto_now_add=True)
    outcome = models.CharField(max_length=10, choices=Outcome, blank=True)
    decision = models.TextField(blank=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    decided_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["conversation", "seq"], name="false_answer_once")
        ]
        indexes = [models.Index(fields=["outcome", "-reported_at"])]

    def __str__(self) -> str:
        return self.query


class Lookup(models.Model):
    """How often a name was asked about on one day, counted from the answers given.

    `key` is the folded name (`language.normalising.squash`), `name` how it was typed most, `status`
    the answer; `asked` counts answers, `people` conversations and visitors.
    """

    day = models.DateField()
    key = models.CharField(max_length=200)
    name = models.CharField(max_length=200)
    status = models.CharField(max_length=10)
    asked = models.PositiveIntegerField()
    people = models.PositiveIntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["day", "key"], name="lookup_of_day_once")]

    def __str__(self) -> str:
        return f"{self.day} {self.name}: {self.people}"
