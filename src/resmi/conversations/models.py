"""The event log and the projections of it that screens and queries read."""

from __future__ import annotations

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVectorField
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from resmi.channels.models import Channel
from resmi.contacts.models import Contact, Identity


class Conversation(models.Model):
    """The projection of one conversation's log; `state` is the folded value as JSON.

    Only `resmi.conversations.handle` writes it, together with the events it comes from.
    `kept_by` laid it aside; `joined` are accounts that write in it beside its agent.
    """

    channel = models.ForeignKey(
        Channel, on_delete=models.PROTECT, related_name="+", db_index=False, db_constraint=False
    )
    contact = models.ForeignKey(
        Contact, on_delete=models.PROTECT, related_name="conversations", db_index=False
    )
    identity = models.ForeignKey(
        Identity, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    status = models.CharField(max_length=10)
    language = models.CharField(max_length=10, blank=True)
    queue = models.CharField(max_length=50, blank=True)
    priority = models.SmallIntegerField(default=0)
    agent = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        on_delete=models.PROTECT,
        related_name="+",
        db_index=False,
    )
    charge = models.PositiveSmallIntegerField(default=0, db_default=0)
    kept_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        on_delete=models.PROTECT,
        related_name="+",
        db_index=False,
    )
    joined = ArrayField(models.BigIntegerField(), default=list, db_default=[])
    seq = models.IntegerField(default=0)
    head = models.BinaryField()
    state = models.BinaryField()
    last_preview = models.CharField(max_length=130, blank=True)
    unanswered = models.IntegerField(default=0)
    opened_at = models.DateTimeField(db_default=Now())
    waiting_since = models.DateTimeField(null=True)
    assigned_at = models.DateTimeField(null=True)
    offer_until = models.DateTimeField(null=True)
    last_inbound_at = models.DateTimeField(null=True)
    last_message_at = models.DateTimeField(null=True)
    window_closes_at = models.DateTimeField(null=True)
    closed_at = models.DateTimeField(null=True)
    wrap_up = models.CharField(max_length=50, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["channel", "contact"],
                condition=~Q(status="closed"),
                name="one_open_conversation",
            )
        ]
        indexes = [
            models.Index(
                fields=["queue", "-priority", "waiting_since", "id"],
                condition=Q(status="waiting"),
                name="conversation_waiting",
            ),
            models.Index(
                fields=["agent", "id"],
                condition=Q(agent__isnull=False),
                name="conversation_of_agent",
            ),
            models.Index(
                fields=["-priority", "waiting_since", "id"],
                condition=Q(status="waiting"),
                name="conversation_in_line",
            ),
            models.Index(
                fields=["-id"], condition=Q(status="bot"), name="conversation_held_by_bot"
            ),
            models.Index(fields=["contact", "-id"], name="conversation_of_contact"),
            models.Index(
                fields=["kept_by", "id"], condition=Q(status="snoozed"), name="conversation_aside"
            ),
            GinIndex(fields=["joined"], condition=~Q(joined=[]), name="conversation_joined"),
        ]

    def __str__(self) -> str:
        return f"#{self.pk}"


class Event(models.Model):
    """One line of the log. Append-only: a trigger refuses updates and deletes of single rows.

    The table is cut into segments by blocks of conversation ids; retention drops a segment whole.
    """

    pk = models.CompositePrimaryKey("conversation_id", "seq")
    conversation = models.ForeignKey(
        Conversation,
        on_delete=models.PROTECT,
        related_name="events",
        db_constraint=False,
        db_index=False,
    )
    seq = models.IntegerField()
    type = models.CharField(max_length=40)
    at = models.DateTimeField()
    actor = models.JSONField()
    data = models.JSONField()
    hash = models.BinaryField()

    class Meta:
        indexes = [models.Index(fields=["type", "at"], name="event_type_at")]

    def __str__(self) -> str:
        return f"{self.conversation_id}/{self.seq} {self.type}"


class SearchLine(models.Model):
    """The words of one message or note, for search; `resmi.conversations.filling` keeps it.

    It can be made anew from the log at any time, and lies in the same segments.
    """

    pk = models.CompositePrimaryKey("conversation_id", "seq")
    conversation = models.ForeignKey(
        Conversation,
        on_delete=models.DO_NOTHING,
        related_name="+",
        db_constraint=False,
        db_index=False,
    )
    seq = models.IntegerField()
    words = SearchVectorField()

    class Meta:
        indexes = [GinIndex(fields=["words"], name="search_words")]

    def __str__(self) -> str:
        return f"{self.conversation_id}/{self.seq}"


class SearchMark(models.Model):
    """Up to when (`Event.at`) messages are in search. One row."""

    id = models.SmallIntegerField(primary_key=True, default=1)
    upto = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.upto}"


class Timer(models.Model):
    """Something to wake a conversation for; at most one of each kind."""

    conversation = models.ForeignKey(
        Conversation,
        on_delete=models.CASCADE,
        related_name="+",
        db_index=False,
        db_constraint=False,
    )
    kind = models.CharField(max_length=20)
    due_at = models.DateTimeField(db_index=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["conversation", "kind"], name="one_timer_of_a_kind")
        ]

    def __str__(self) -> str:
        return f"{self.conversation_id} {self.kind}"


class Draft(models.Model):
    """What an agent has typed and not sent: the `nth` text of the `page` it was typed on.

    An empty one is kept for these two, so that an older text that arrives late is known as such.
    """

    conversation = models.ForeignKey(Conversation, on_delete=models.CASCADE, related_name="+")
    agent = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    body = models.TextField(blank=True)
    is_note = models.BooleanField(default=False)
    page = models.CharField(max_length=32, blank=True, default="", db_default="")
    nth = models.BigIntegerField(default=0, db_default=0)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["conversation", "agent"], name="one_draft_each")
        ]

    def __str__(self) -> str:
        return f"{self.conversation_id} {self.agent_id}"


class Mention(models.Model):
    """Somebody called into a conversation by a note (event `seq`)."""

    account = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+", db_index=False
    )
    conversation = models.ForeignKey(Conversation, on_delete=models.CASCADE, related_name="+")
    seq = models.IntegerField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(db_default=Now())
    read_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["account", "-id"], name="mention_of_account"),
            models.Index(fields=["account"], condition=Q(read_at=None), name="mention_unread"),
        ]

    def __str__(self) -> str:
        return f"{self.account_id} in {self.conversation_id}/{self.seq}"


class Preference(models.Model):
    """How an agent wants the desk: time to take a reply back, and how the list is sorted."""

    agent = models.OneToOneField(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+", primary_key=True
    )
    undo_send = models.BooleanField(default=True)
    sort = models.CharField(max_length=10, default="wait")

    def __str__(self) -> str:
        return f"{self.agent_id}"


class CannedUse(models.Model):
    """How often a canned reply was sent, whatever its language."""

    shortcut = models.CharField(max_length=50, primary_key=True)
    count = models.PositiveIntegerField(default=0)

    def __str__(self) -> str:
        return f"/{self.shortcut} {self.count}"


class CannedReply(models.Model):
    """A text agents insert with `/shortcut`; one per language. `folder` groups them on screens."""

    folder = models.CharField(max_length=60, blank=True, default="", db_default="")
    shortcut = models.SlugField()
    language = models.CharField(max_length=10)
    body = models.TextField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["shortcut", "language"], name="canned_reply_shortcut")
        ]

    def __str__(self) -> str:
        return f"/{self.shortcut} ({self.language})"
