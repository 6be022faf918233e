"""Everything about one citizen in one file: JSON and the files they sent or got, in a zip.

It may be handed to the citizen, so it names no member of staff.
"""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import IO, Any

import msgspec
from django.db import transaction

from resmi.agency import services as agency
from resmi.agency.models import User
from resmi.channels.models import Delivery, Inbound, MediaFile, MediaState
from resmi.contacts.models import Consent, Contact
from resmi.conversations.models import Conversation, Event
from resmi.operations.personal import finding
from resmi.registry.receipts.models import Receipt
from resmi.registry.watches.models import Watch

STAFF = {"agent", "agent_name", "mentions"}
FORM = "resmi.citizen/1"
CHUNK = 500


def export(*, actor: User | None, contact_id: int, target: IO[bytes]) -> finding.Held:
    """Writes the zip and the audit entry; what was in it. Raises `finding.Refused`."""
    found = finding.held(contact_id)
    with transaction.atomic():
        agency.record_audit(
            actor=actor,
            action="contact_exported",
            target=f"contact:{contact_id}",
            after={"conversations": found.conversations, "files": found.files},
        )
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as packed:
        files = list(_pack_files(packed, contact_id))
        for name, value in _parts(contact_id, files).items():
            packed.writestr(f"{name}.json", _json(value))
        for talk in finding.conversations(contact_id).select_related("channel").iterator(CHUNK):
            packed.writestr(f"conversations/{talk.pk}.json", _json(_talk(talk)))
    return found


def _json(value: Any) -> bytes:
    return msgspec.json.format(msgspec.json.encode(value), indent=1)


def _parts(contact_id: int, files: list[dict[str, Any]]) -> dict[str, Any]:
    talks = list(finding.conversations(contact_id).values_list("pk", flat=True))
    contact = Contact.objects.get(pk=contact_id)
    about = {
        "form": FORM,
        "contact": contact_id,
        "made_at": datetime.now(UTC),
        "left_out": "The names of staff; who looked at this is in the agency's audit trail.",
    }
    return {
        "about": about,
        "contact": {
            **_fields(contact, "name", "language", "created_at", "opted_out_at", "tags"),
            **_fields(contact, "value", "attributes", "note"),
            "identities": [
                _fields(one, "kind", "user_id", "phone", "username", "profile_name", "created_at")
                for one in finding.identities(contact_id)
            ],
        },
        "consents": [
            _consent(one)
            for one in Consent.objects.filter(contact__in=finding.all_of(contact_id))
            .select_related("wording")
            .order_by("pk")
        ],
        "watches": [
            _fields(one, "subject", "name", "standing", "started_at", "ended_at", "told_at")
            for one in Watch.objects.filter(contact__in=finding.all_of(contact_id)).order_by("pk")
        ],
        "answers": [
            _fields(one, "code", "answered_at", "query", "status", "source", "as_of")
            for one in Receipt.objects.filter(conversation__in=talks).order_by("answered_at")
        ],
        "received_as_it_came": [_item(one) for one in finding.items(contact_id).iterator(CHUNK)],
        "files": files,
    }


def _fields(row: object, *names: str) -> dict[str, Any]:
    return {name: getattr(row, name) for name in names}


def _consent(row: Consent) -> dict[str, Any]:
    times = ("asked_at", "answered_at", "withdrawn_at")
    said = _fields(row, "language", "how", "channel", "answer", *times)
    return {"version": row.wording.version, "wording": row.text, **said}


def _item(row: Inbound) -> dict[str, Any]:
    raw = bytes(row.raw).decode(errors="replace")
    return {**_fields(row, "kind", "occurred_at", "received_at"), "raw": raw}


def _talk(talk: Conversation) -> dict[str, Any]:
    events = Event.objects.filter(conversation=talk.pk).order_by("seq")
    sent = Delivery.objects.filter(conversation=talk.pk).order_by("pk")
    return {
        "id": talk.pk,
        "channel": talk.channel.name,
        **_fields(talk, "language", "opened_at", "closed_at", "wrap_up"),
        "events": [_event(one) for one in events.iterator(CHUNK)],
        "deliveries": [
            _fields(one, "ref", "recipient", "author", "status", "statuses", "created_at")
            for one in sent.iterator(CHUNK)
        ],
    }


def _event(event: Event) -> dict[str, Any]:
    """An event without who of the staff it was."""
    data = {name: value for name, value in event.data.items() if name not in STAFF}
    return {**_fields(event, "seq", "type", "at"), "by": event.actor["kind"], "data": data}


def _pack_files(packed: zipfile.ZipFile, contact_id: int) -> Iterator[dict[str, Any]]:
    talks = finding.conversations(contact_id).values_list("pk", flat=True)
    for row in MediaFile.objects.filter(conversation__in=list(talks)).order_by("created_at"):
        told = _fields(row, "conversation", "kind", "mime", "filename", "size", "sha256", "state")
        told["id"] = str(row.pk)
        if row.state == MediaState.STORED and row.file:
            ending = str(row.file.name).rpartition(".")[2]
            told["in_here"] = f"files/{row.pk}.{ending}"
            try:
                with row.file.open("rb") as source, packed.open(told["in_here"], "w") as place:
                    for chunk in iter(lambda: source.read(1 << 16), b""):
                        place.write(chunk)
            except FileNotFoundError:
                told["in_here"] = ""
        yield told
