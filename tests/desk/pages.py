"""Every page of the product, found in the addresses themselves: a new one can not be forgotten."""

from __future__ import annotations

from collections.abc import Iterator

from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from resmi.agency.models import User
from resmi.channels.models import Inbound
from resmi.conversations.models import Conversation

# What stands in addresses that name something by a word; anything else is the number 1.
WORDS = {
    "desk:entry": {"kind": "breaks", "key": "lunch"},
    "desk:new_entry": {"kind": "breaks"},
    "desk:routing_entries": {"kind": "breaks"},
    "desk:queue": {"key": "general"},
    "desk:canned_edit": {"shortcut": "bukti"},
}
# Pages that need more than an office at work; the tests named walk them with what they need.
ELSEWHERE = {
    "desk:false_answer": "tests/journeys/test_register.py",
    "desk:import": "tests/journeys/test_register.py",
    "desk:list_of_register": "tests/journeys/test_register.py",
    "desk:entity": "tests/journeys/test_register.py",
    "desk:wall_link": "tests/journeys/test_floor.py",
    "desk:staff_file": "tests/desk/test_staffing.py",
    "api:entry": "tests/journeys/test_check.py",
    "api:receipt": "tests/journeys/test_check.py",
    "api:preview": "tests/api/test_reconciliation.py",
    "mfa_deactivate_totp": "tests/journeys/test_signing_in.py",
    "mfa_download_recovery_codes": "tests/journeys/test_signing_in.py",
    "mfa_view_recovery_codes": "tests/journeys/test_signing_in.py",
    "mfa_edit_webauthn": "tests/journeys/test_signing_in.py",
    "mfa_remove_webauthn": "tests/journeys/test_signing_in.py",
    "openid_connect_callback": "tests/agency/test_sign_on.py",
    "openid_connect_login": "tests/agency/test_sign_on.py",
}


def named(resolver: URLResolver | None = None, space: str = "") -> Iterator[tuple[str, URLPattern]]:
    """All addresses by their full names."""
    for entry in (resolver or get_resolver()).url_patterns:
        if isinstance(entry, URLResolver):
            inner = f"{space}{entry.namespace}:" if entry.namespace else space
            yield from named(entry, inner)
        elif entry.name:
            yield space + entry.name, entry


def found(client: Client, admin: User, conversation: Conversation) -> dict[str, str]:
    """The addresses that answer `client` with a whole page, by name.

    `conversation` and `admin` stand where an address has their number.
    """
    pages: dict[str, str] = {}
    lost: list[str] = []
    for name, entry in named():
        address = _address(name, entry, admin, conversation)
        if address is None:
            continue
        answer = client.get(address)
        if not answer.streaming and answer.status_code == 200 and b"<html" in answer.content:
            pages[name] = address
        elif answer.status_code == 404 and _may_be_a_page(name, entry):
            lost.append(name)
    assert lost == [], f"say in tests/desk/pages.py how these are reached: {lost}"
    return pages


def _may_be_a_page(name: str, entry: URLPattern) -> bool:
    about = {*entry.pattern.converters}
    return name not in ELSEWHERE and "conversation_id" not in about and "json" not in str(entry)


def _address(name: str, entry: URLPattern, admin: User, conversation: Conversation) -> str | None:
    numbers = {
        "conversation_id": conversation.pk,
        "contact_id": conversation.contact_id,
        "agent_id": admin.pk,
        "account_id": admin.pk,
    }
    if item := Inbound.objects.filter(status="parked").first():
        numbers["item_id"] = item.pk
    arguments = entry.pattern.converters
    if "media_id" in arguments or name == "account_reset_password_from_key":
        return None  # files are no pages; a link from a letter is used once
    values = {word: numbers.get(word, 1) for word in arguments}
    return reverse(name, kwargs=values | WORDS.get(name, {}))
