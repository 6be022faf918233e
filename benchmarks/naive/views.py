"""The view WhatsApp posts to."""

from __future__ import annotations

import json
import threading
from functools import cache
from typing import Any

import msgspec
import requests
from django.conf import settings
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from benchmarks.naive.models import Contact, Conversation, Event, Message, Reply, Status
from resmi.bot import rules as bot
from resmi.bot import services as packs
from resmi.channels.whatsapp import signature
from resmi.engine.content import Choices, Outbound, Text
from resmi.registry import services as registry

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
    for reply in _take(said):
        reply.wamid = _send(reply, number, said["from"])
        reply.status = "accepted"
        reply.save()


@transaction.atomic
def _take(said: dict[str, Any]) -> list[Reply]:
    """Stores a message and what the bot says to it; nothing for one that was here before."""
    if Message.objects.filter(wamid=said["id"]).exists():
        return []
    contact, _ = Contact.objects.get_or_create(number=said["from"])
    conversation, _ = Conversation.objects.select_for_update().get_or_create(
        contact=contact, status="bot"
    )
    message = Message.objects.create(wamid=said["id"], conversation=conversation, raw=said)
    body = said["text"]["body"]
    Event.objects.create(conversation=conversation, type="message_created", data={"text": body})
    step = _step(conversation, body)
    for verdict in step.verdicts:
        data = msgspec.to_builtins(verdict)
        Event.objects.create(conversation=conversation, type="verdict_given", data=data)
    replies = []
    for content in step.replies:
        payload = _payload(content)
        Event.objects.create(conversation=conversation, type="message_created", data=payload)
        replies.append(Reply.objects.create(message=message, payload=payload))
    conversation.dialogue = step.dialogue
    conversation.language = step.language or conversation.language
    conversation.save()
    return replies


def _step(conversation: Conversation, body: str) -> bot.Step:
    verify = cache(registry.current_index().verify)  # one step asks the same more than once
    facts = bot.Facts(
        now=timezone.now(),
        language=conversation.language,
        open=True,
        opens_at=None,
        first=not conversation.dialogue,
        verify=lambda text, whole: verify(text, whole=whole),
    )
    return bot.step(packs.current_pack(), conversation.dialogue, Text(body), facts)


def _payload(content: Outbound) -> dict[str, Any]:
    if isinstance(content, Choices):
        buttons = [
            {"type": "reply", "reply": {"id": option.id, "title": option.title[:20]}}
            for option in content.options[:3]
        ]
        words = {"type": "button", "body": {"text": content.body}, "action": {"buttons": buttons}}
        return {"type": "interactive", "interactive": words}
    assert isinstance(content, Text)
    return {"type": "text", "text": {"body": content.body}}


def _send(reply: Reply, number: str, to: str) -> str:
    session = _local.__dict__.setdefault("session", requests.Session())
    answer = session.post(
        f"{settings.WHATSAPP_GRAPH_URL}/{number}/messages",
        json={
            "messaging_product": "whatsapp",
            "to": f"+{to}",
            **reply.payload,
            "biz_opaque_callback_data": str(reply.pk),
        },
        headers={"Authorization": f"Bearer {settings.WHATSAPP_TOKEN}"},
        timeout=30,
    )
    answer.raise_for_status()
    return str(answer.json()["messages"][0]["id"])


@transaction.atomic
def _note(reported: dict[str, Any]) -> None:
    reply = Reply.objects.filter(wamid=reported["id"]).first()
    if reply is None:
        return
    Status.objects.create(reply=reply, status=reported["status"], raw=reported)
    if RANK[reported["status"]] > RANK[reply.status]:
        reply.status = reported["status"]
        reply.save()
