"""Queues, skills, where each agent stands, and what supervisors tell them."""

from __future__ import annotations

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now


class Queue(models.Model):
    """Where conversations wait for an agent. Times in seconds, 0: none.

    The fields mean what `resmi.routing.policy.QueueFacts` says. `closed_at` is set while it takes
    nobody new; `closings` are pairs of times as text, the newest last.
    """

    key = models.SlugField(unique=True)
    name = models.CharField(max_length=100)
    skills = ArrayField(models.CharField(max_length=40), default=list, blank=True)
    priority = models.SmallIntegerField(default=0)
    offer_s = models.PositiveIntegerField(default=30)
    target_s = models.PositiveIntegerField(default=60)
    handle_s = models.PositiveIntegerField(default=300)
    next_target_s = models.PositiveIntegerField(default=0, db_default=0)
    resolve_target_s = models.PositiveIntegerField(default=0, db_default=0)
    overflow_to = models.CharField(max_length=50, blank=True, default="", db_default="")
    overflow_after_s = models.PositiveIntegerField(default=0, db_default=0)
    wrap_up_s = models.PositiveIntegerField(default=0, db_default=0)
    hold_s = models.PositiveIntegerField(default=0, db_default=0)
    callback_after_s = models.PositiveIntegerField(default=0, db_default=0)
    region = models.CharField(max_length=50, blank=True, default="", db_default="")
    closed_at = models.DateTimeField(null=True, blank=True)
    closings = models.JSONField(default=list, blank=True, db_default=[])
    around_the_clock = models.BooleanField(default=False, db_default=False)
    counts_by = models.CharField(max_length=32, blank=True, default="", db_default="")

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


class AgentQueue(models.Model):
    """A queue an agent serves and sees; an agent without any serves all they have skills for."""

    agent = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="queues"
    )
    queue = models.ForeignKey(Queue, on_delete=models.CASCADE, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["agent", "queue"], name="agent_queue")]

    def __str__(self) -> str:
        return f"{self.agent_id} {self.queue_id}"


class Shift(models.Model):
    """A weekly span in which an agent works, by the local time of their account.

    `weekday` 0 is Monday; `starts` and `ends` are minutes after local midnight. An agent without
    shifts may work at any time.
    """

    agent = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="shifts"
    )
    weekday = models.PositiveSmallIntegerField()
    starts = models.PositiveSmallIntegerField()
    ends = models.PositiveSmallIntegerField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(weekday__lte=6) & Q(ends__lte=1440) & Q(starts__lt=F("ends")),
                name="shift_within_a_day",
            ),
            models.UniqueConstraint(fields=["agent", "weekday", "starts"], name="shift_once"),
        ]

    def __str__(self) -> str:
        return f"{self.agent_id} {self.weekday} {self.starts}-{self.ends}"


class RoutingPolicy(models.Model):
    """One version of the routing policy; the newest is in force.

    `data` is `resmi.routing.policy.Policy` as JSON.
    """

    data = models.JSONField()
    at = models.DateTimeField(auto_now_add=True)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )

    def __str__(self) -> str:
        return f"#{self.pk}"


class Handled(models.Model):
    """A conversation an agent brought to an end: what estimates of waiting time are made from.

    `wait_s`: from the hand-over to the agent's taking it; `handle_s`: from there to the end.
    """

    queue = models.CharField(max_length=50, blank=True)
    agent = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    conversation = models.BigIntegerField()
    contact = models.BigIntegerField()
    kind = models.CharField(max_length=20)
    wait_s = models.PositiveIntegerField()
    handle_s = models.PositiveIntegerField()
    at = models.DateTimeField()

    class Meta:
        indexes = [
            models.Index(fields=["queue", "-id"], name="handled_of_queue"),
            models.Index(fields=["contact", "-id"], name="handled_of_contact"),
            models.Index(fields=["at"], name="handled_at"),
        ]

    def __str__(self) -> str:
        return f"{self.conversation} {self.handle_s} s"


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
    reason = models.CharField(max_length=40, blank=True, default="", db_default="")

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(load__lte=F("capacity")), name="presence_load_within_capacity"
            )
        ]

    def __str__(self) -> str:
        return f"{self.agent_id} {self.status} {self.load}/{self.capacity}"


class PresenceSpan(models.Model):
    """How long an agent was in one status, for history and the length of breaks."""

    agent = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    status = models.CharField(max_length=10, choices=PresenceStatus)
    reason = models.CharField(max_length=40, blank=True)
    since = models.DateTimeField()
    until = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["agent"], condition=Q(until=None), name="one_open_presence_span"
            )
        ]
        indexes = [models.Index(fields=["agent", "since"], name="presence_span_of_agent")]

    def __str__(self) -> str:
        return f"{self.agent_id} {self.status} {self.since:%F %T}"


class WrapUpTime(models.Model):
    """Units an agent stays charged after closing a conversation, until `until`."""

    agent = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    conversation = models.BigIntegerField(unique=True)
    cost = models.PositiveSmallIntegerField()
    until = models.DateTimeField(db_index=True)

    def __str__(self) -> str:
        return f"{self.agent_id} {self.cost} until {self.until:%T}"


class StaffImport(models.Model):
    """A file of staff: handed over, then put in force or not, then perhaps undone.

    `steps` holds what was done, as `resmi.routing.staffing.rules.Step`, so that it can be undone.
    """

    name = models.CharField(max_length=200, blank=True)
    text = models.TextField()
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    at = models.DateTimeField(db_default=Now())
    applied_at = models.DateTimeField(null=True)
    undone_at = models.DateTimeField(null=True)
    steps = models.JSONField(default=list)

    def __str__(self) -> str:
        return f"#{self.pk} {self.name}"


class Notice(models.Model):
    """A short notice on the desks of all agents, or of those of one queue.

    It is shown until `until`, or `ended_at` when somebody took it down earlier. `queue` is a key,
    empty: all; it stays when the queue goes.
    """

    body = models.CharField(max_length=300)
    queue = models.CharField(max_length=50, blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(db_default=Now())
    until = models.DateTimeField(db_index=True)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=~Q(body=""), name="notice_says_something"),
        ]

    def __str__(self) -> str:
        return self.body


class NoticeReading(models.Model):
    """That a notice stood before an agent's eyes, and when they put it away."""

    notice = models.ForeignKey(Notice, on_delete=models.CASCADE, related_name="readings")
    agent = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    seen_at = models.DateTimeField(db_default=Now())
    dismissed_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["notice", "agent"], name="notice_read_once")]

    def __str__(self) -> str:
        return f"{self.notice_id} {self.agent_id}"
