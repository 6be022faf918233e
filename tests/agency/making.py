"""Accounts for tests."""

from __future__ import annotations

from django.test import Client

from resmi.agency.models import Role, User

PASSWORD = "pagi-hari-di-pasar-2026"


def account(
    *,
    email: str = "sari@example.org",
    name: str = "Sari Dewi",
    role: str = Role.AGENT,
    password: str = PASSWORD,
    **fields: object,
) -> User:
    return User.objects.create_user(email=email, name=name, role=role, password=password, **fields)


def admin(**fields: object) -> User:
    return account(
        **{"email": "ratna@example.org", "name": "Ratna", "role": Role.ADMIN, **fields}  # type: ignore[arg-type]
    )


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client
