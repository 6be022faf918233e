from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from resmi.agency import rules, services
from resmi.agency.models import AuditEntry, Role, User
from tests.agency import making

pytestmark = pytest.mark.django_db

NEW = {
    "email": "Budi@example.org",
    "name": "Budi",
    "role": "agent",
    "password": "a-first-password-9",
}


@pytest.fixture
def ratna() -> User:
    return making.admin()


@pytest.fixture
def as_admin(ratna: User) -> Client:
    return making.signed_in(ratna)


def _change(client: Client, user: User, **fields: str) -> int:
    values = {"name": user.name, "role": user.role, "active": "on", **fields}
    values = {key: value for key, value in values.items() if value}
    return client.post(reverse("agency:change_account", args=[user.pk]), values).status_code


@pytest.mark.parametrize("role", [Role.AGENT, Role.SUPERVISOR])
def test_only_administrators_see_the_staff_list(role: str) -> None:
    assert making.signed_in(making.account(role=role)).get("/staff/").status_code == 403


def test_an_account_is_created_and_audited(as_admin: Client, ratna: User) -> None:
    as_admin.post(reverse("agency:create_account"), NEW)
    entry = AuditEntry.objects.get(action="account_created")
    budi = User.objects.get(email="budi@example.org")
    assert (entry.actor, entry.action, entry.target) == (
        ratna,
        "account_created",
        f"account:{budi.pk}",
    )


def test_the_audit_trail_never_holds_a_password(as_admin: Client) -> None:
    as_admin.post(reverse("agency:create_account"), NEW)
    assert NEW["password"] not in str(AuditEntry.objects.get(action="account_created").after)


def test_an_address_is_given_once(as_admin: Client) -> None:
    making.account(email="budi@example.org")
    response = as_admin.post(reverse("agency:create_account"), NEW)
    assert response.status_code == 422


def test_a_weak_first_password_is_refused(as_admin: Client) -> None:
    as_admin.post(reverse("agency:create_account"), {**NEW, "password": "12345678"})
    assert not User.objects.filter(email="budi@example.org").exists()


def test_a_deactivated_account_is_signed_out_at_once(as_admin: Client) -> None:
    sari = making.account()
    hers = making.signed_in(sari)
    _change(as_admin, sari, active="")
    assert hers.get("/account/").status_code == 302


def test_a_changed_role_counts_from_the_next_click(as_admin: Client) -> None:
    sari = making.account()
    hers = making.signed_in(sari)
    _change(as_admin, sari, role="supervisor")
    assert hers.get("/audit/").status_code == 200


def test_a_new_password_signs_the_account_out_everywhere(as_admin: Client) -> None:
    sari = making.account()
    hers = making.signed_in(sari)
    address = reverse("agency:reset_password", args=[sari.pk])
    as_admin.post(address, {"password": "another-password-8"})
    assert hers.get("/account/").status_code == 302


def test_an_administrator_can_not_give_up_their_own_role(as_admin: Client, ratna: User) -> None:
    assert _change(as_admin, ratna, role="agent") == 422


def test_saving_without_a_change_leaves_no_audit_entry(as_admin: Client) -> None:
    _change(as_admin, making.account())
    assert not AuditEntry.objects.filter(action="account_changed").exists()


def test_services_refuse_what_the_role_does_not_allow() -> None:
    sari = making.account()
    with pytest.raises(rules.Forbidden):
        services.change_account(actor=sari, account_id=sari.pk, name="x", role="admin", active=True)


def test_the_list_asks_as_much_for_one_account_as_for_fifty(
    as_admin: Client, django_assert_num_queries: object
) -> None:
    for number in range(49):
        making.account(email=f"a{number}@example.org")
    with django_assert_num_queries(4):  # type: ignore[operator]  # session, account, count, page
        as_admin.get("/staff/")


def test_the_list_is_searched_by_name_and_address(as_admin: Client) -> None:
    making.account(name="Sari Dewi")
    making.account(email="budi@example.org", name="Budi")
    page = as_admin.get("/staff/?q=BUDI").context["page_obj"]
    assert [account.name for account in page] == ["Budi"]


def test_the_trail_asks_as_much_for_fifty_entries_as_for_one(
    as_admin: Client, ratna: User, django_assert_num_queries: object
) -> None:
    for number in range(60):
        services.record_audit(actor=ratna, action="password_reset", target=f"account:{number}")
    with django_assert_num_queries(5):  # type: ignore[operator]  # and the names of targets
        as_admin.get("/audit/")


def test_the_trail_is_searched_by_target(as_admin: Client, ratna: User) -> None:
    services.record_audit(actor=ratna, action="password_reset", target="account:77")
    services.record_audit(actor=ratna, action="password_reset", target="account:78")
    page = as_admin.get("/audit/?q=account:77").context["entries"]
    assert [entry.target for entry, *_ in page] == ["account:77"]


def test_the_trail_shows_values_that_changed(as_admin: Client) -> None:
    _change(as_admin, making.account(), role="supervisor")
    assert "<del>Agent</del> → Supervisor" in as_admin.get("/audit/").content.decode()
