"""What the naive handler stores."""

from __future__ import annotations

from django.db import models


class Message(models.Model):
    """A citizen's message and our answer to it."""

    wamid = models.CharField(max_length=200, unique=True)
    sender = models.CharField(max_length=30, db_index=True)
    body = models.TextField()
    received_at = models.DateTimeField(auto_now_add=True)
    answer = models.TextField(blank=True)
    answer_wamid = models.CharField(max_length=200, null=True, unique=True)
    status = models.CharField(max_length=20, blank=True)

    class Meta:
        app_label = "naive"

    def __str__(self) -> str:
        return self.wamid


class Status(models.Model):
    """One status of an answer, as reported."""

    message = models.ForeignKey(Message, on_delete=models.CASCADE, related_name="statuses")
    status = models.CharField(max_length=20)
    received_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        app_label = "naive"

    def __str__(self) -> str:
        return f"{self.message_id} {self.status}"
