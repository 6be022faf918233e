from typing import Any

import pytest

from resmi.channels.items import Address
from resmi.channels.whatsapp import people
from tests.channels.whatsapp import payloads as wa


def sender(item: dict[str, Any], contact: dict[str, Any]) -> Address | None:
    return people.person(item, contact, people.FROM, scope="p")


def known(item: dict[str, Any], contact: dict[str, Any]) -> tuple[str, str]:
    found = sender(item, contact)
    assert found is not None
    return found.user_id, found.phone


@pytest.mark.parametrize(
    ("item", "contact", "expected"),
    [
        ({"from": "62811"}, {}, ("", "62811")),
        ({"from": "+62811"}, {}, ("", "62811")),
        ({"from": "62811"}, {"wa_id": "62811", "user_id": "ID.1"}, ("ID.1", "62811")),
        ({"from": "62811", "from_user_id": "ID.1"}, {}, ("ID.1", "62811")),
        ({"from_user_id": "ID.1"}, {}, ("ID.1", "")),
        ({}, {"user_id": "ID.1"}, ("ID.1", "")),
        ({}, {"wa_id": "62811"}, ("", "62811")),
        ({"from": "someone"}, {}, ("someone", "")),
        ({"from": "someone"}, {"user_id": "ID.1"}, ("ID.1", "")),
        ({"from": 62811}, {}, ("", "62811")),
        ({"from": "٦٢٨١١"}, {}, ("٦٢٨١١", "")),
        ({"from": "1" * 40}, {}, ("1" * 40, "")),
    ],
)
def test_people_are_known_by_user_id_phone_or_both(
    item: dict[str, Any], contact: dict[str, Any], expected: tuple[str, str]
) -> None:
    assert known(item, contact) == expected


@pytest.mark.parametrize("item", [{}, {"from": ""}, {"from": None}, {"from": "x" * 500}])
def test_nobody_named_is_nobody(item: dict[str, Any]) -> None:
    assert sender(item, {}) is None


def test_profile_and_parent_come_from_the_contact() -> None:
    contact = {
        "profile": {"name": "Sari\0" + "x" * 300, "username": "@sari"},
        "user_id": "ID.1",
        "parent_user_id": "ID.ENT.1",
    }
    found = sender({}, contact)
    assert found is not None
    assert found.profile_name == "Sari\ufffd" + "x" * 195
    assert (found.username, found.parent_user_id) == ("sari", "ID.ENT.1")


def test_the_key_holds_the_scope_and_prefers_the_user_id() -> None:
    found = sender({"from": "62811", "from_user_id": "ID.1"}, {})
    assert found is not None
    assert found.key() == "whatsapp:p:ID.1"


def contacts(*nodes: dict[str, Any]) -> people.Contacts:
    return people.Contacts(people.Contact(None, node) for node in nodes)  # type: ignore[arg-type]


def test_a_contact_is_found_by_user_id_before_phone() -> None:
    found = contacts({"wa_id": "62811"}, {"user_id": "ID.1"}).find(
        {"from": "62811", "from_user_id": "ID.1"}, people.FROM
    )
    assert found is not None
    assert found.node == {"user_id": "ID.1"}


def test_the_only_contact_is_the_senders_unless_it_says_otherwise() -> None:
    only = contacts({"wa_id": "62811", "user_id": "ID.1"})
    assert only.find({}, people.FROM) is not None
    assert only.find({"from": "words"}, people.FROM) is not None
    assert only.find({"from": "62812"}, people.FROM) is None
    assert only.find({"from_user_id": "ID.2"}, people.FROM) is None


def test_among_several_contacts_none_is_guessed() -> None:
    both = contacts(wa.contact(phone="62811"), wa.contact(phone="62812"))
    assert both.find({"from": "62813"}, people.FROM) is None
