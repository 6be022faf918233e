"""The view WhatsApp posts to."""

from __future__ import annotations

import json
import threading
from typing import Any

import requests
from django.conf import settings
from django.http import HttpRequest, HttpResponse

from benchmarks.naive.models import Message, Status
from resmi.channels.whatsapp import signature
from resmi.registry import services

RANK = {"": 0, "accepted": 1, "sent": 2, "delivered": 3, "read": 4}
_local = threading.local()


def webhook(request: HttpRequest) -> HttpResponse:
    """Handles every item of a POST, each in a commit of its own, then answers."""
    signed = request.headers.get("X-Hub-Signature-256", "")
    if not signature.is_genuine(settings.WHATSAPP_APP_SECRETS, request.body, signed):
        return HttpResponse(status=401)
    for entry in json.loads(request.body)["entry"]:
        for change in entry["changes"]:
            value = change["value"]
            for message in value.get("messages", []):
                _answer(message, value["metadata"]["phone_number_id"])
            for status in value.get("statuses", []):
                _note(status)
    return HttpResponse()


def _answer(said: dict[str, Any], number: str) -> None:
    message, is_new = Message.objects.get_or_create(
        wamid=said["id"], defaults={"sender": said["from"], "body": said["text"]["body"]}
    )
    if not is_new and message.answer_wamid:
        return
    verdicts = services.current_index().verify(message.body)
    first = verdicts[0] if verdicts else None
    message.answer = f"{first.name or first.query}: {first.status}" if first else "Which company?"
    message.answer_wamid = _send(message, number)
    message.status = "accepted"
    message.save()


def _send(message: Message, number: str) -> str:
    session = _local.__dict__.setdefault("session", requests.Session())
    answer = session.post(
        f"{settings.WHATSAPP_GRAPH_URL}/{number}/messages",
        json={
            "messaging_product": "whatsapp",
            "to": f"+{message.sender}",
            "type": "text",
            "text": {"body": message.answer},
            "biz_opaque_callback_data": str(message.pk),
        },
        headers={"Authorization": f"Bearer {settings.WHATSAPP_TOKEN}"},
        timeout=30,
    )
    answer.raise_for_status()
    return str(answer.json()["messages"][0]["id"])


def _note(reported: dict[str, Any]) -> None:
    message = Message.objects.filter(answer_wamid=reported["id"]).first()
    if message is None:
        return
    Status.objects.create(message=message, status=reported["status"])
    if RANK[reported["status"]] > RANK[message.status]:
        message.status = reported["status"]
        message.save()
