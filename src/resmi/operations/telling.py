"""Sends word of alarms by e-mail and webhook: at least once, tried again when it fails.

The webhook is a POST of JSON with `X-Resmi-Signature-256: sha256=HEX`, the HMAC-SHA256 of the body
under `RESMI_ALARM_SECRET`.
"""

from __future__ import annotations

import hashlib
import hmac
import http.client
import smtplib
import urllib.error
import urllib.request
from datetime import UTC, datetime, timedelta
from email.message import Message
from typing import IO

import msgspec
import structlog
from django.conf import settings
from django.core.mail import send_mail
from django.db import transaction
from django.db.models import Q
from django.utils import translation

from resmi.operations import wording
from resmi.operations.models import Notice

log = structlog.get_logger()

TIMEOUT_S = 10.0
FIRST_WAIT_S = 5.0
MOST_TRIES = 12  # some six hours in all
SIGNATURE = "X-Resmi-Signature-256"
# What a mail server or a receiver can do to us.
FAILURES = (OSError, smtplib.SMTPException, http.client.HTTPException, ValueError)


class _NoRedirects(urllib.request.HTTPRedirectHandler):
    """A receiver that moved must be named anew: a signed body goes nowhere else."""

    def redirect_request(
        self,
        req: urllib.request.Request,
        fp: IO[bytes],
        code: int,
        msg: str,
        headers: Message,
        newurl: str,
    ) -> None:
        return None


_opener = urllib.request.build_opener(_NoRedirects)


def send_due(*, most: int = 20) -> int:
    """Sends what is due; how much was tried. Several processes may do so at once."""
    tried = 0
    while tried < most and _send_next():
        tried += 1
    return tried


@transaction.atomic
def _send_next() -> bool:
    now = datetime.now(UTC)
    notice = (
        Notice.objects.select_for_update(skip_locked=True, of=("self",))
        .select_related("alarm")
        .filter(_is_due(now), sent_at=None, given_up_at=None)
        .order_by("id")
        .first()
    )
    if notice is None:
        return False
    notice.attempts += 1
    try:
        _WAYS[notice.way](notice)
    except FAILURES as error:
        _failed(notice, error, now)
    else:
        notice.sent_at, notice.error = now, ""
        log.info("alarm_told", action="alarm_told", alarm=notice.alarm_id, way=notice.way)
    notice.save()
    return True


def _is_due(now: datetime) -> Q:
    """Its time has come, or lies further ahead than its wait: the clock was set back since."""
    due = Q(not_before__lte=now)
    for tries in range(MOST_TRIES):
        due |= Q(attempts=tries, not_before__gt=now + _wait(tries))
    return due


def _wait(tries: int) -> timedelta:
    return timedelta(seconds=FIRST_WAIT_S * 2.0**tries)


def _failed(notice: Notice, error: Exception, now: datetime) -> None:
    notice.error = f"{type(error).__name__}: {error}"[:500]
    notice.not_before = now + _wait(notice.attempts)
    if notice.attempts >= MOST_TRIES:
        notice.given_up_at = now
    log.warning(
        "alarm_not_told",
        action="alarm_not_told",
        alarm=notice.alarm_id,
        way=notice.way,
        attempts=notice.attempts,
        error=notice.error,
    )


def _mail(notice: Notice) -> None:
    alarm = notice.alarm
    with translation.override(settings.LANGUAGE_CODE):
        title = wording.title(alarm.kind, alarm.values)
        subject = title if notice.what == "opened" else wording.over(title)
        lines = [title + "."]
        if notice.what == "opened":
            lines.append(wording.advice(alarm.kind, alarm.values))
        lines += ["", f"{settings.BASE_URL}/floor/", f"{alarm.opened_at:%Y-%m-%d %H:%M:%S} UTC"]
    send_mail(
        subject=" ".join(f"[Resmi] {subject}".split()),
        message="\n".join(lines),
        from_email=None,
        recipient_list=settings.ALARM_EMAILS,
    )


def _post(notice: Notice) -> None:
    body = _body(notice)
    request = urllib.request.Request(
        settings.ALARM_WEBHOOK,
        data=body,
        headers={
            "Content-Type": "application/json",
            "User-Agent": "Resmi",
            SIGNATURE: signature(settings.ALARM_SECRET, body),
        },
    )
    with _opener.open(request, timeout=TIMEOUT_S) as answer:
        answer.read(1000)


def signature(secret: str, body: bytes) -> str:
    """What the receiver compares with: `sha256=` and the HMAC of the body in hex."""
    return "sha256=" + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()


def _body(notice: Notice) -> bytes:
    """`id` tells repeated deliveries apart, `alarm` joins an alarm to its end."""
    alarm = notice.alarm
    with translation.override(settings.LANGUAGE_CODE):
        title = wording.title(alarm.kind, alarm.values)
        advice = wording.advice(alarm.kind, alarm.values)
    return msgspec.json.encode(
        {
            "id": notice.pk,
            "alarm": alarm.pk,
            "what": notice.what,
            "kind": alarm.kind,
            "key": alarm.key,
            "level": alarm.level,
            "title": title,
            "advice": advice,
            "values": alarm.values,
            "opened_at": alarm.opened_at,
            "closed_at": alarm.closed_at,
            "sent_at": datetime.now(UTC),
            "installation": settings.BASE_URL,
        }
    )


_WAYS = {"mail": _mail, "webhook": _post}
