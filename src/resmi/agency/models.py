"""The organisation: staff accounts and what is told to open screens."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager
from django.db import models
from django.db.models import Func
from django.db.models.functions import Cast, Lower
from django.utils.translation import gettext_lazy as _


class Role(models.TextChoices):
    """What an account may do; `resmi.agency.rules` maps roles to permissions."""

    AGENT = "agent", _("Agent")
    SUPERVISOR = "supervisor", _("Supervisor")
    QUALITY = "quality", _("Quality reviewer")
    EDITOR = "editor", _("Editor")
    RESPONDER = "responder", _("Responder")
    MANAGER = "manager", _("Manager")
    ADMIN = "admin", _("Administrator")
    AUDITOR = "auditor", _("Auditor")


class UserManager(BaseUserManager["User"]):
    """Creates accounts by e-mail address."""

    def create_user(self, *, email: str, password: str | None = None, **fields: Any) -> User:
        """Stores a new account; `email` is compared without case."""
        user = self.model(email=self.normalize_email(email).lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user


class User(AbstractBaseUser):
    """A member of staff. `display_name` is what citizens see; `name` is for colleagues."""

    email = models.EmailField(unique=True)
    name = models.CharField(max_length=200)
    display_name = models.CharField(max_length=100, blank=True)
    role = models.CharField(max_length=20, choices=Role, default=Role.AGENT)
    language = models.CharField(max_length=10, default="en")
    theme = models.CharField(max_length=10, default="auto")
    time_zone = models.CharField(max_length=64, default="Asia/Jakarta")
    shortcuts = models.BooleanField(default=True)
    is_active = models.BooleanField(default=True)
    created_at = models.DateTimeField(auto_now_add=True)

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS = ["name"]
    objects = UserManager()

    class Meta:
        constraints = [models.UniqueConstraint(Lower("email"), name="user_email_any_case")]

    def __str__(self) -> str:
        return self.name or self.email


class AgencyPolicy(models.Model):
    """One version of `resmi.agency.policy.Policy`, as JSON; the newest is in force."""

    data = models.JSONField()
    at = models.DateTimeField(auto_now_add=True)
    by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")

    def __str__(self) -> str:
        return f"#{self.pk}"


class AuditEntry(models.Model):
    """What staff did or looked at. Append-only by a trigger, and sealed into a hash chain.

    `before`/`after` hold changed values."""

    at = models.DateTimeField(auto_now_add=True)
    actor = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    action = models.CharField(max_length=60)
    target = models.CharField(max_length=100, blank=True)
    before = models.JSONField(null=True)
    after = models.JSONField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["target", "at"]),
            models.Index(fields=["actor", "at"]),
            models.Index(fields=["action", "-id"], name="audit_of_action"),
            models.Index(fields=["actor", "-id"], name="audit_of_actor"),
        ]

    def __str__(self) -> str:
        return f"{self.at:%F %T} {self.action} {self.target}"


class AuditSeal(models.Model):
    """The place of an entry in the hash chain of the trail; only `resmi.agency.sealing` writes."""

    entry = models.OneToOneField(
        AuditEntry,
        primary_key=True,
        on_delete=models.PROTECT,
        related_name="seal",
        db_constraint=False,
    )
    number = models.BigIntegerField(unique=True)
    hash = models.BinaryField()

    def __str__(self) -> str:
        return f"{self.number}: {self.entry_id}"


class AuditUnsealed(models.Model):
    """An entry that waits to be sealed; a trigger puts it here."""

    entry_id = models.BigIntegerField(primary_key=True)

    def __str__(self) -> str:
        return str(self.entry_id)


class LiveEvent(models.Model):
    """A hint to open screens that something changed; kept for minutes so that a stream can resume.

    `xid` is the writing transaction: a reader that resumes from the oldest transaction still
    running when it last read misses nothing, whatever the commit order.
    """

    xid = models.BigIntegerField(
        db_default=Cast(
            Cast(
                Func(function="pg_current_xact_id", output_field=models.TextField()),
                models.TextField(),
            ),
            models.BigIntegerField(),
        ),
        db_index=True,
    )
    topic = models.CharField(max_length=80)
    data = models.JSONField(default=dict)
    at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return f"{self.id} {self.topic}"


class SubmittedForm(models.Model):
    """A form that was carried out; the same token again does nothing.

    Written in the transaction of the act, so that a double click, a repeated request after a lost
    answer and two processes at once act once. `said` tells what the form said, if that is known,
    from anything else. Kept for a day.
    """

    token = models.UUIDField(primary_key=True)
    said = models.CharField(max_length=32, blank=True, default="", db_default="")
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    at = models.DateTimeField(auto_now_add=True, db_index=True)

    def __str__(self) -> str:
        return str(self.token)


class Service(models.Model):
    """A service the agency has connected, one of each kind: `resmi.agency.machines.rules.Kind`.

    `protocol` is what it speaks, `secret` its key, encrypted. No row: nothing of it is shown.
    """

    kind = models.CharField(max_length=20, unique=True)
    protocol = models.CharField(max_length=20)
    address = models.CharField(max_length=300)
    model = models.CharField(max_length=100, blank=True)
    secret = models.TextField(blank=True)

    def __str__(self) -> str:
        return f"{self.kind} {self.address}"
