from __future__ import annotations

import pytest

from resmi.contacts import services
from resmi.contacts.models import Contact, Identity
from resmi.engine.address import Address

pytestmark = pytest.mark.django_db


def address(user_id: str = "", phone: str = "", **fields: str) -> Address:
    return Address(kind="whatsapp", scope="p1", user_id=user_id, phone=phone, **fields)


def contact_of(given: Address) -> int:
    return services.resolve([given])[given.key()].contact


def test_a_stranger_becomes_a_contact_with_the_name_of_the_profile() -> None:
    contact = contact_of(address("ID.1", "628111", profile_name="Budi"))
    assert Contact.objects.get(pk=contact).name == "Budi"


def test_the_same_person_is_found_again() -> None:
    first = contact_of(address("ID.1", "628111"))
    assert contact_of(address("ID.1")) == contact_of(address(phone="628111")) == first
    assert Contact.objects.count() == 1


def test_one_batch_may_name_a_person_many_times() -> None:
    known = services.resolve([address("ID.1"), address("ID.1"), address("ID.2")])
    assert len(known) == 2
    assert Contact.objects.count() == 2


def test_a_contact_known_by_phone_learns_its_user_id() -> None:
    old = contact_of(address(phone="628111"))
    assert contact_of(address("ID.1", "628111")) == old
    assert contact_of(address("ID.1")) == old


def test_a_contact_known_by_user_id_learns_its_phone() -> None:
    old = contact_of(address("ID.1"))
    contact_of(address("ID.1", "628111"))
    assert contact_of(address(phone="628111")) == old


def test_a_phone_under_a_new_user_id_is_another_person() -> None:
    old = contact_of(address("ID.1", "628111"))
    new = contact_of(address("ID.2", "628111"))
    assert new != old
    assert Identity.objects.get(user_id="ID.1").phone is None
    assert contact_of(address(phone="628111")) == new


def test_the_same_user_id_of_another_portfolio_is_another_person() -> None:
    one = contact_of(address("ID.1"))
    other = Address(kind="whatsapp", scope="p2", user_id="ID.1")
    assert contact_of(other) != one


def test_a_changed_number_keeps_the_contact() -> None:
    old = contact_of(address(phone="628111"))
    assert services.follow_change(address(phone="628111"), address(phone="628222"))
    assert contact_of(address(phone="628222")) == old


def test_a_changed_user_id_keeps_the_contact() -> None:
    old = contact_of(address("ID.1", "628111"))
    assert services.follow_change(address("ID.1"), address("ID.9", "628999"))
    assert contact_of(address("ID.9")) == old


def test_a_change_heard_late_joins_what_the_new_id_already_wrote() -> None:
    old = contact_of(address("ID.1"))
    contact_of(address("ID.9"))
    assert services.follow_change(address("ID.1"), address("ID.9"))
    assert contact_of(address("ID.9")) == old


def test_a_change_of_a_stranger_changes_nothing() -> None:
    assert not services.follow_change(address("ID.1"), address("ID.9"))
    assert Contact.objects.count() == 0


def test_looking_up_many_known_people_takes_one_query_and_a_lock(django_assert_num_queries) -> None:
    people = [address(f"ID.{n}", f"62{n}") for n in range(50)]
    services.resolve(people)
    with django_assert_num_queries(2):
        services.resolve(people)


def test_the_last_language_is_remembered() -> None:
    contact = contact_of(address("ID.1"))
    services.set_languages({contact: "ko"})
    assert services.resolve([address("ID.1")])["whatsapp:p1:ID.1"].language == "ko"


def test_stopping_and_resuming_are_noted() -> None:
    contact = contact_of(address("ID.1"))
    services.set_opted_out(contact, opted_out=True)
    assert Contact.objects.get(pk=contact).opted_out_at is not None
    services.set_opted_out(contact, opted_out=False)
    assert Contact.objects.get(pk=contact).opted_out_at is None
