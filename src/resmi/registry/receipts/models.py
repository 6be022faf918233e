"""Receipts of answers given."""

from __future__ import annotations

from django.db import models


class Receipt(models.Model):
    """An answer given, as signed. `statement` holds the signed bytes; columns repeat parts of it.

    `conversation` and `seq` name the event of an answer given in a conversation; they are null for
    the public check page. No foreign key: the log lies in a room above.
    """

    code = models.CharField(max_length=12, primary_key=True)
    conversation = models.BigIntegerField(null=True)
    seq = models.IntegerField(null=True)
    answered_at = models.DateTimeField(db_index=True)
    query = models.TextField()
    status = models.CharField(max_length=10)
    entity = models.CharField(max_length=64, blank=True)
    source = models.TextField()
    as_of = models.CharField(max_length=10)
    version = models.PositiveIntegerField()
    statement = models.BinaryField()
    key = models.CharField(max_length=16)
    signature = models.BinaryField()
    withdrawn_at = models.DateTimeField(null=True)
    withdrawn_reason = models.TextField(blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["conversation", "seq"], name="receipt_of_event_once")
        ]
        indexes = [
            models.Index(fields=["entity", "-answered_at"], name="receipt_of_entity"),
            models.Index(
                fields=["withdrawn_at"],
                condition=models.Q(withdrawn_at__isnull=False),
                name="receipt_withdrawn",
            ),
        ]

    def __str__(self) -> str:
        return self.code
