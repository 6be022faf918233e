"""Who may use the demo page: this machine, in a demo, and nobody else."""

from __future__ import annotations

import pytest
from django.conf import settings
from django.http import Http404
from django.test import RequestFactory
from django.urls import NoReverseMatch, reverse

from resmi.desk import demo


def test_the_page_has_no_address_outside_a_demo() -> None:
    assert settings.MODE != "demo"
    with pytest.raises(NoReverseMatch):
        reverse("demo")


@pytest.mark.parametrize(
    ("mode", "address", "host"),
    [
        ("production", "127.0.0.1", "127.0.0.1:8700"),
        ("test", "127.0.0.1", "127.0.0.1:8700"),
        ("demo", "192.0.2.7", "127.0.0.1:8700"),
        ("demo", "", "127.0.0.1:8700"),
        ("demo", "127.0.0.1", "agency.example"),
    ],
)
def test_anybody_else_finds_nothing(
    mode: str, address: str, host: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(settings, "MODE", mode)
    monkeypatch.setattr(settings, "ALLOWED_HOSTS", ["*"])
    request = RequestFactory().get("/demo/", REMOTE_ADDR=address, headers={"host": host})
    with pytest.raises(Http404):
        demo.page(request)
    with pytest.raises(Http404):
        demo.sign_in(request, ticket="any")


def test_a_made_up_ticket_signs_nobody_in(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings, "MODE", "demo")
    request = RequestFactory().get("/demo/as/x/", headers={"host": "127.0.0.1:8700"})
    with pytest.raises(Http404):
        demo.sign_in(request, ticket="made:up")
