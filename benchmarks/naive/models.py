"""What the naive handler stores."""

from __future__ import annotations

from django.db import models


class Contact(models.Model):
    """Somebody who writes."""

    number = models.CharField(max_length=30, unique=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        app_label = "naive"

    def __str__(self) -> str:
        return self.number


class Conversation(models.Model):
    """What the bot and a contact have said, and where their dialogue stands."""

    contact = models.ForeignKey(Contact, on_delete=models.CASCADE, related_name="conversations")
    status = models.CharField(max_length=20, default="bot")
    language = models.CharField(max_length=10, blank=True)
    dialogue = models.JSONField(default=dict)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        app_label = "naive"

    def __str__(self) -> str:
        return f"{self.contact_id} {self.status}"


class Event(models.Model):
    """One thing that happened in a conversation."""

    conversation = models.ForeignKey(Conversation, on_delete=models.CASCADE, related_name="events")
    type = models.CharField(max_length=40)
    data = models.JSONField()
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        app_label = "naive"

    def __str__(self) -> str:
        return f"{self.conversation_id} {self.type}"


class Message(models.Model):
    """A citizen's message."""

    wamid = models.CharField(max_length=200, unique=True)
    conversation = models.ForeignKey(
        Conversation, on_delete=models.CASCADE, related_name="messages"
    )
    raw = models.JSONField()
    received_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        app_label = "naive"

    def __str__(self) -> str:
        return self.wamid


class Reply(models.Model):
    """An answer of ours and what became of it."""

    message = models.ForeignKey(Message, on_delete=models.CASCADE, related_name="replies")
    payload = models.JSONField()
    wamid = models.CharField(max_length=200, null=True, unique=True)
    status = models.CharField(max_length=20, blank=True)

    class Meta:
        app_label = "naive"

    def __str__(self) -> str:
        return f"{self.message_id} {self.status}"


class Status(models.Model):
    """One status of a reply, as reported."""

    reply = models.ForeignKey(Reply, on_delete=models.CASCADE, related_name="statuses")
    status = models.CharField(max_length=20)
    raw = models.JSONField()
    received_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        app_label = "naive"

    def __str__(self) -> str:
        return f"{self.reply_id} {self.status}"
