"""What came in, what goes out, and the files on both ways."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime

from django.db import models
from django.db.models import Case, F, Func, Q, Value, When
from django.db.models.functions import Now

UNDATED = datetime(1970, 1, 1, tzinfo=UTC)


class Channel(models.Model):
    """One address citizens can write to, e.g. one WhatsApp number.

    `address` is the channel's own id of it (WhatsApp: phone number id), `account` the account it
    belongs to (WABA id), `portfolio` the scope of user ids, `display_address` what people dial.
    `paused_reason` is set when the channel refuses us (token, policy) and sending stops.
    `messages_per_second` is what the channel lets this address send and receive (WhatsApp: 80, 20
    beside the phone app, 1000 after an upgrade).
    """

    kind = models.CharField(max_length=20)
    name = models.CharField(max_length=100)
    address = models.CharField(max_length=100)
    account = models.CharField(max_length=100, blank=True)
    portfolio = models.CharField(max_length=100, blank=True)
    display_address = models.CharField(max_length=100, blank=True)
    messages_per_second = models.SmallIntegerField(default=80)
    paused_reason = models.TextField(blank=True)
    paused_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["kind", "address"], name="channel_address")]

    def __str__(self) -> str:
        return self.name


class InboundStatus(models.TextChoices):
    """Where an inbound item stands."""

    NEW = "new"
    DONE = "done"
    PARKED = "parked"
    UNPARSED = "unparsed"


class Inbound(models.Model):
    """One item that reached us: a message, a status, a notice, a timer, a request's answer.

    The same item is stored once however often it is sent: it comes with the same `key` and the same
    `stamp`, the time its sender gave it (`UNDATED` where none is given). The table is cut into
    segments by `stamp`, so name it where it is known. `raw` holds the item's bytes as they came;
    `envelope` (JSON) what stood round it. `unparsed` items are kept for people to see and can be
    replayed after a fix; `parked` ones failed in work.
    """

    channel = models.ForeignKey(
        Channel,
        null=True,
        on_delete=models.PROTECT,
        related_name="+",
        db_index=False,
        db_constraint=False,
    )
    kind = models.CharField(max_length=20)
    subkind = models.CharField(max_length=40, blank=True)
    key = models.CharField(max_length=400, db_collation="C")
    stamp = models.DateTimeField(db_default=UNDATED)
    contact_key = models.CharField(max_length=200, blank=True)
    partition = models.SmallIntegerField(default=0)
    occurred_at = models.DateTimeField(null=True)
    received_at = models.DateTimeField(db_default=Now())
    raw = models.BinaryField()
    envelope = models.BinaryField(default=bytes)
    status = models.CharField(max_length=10, choices=InboundStatus, default=InboundStatus.NEW)
    attempts = models.SmallIntegerField(default=0)
    error = models.TextField(blank=True)
    done_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["key", "stamp"], name="inbound_key")]
        indexes = [
            # Not a plain id: else a plan may walk the primary key through all that is done.
            models.Index(
                F("id") + Value(0),
                F("partition"),
                condition=Q(status="new"),
                name="inbound_in_order",
            ),
            models.Index(
                fields=["id"],
                condition=Q(status__in=["parked", "unparsed"]),
                name="inbound_for_people",
            ),
        ]

    def __str__(self) -> str:
        return self.key


class DeliveryStatus(models.TextChoices):
    """Where a delivery stands; `resmi.channels.rules.RANK` orders them."""

    QUEUED = "queued"
    SENDING = "sending"
    UNKNOWN = "unknown"
    ACCEPTED = "accepted"
    SENT = "sent"
    DELIVERED = "delivered"
    READ = "read"
    FAILED = "failed"
    CANCELLED = "cancelled"


# A ref of a conversation is `{conversation}.{seq}.{part}`; this is its seq, as text.
LINE_OF_REF = Func(
    F("ref"), Value("."), Value(2), function="split_part", output_field=models.TextField()
)


class Delivery(models.Model):
    """One thing to send to one citizen, and how far it got.

    `ref` travels with the message and comes back in status reports. `conversation` and `contact`
    are ids of rooms above; order is kept per `lane` (channel and recipient). `author` is `bot`,
    `agent` or `system`. `purpose` is `message`, or `read` (mark `reply_to` as read) or `typing`;
    those two leave no row behind. `media` is the file it carries, which must be uploaded first.
    `gives_way` marks what was put off on purpose: later messages of its lane go ahead. `superseded`
    holds the channel's ids of earlier tries, whose late reports no longer count. `dropped_at` says
    when an operator decided that a failed or unknown one needs nothing more. `statuses` keeps all
    that the channel reported, as it came: `status`, `at`, `heard` and what explains it.

    `pending` (1: to be sent or on the wire, 2: in doubt, 0: settled) follows from the status. The
    indices name it and not the status, so that most changes of status touch no index at all.
    """

    ref = models.CharField(max_length=80)
    channel = models.ForeignKey(
        Channel, on_delete=models.PROTECT, related_name="+", db_index=False, db_constraint=False
    )
    conversation = models.BigIntegerField(null=True)
    contact = models.BigIntegerField(null=True)
    lane = models.CharField(max_length=200)
    recipient = models.JSONField()
    purpose = models.CharField(max_length=10, default="message")
    author = models.CharField(max_length=10)
    content = models.BinaryField()
    media = models.UUIDField(null=True)
    reply_to = models.CharField(max_length=200, blank=True)
    status = models.CharField(max_length=10, choices=DeliveryStatus, default=DeliveryStatus.QUEUED)
    rank = models.SmallIntegerField(default=0)
    provider_id = models.CharField(max_length=200, null=True)
    attempts = models.SmallIntegerField(default=0)
    not_before = models.DateTimeField(db_default=Now())
    gives_way = models.BooleanField(default=False)
    superseded = models.JSONField(default=list)
    statuses = models.JSONField(default=list, db_default=[])
    pending = models.GeneratedField(
        expression=Case(
            When(status__in=["queued", "sending"], then=1),
            When(status="unknown", then=2),
            default=0,
        ),
        output_field=models.SmallIntegerField(),
        db_persist=True,
    )
    claimed_until = models.DateTimeField(null=True)
    window_closes_at = models.DateTimeField(null=True)
    error_code = models.CharField(max_length=20, blank=True)
    error = models.TextField(blank=True)
    dropped_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField(db_default=Now())
    updated_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["ref"], name="delivery_ref"),
            models.UniqueConstraint(
                fields=["provider_id", "channel"],
                condition=Q(provider_id__isnull=False),
                name="delivery_named",
            ),
        ]
        indexes = [
            models.Index(
                fields=["channel", "not_before", "id"],
                condition=Q(pending=1),
                name="delivery_due",
            ),
            models.Index(
                fields=["lane", "id"], condition=Q(pending__gt=0), name="delivery_in_line"
            ),
            models.Index(F("conversation"), LINE_OF_REF, name="delivery_of_line"),
        ]

    def __str__(self) -> str:
        return self.ref


class Pace(models.Model):
    """How much of a sending limit is used up, for all senders: `resmi.channels.rules.Bucket`.

    `key` is a lane, or `channel:{id}` for the whole number; no row means nothing is used.
    """

    key = models.CharField(max_length=200, primary_key=True)
    full_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.key


class DeliveryReport(models.Model):
    """What earlier releases kept of a reported status; now `Delivery.statuses` does.

    The table is cut into segments by `conversation`, the delivery's (0 for none), and so are the
    events; without a foreign key a segment can be dropped at once.
    """

    delivery = models.ForeignKey(
        Delivery,
        on_delete=models.CASCADE,
        related_name="reports",
        db_constraint=False,
        db_index=False,
    )
    conversation = models.BigIntegerField(db_default=0)
    status = models.CharField(max_length=20)
    at = models.DateTimeField()
    received_at = models.DateTimeField(db_default=Now())
    data = models.JSONField(default=dict)

    class Meta:
        indexes = [models.Index(fields=["delivery"], name="report_of_delivery")]

    def __str__(self) -> str:
        return f"{self.delivery_id} {self.status}"


class MediaState(models.TextChoices):
    """Where a file stands. Only a `stored` one is ever handed out.

    `quarantine`: the virus scanner found something. `expired`: the channel no longer has it.
    `too_big`, `refused`: larger than, or of a type that, the settings let in. `removed`: kept as
    long as the settings say. `failed`: not to be had for another reason.
    """

    PENDING = "pending"
    STORED = "stored"
    QUARANTINE = "quarantine"
    EXPIRED = "expired"
    TOO_BIG = "too_big"
    REFUSED = "refused"
    FAILED = "failed"
    REMOVED = "removed"


class MediaFile(models.Model):
    """A file from or to a citizen.

    Inbound: `provider_id` names it at the channel until `state` is `stored`. Outbound: stored
    first, `upload_id` is the channel's id of our upload until `upload_expires_at`. `error` says why
    a file is not stored. `preview` is a small picture of it, `width` by `height` pixels; `seconds`
    is how long it plays.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    channel = models.ForeignKey(Channel, null=True, on_delete=models.PROTECT, related_name="+")
    conversation = models.BigIntegerField(null=True)
    provider_id = models.CharField(max_length=200, null=True)
    kind = models.CharField(max_length=20)
    mime = models.CharField(max_length=200)
    filename = models.CharField(max_length=255, blank=True)
    expected_sha256 = models.CharField(max_length=100, blank=True)
    sha256 = models.CharField(max_length=64, blank=True)
    size = models.BigIntegerField(default=0)
    state = models.CharField(max_length=10, choices=MediaState, default=MediaState.PENDING)
    file = models.FileField(upload_to="media/%Y/%m/", blank=True)
    preview = models.FileField(upload_to="previews/%Y/%m/", blank=True, default="", db_default="")
    width = models.PositiveIntegerField(null=True)
    height = models.PositiveIntegerField(null=True)
    seconds = models.FloatField(null=True)
    attempts = models.SmallIntegerField(default=0)
    error = models.TextField(blank=True)
    upload_id = models.CharField(max_length=200, blank=True)
    upload_expires_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField(db_default=Now())
    stored_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["channel", "provider_id"], name="media_provider_id")
        ]
        indexes = [models.Index(fields=["conversation"], name="media_of_conversation")]

    def __str__(self) -> str:
        return f"{self.kind} {self.filename or self.pk}"
