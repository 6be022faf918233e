"""People: a contact and their identities on channels."""

from __future__ import annotations

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVectorField
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class Contact(models.Model):
    """A citizen, whatever they write with.

    `tags` and `attributes` are the agency's own words for them; `value` weighs in routing. One that
    is `merged_into` another has nothing of its own any more; it stays so that this can be undone.
    `note` is what colleagues should know of them. Since `erased_at` nothing here tells who it was,
    and no screen shows their conversations.
    """

    name = models.CharField(max_length=200, blank=True)
    language = models.CharField(max_length=10, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    opted_out_at = models.DateTimeField(null=True)
    tags = ArrayField(models.CharField(max_length=40), default=list, blank=True, db_default=[])
    value = models.IntegerField(default=0, db_default=0)
    attributes = models.JSONField(default=dict, blank=True, db_default={})
    note = models.TextField(blank=True, default="", db_default="")
    erased_at = models.DateTimeField(null=True)
    merged_into = models.ForeignKey(
        "self", null=True, on_delete=models.PROTECT, related_name="absorbed", db_index=False
    )
    split_from = models.ForeignKey(
        "self", null=True, on_delete=models.PROTECT, related_name="split_off", db_index=False
    )

    class Meta:
        # Few have tags: what is in use is found without reading everybody.
        indexes = [
            models.Index(fields=["id"], condition=~Q(tags=[]), name="contact_tagged"),
            models.Index(
                fields=["merged_into"],
                condition=Q(merged_into__isnull=False),
                name="contact_absorbed",
            ),
            models.Index(
                fields=["split_from"], condition=Q(split_from__isnull=False), name="contact_split"
            ),
        ]

    def __str__(self) -> str:
        return self.name or f"#{self.pk}"


class AttributeKind(models.Model):
    """Something the agency notes of citizens. `choices` are what a `choice` may be."""

    class Kind(models.TextChoices):
        """What may stand in it."""

        TEXT = "text", pgettext_lazy("what may stand in it", "Text")
        NUMBER = "number", _("Number")
        DATE = "date", _("Date")
        CHOICE = "choice", _("Choice")

    key = models.SlugField(unique=True)
    name = models.CharField(max_length=60)
    kind = models.CharField(max_length=10, choices=Kind)
    choices = ArrayField(models.CharField(max_length=60), default=list, blank=True)
    is_active = models.BooleanField(default=True)

    def __str__(self) -> str:
        return self.name


class Identity(models.Model):
    """How a channel knows a contact.

    On WhatsApp the key is `user_id`, scoped to the business portfolio in `scope`; `phone` (digits,
    no plus) may be absent, may change and may come first. At least one of the two is set.
    """

    contact = models.ForeignKey(Contact, on_delete=models.CASCADE, related_name="identities")
    kind = models.CharField(max_length=20)
    scope = models.CharField(max_length=100, blank=True)
    user_id = models.CharField(max_length=200, null=True)
    parent_user_id = models.CharField(max_length=200, blank=True)
    phone = models.CharField(max_length=32, null=True)
    username = models.CharField(max_length=100, blank=True)
    profile_name = models.CharField(max_length=200, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        constraints = [
            # What tells people apart comes first: no plan can read all of a scope to find one.
            models.UniqueConstraint(
                fields=["user_id", "scope", "kind"],
                condition=Q(user_id__isnull=False),
                name="identity_of_user_id",
            ),
            models.UniqueConstraint(
                fields=["phone", "scope", "kind"],
                condition=Q(phone__isnull=False),
                name="identity_of_phone",
            ),
            models.CheckConstraint(
                condition=Q(user_id__isnull=False) | Q(phone__isnull=False),
                name="identity_has_a_key",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind}:{self.user_id or self.phone}"


class ConsentWording(models.Model):
    """One version of what the agency asks citizens to consent to; the newest is asked.

    `texts` by language. A version never changes: what somebody consented to can be read again.
    """

    version = models.PositiveIntegerField(unique=True)
    texts = models.JSONField()
    at = models.DateTimeField(db_default=Now())
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )

    def __str__(self) -> str:
        return f"#{self.version}"


class Consent(models.Model):
    """That a citizen was asked for consent, what they said, and when they took it back.

    `language` is the text of the wording they were asked with. `conversation` and `channel` (their
    ids) are where it was asked or noted, `by` who asked or noted it, nobody: the bot. Without
    `answered_at` no answer is known yet.
    """

    class How(models.TextChoices):
        """In what way they were asked."""

        WRITTEN = "written", _("In this conversation")
        SPOKEN = "spoken", _("On the telephone or in person")
        PAPER = "paper", _("On paper")

    class Answer(models.TextChoices):
        """What they said."""

        GIVEN = "given", _("Agreed")
        REFUSED = "refused", _("Declined")

    contact = models.ForeignKey(Contact, on_delete=models.CASCADE, related_name="consents")
    wording = models.ForeignKey(ConsentWording, on_delete=models.PROTECT, related_name="consents")
    language = models.CharField(max_length=10)
    how = models.CharField(max_length=10, choices=How)
    conversation = models.BigIntegerField(null=True)
    channel = models.BigIntegerField(null=True)
    asked_at = models.DateTimeField(db_default=Now())
    answer = models.CharField(max_length=10, choices=Answer, blank=True)
    answered_at = models.DateTimeField(null=True)
    withdrawn_at = models.DateTimeField(null=True)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(answer="", answered_at=None)
                | (~Q(answer="") & Q(answered_at__isnull=False)),
                name="consent_answered_at_a_time",
            ),
            models.CheckConstraint(
                condition=Q(withdrawn_at=None) | Q(answer="given"),
                name="consent_withdrawn_after_given",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.contact_id} #{self.wording_id} {self.answer}"

    @property
    def text(self) -> str:
        """The wording as they were asked."""
        return str(self.wording.texts.get(self.language, ""))

    @property
    def standing(self) -> str:
        """`asked`, `given`, `refused` or `withdrawn`."""
        return "withdrawn" if self.withdrawn_at else self.answer or "asked"


class Rearrangement(models.Model):
    """Two contacts made one (`merge`), or one made two (`split`), with what it takes to undo it.

    `moved` holds the keys of what went over, by table; `before` and `after` the facts of both.
    """

    kind = models.CharField(max_length=10)
    keep = models.ForeignKey(Contact, on_delete=models.PROTECT, related_name="rearrangements")
    other = models.ForeignKey(Contact, on_delete=models.PROTECT, related_name="+")
    moved = models.JSONField(default=dict)
    before = models.JSONField(default=dict)
    after = models.JSONField(default=dict)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    at = models.DateTimeField(db_default=Now())
    undone_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"{self.kind} {self.keep_id} {self.other_id}"


class NameLine(models.Model):
    """What a contact is found by; see `resmi.contacts.findable`."""

    contact = models.OneToOneField(
        Contact,
        primary_key=True,
        on_delete=models.CASCADE,
        related_name="+",
        db_constraint=False,
    )
    words = SearchVectorField()

    class Meta:
        # Written in the background: without a list of pending entries every search costs the same.
        indexes = [GinIndex(fields=["words"], name="contact_words", fastupdate=False)]

    def __str__(self) -> str:
        return f"{self.contact_id}"


class NameDue(models.Model):
    """A contact that changed, or is new, and has to be put into search; written by triggers."""

    contact_id = models.BigIntegerField()

    def __str__(self) -> str:
        return f"{self.contact_id}"
