"""Queues, skills, and where each agent stands."""

from __future__ import annotations

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now


class Queue(models.Model):
    """Where conversations wait for an agent. Times in seconds."""

    key = models.SlugField(unique=True)
    name = models.CharField(max_length=100)
    skills = ArrayField(models.CharField(max_length=40), default=list, blank=True)
    priority = models.SmallIntegerField(default=0)
    offer_s = models.PositiveIntegerField(default=30)
    target_s = models.PositiveIntegerField(default=60)
    handle_s = models.PositiveIntegerField(default=300)

    def __str__(self) -> str:
        return self.name


class AgentSkill(models.Model):
    """What an agent can do, including languages as `lang:id`."""

    agent = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="skills"
    )
    skill = models.CharField(max_length=40)
    level = models.PositiveSmallIntegerField(default=1)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["agent", "skill"], name="agent_skill")]

    def __str__(self) -> str:
        return f"{self.agent_id} {self.skill}"


class PresenceStatus(models.TextChoices):
    """Whether an agent takes work."""

    AVAILABLE = "available"
    AWAY = "away"
    OFFLINE = "offline"


class Presence(models.Model):
    """An agent's availability and load, in capacity units; the database keeps load in bounds."""

    agent = models.OneToOneField(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="presence"
    )
    status = models.CharField(max_length=10, choices=PresenceStatus, default=PresenceStatus.OFFLINE)
    since = models.DateTimeField(db_default=Now())
    seen_at = models.DateTimeField(db_default=Now())
    capacity = models.PositiveSmallIntegerField(default=100)
    load = models.PositiveSmallIntegerField(default=0)
    missed_offers = models.PositiveSmallIntegerField(default=0)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(load__lte=F("capacity")), name="presence_load_within_capacity"
            )
        ]

    def __str__(self) -> str:
        return f"{self.agent_id} {self.status} {self.load}/{self.capacity}"
