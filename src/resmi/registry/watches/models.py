"""Who wants to be told of changes in the register."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class Held(models.TextChoices):
    """Why news could not be told."""

    NO_TEMPLATE = "no_template", _("The window has closed and no template is set up")
    OPTED_OUT = "opted_out", _("The citizen wants no messages that we start")
    UNREACHABLE = "unreachable", _("The citizen can't be reached on this channel any more")


class Watch(models.Model):
    """One citizen's wish to be told when the register's answer about one subject changes.

    `contact` and `channel` are plain numbers: the rooms above own what they mean. `subject`, `name`
    and `standing` (last told) are those of `watches.rules.Watched`. `checked` is the mark of the
    register it was last compared with; `held` says why the news of that comparison was not told.
    """

    contact = models.BigIntegerField()
    channel = models.BigIntegerField()
    subject = models.CharField(max_length=120)
    name = models.CharField(max_length=300)
    standing = models.CharField(max_length=10)
    language = models.CharField(max_length=10, blank=True)
    started_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    told_at = models.DateTimeField(null=True)
    checked = models.CharField(max_length=120, blank=True)
    held = models.CharField(max_length=12, choices=Held, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["contact", "channel", "subject"], name="watch_once")
        ]
        indexes = [
            models.Index(fields=["id"], condition=Q(ended_at=None), name="watch_going_on"),
            models.Index(fields=["subject"], condition=Q(ended_at=None), name="watch_of_subject"),
            models.Index(
                fields=["held"], condition=Q(ended_at=None) & ~Q(held=""), name="watch_held"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.contact} {self.subject}"
