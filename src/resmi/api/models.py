"""How much each visitor has asked lately, shared by all web processes."""

from __future__ import annotations

from django.db import models


class Visitor(models.Model):
    """A token bucket. `key` is a keyed digest of the address, so that no address is stored."""

    key = models.CharField(max_length=32, primary_key=True)
    tokens = models.FloatField()
    at = models.DateTimeField(db_index=True)

    def __str__(self) -> str:
        return self.key
