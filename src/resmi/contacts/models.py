"""People: a contact and their identities on channels."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q


class Contact(models.Model):
    """A citizen, whatever they write with.

    `tags` and `attributes` are the agency's own words for them; `value` weighs in routing.
    """

    name = models.CharField(max_length=200, blank=True)
    language = models.CharField(max_length=10, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    opted_out_at = models.DateTimeField(null=True)
    tags = ArrayField(models.CharField(max_length=40), default=list, blank=True, db_default=[])
    value = models.IntegerField(default=0, db_default=0)
    attributes = models.JSONField(default=dict, blank=True, db_default={})

    def __str__(self) -> str:
        return self.name or f"#{self.pk}"


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
