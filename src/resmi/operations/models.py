"""Alarms, who is still to be told, when somebody last looked; how long what is kept."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now


class Alarm(models.Model):
    """Something alarming, from when it was first seen until it was over.

    `scope` is empty for what concerns the whole installation, else `host:NAME`. One alarm of a key
    is open at a time. `values` fill the words of its `kind` (`resmi.operations.wording`).
    """

    scope = models.CharField(max_length=200, blank=True)
    kind = models.CharField(max_length=40)
    key = models.CharField(max_length=400)
    level = models.CharField(max_length=10)
    values = models.JSONField(default=dict)
    opened_at = models.DateTimeField(db_default=Now())
    seen_at = models.DateTimeField(db_default=Now())
    closed_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["key"], condition=Q(closed_at=None), name="one_open_alarm_of_a_key"
            )
        ]

    def __str__(self) -> str:
        return self.key


class Notice(models.Model):
    """Word of an alarm on its way to people: `what` is opened or closed, `way` mail or webhook."""

    alarm = models.ForeignKey(Alarm, on_delete=models.CASCADE, related_name="notices")
    what = models.CharField(max_length=10)
    way = models.CharField(max_length=10)
    attempts = models.PositiveSmallIntegerField(default=0)
    not_before = models.DateTimeField(db_default=Now())
    sent_at = models.DateTimeField(null=True)
    given_up_at = models.DateTimeField(null=True)
    error = models.TextField(blank=True)

    class Meta:
        indexes = [
            models.Index(
                fields=["id"],
                condition=Q(sent_at=None, given_up_at=None),
                name="notice_to_send",
            )
        ]

    def __str__(self) -> str:
        return f"{self.alarm_id} {self.what} {self.way}"


class Round(models.Model):
    """When the conditions of a scope were last looked at, by whichever process did."""

    scope = models.CharField(max_length=200, primary_key=True)
    at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.scope or 'all'} {self.at}"


class RetentionPolicy(models.Model):
    """How many days what came in and conversations are kept; null: for ever. One row."""

    id = models.SmallIntegerField(primary_key=True, default=1)
    inbound_days = models.PositiveIntegerField(null=True)
    conversation_days = models.PositiveIntegerField(null=True)

    def __str__(self) -> str:
        return f"{self.inbound_days} {self.conversation_days}"


class Hold(models.Model):
    """Everything of a contact (its id) is kept whatever the policy says, until it is released."""

    contact = models.BigIntegerField()
    reason = models.TextField()
    placed_at = models.DateTimeField(db_default=Now())
    released_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["contact"], condition=Q(released_at=None), name="one_hold_of_a_contact"
            )
        ]

    def __str__(self) -> str:
        return f"contact {self.contact}"
