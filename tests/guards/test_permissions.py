"""Every address says who may use it: a permission, or that it is public and why."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.urls import URLPattern, URLResolver, get_resolver

from resmi.agency import rules
from tests.guards import sources


def _patterns(resolver: URLResolver, prefix: str = "") -> Iterator[tuple[str, URLPattern]]:
    for entry in resolver.url_patterns:
        address = prefix + str(entry.pattern)
        if isinstance(entry, URLResolver):
            yield from _patterns(entry, address)
        else:
            yield address, entry


ALL = dict(_patterns(get_resolver()))


def _says(view: Any) -> bool:
    permission = getattr(view, "permission", "")
    reason = getattr(view, "public_reason", "")
    return permission in rules.PERMISSIONS or bool(reason.strip())


def test_there_are_addresses_to_walk() -> None:
    assert "staff/" in ALL


@pytest.mark.parametrize("address", sorted(ALL))
def test_every_address_states_its_permission(address: str) -> None:
    assert _says(ALL[address].callback), f"decorate the view of {address}"


def test_a_view_that_says_nothing_is_found() -> None:
    assert not _says(lambda request: None)


def test_every_permission_in_a_template_exists() -> None:
    """A permission that does not exist would hide its part of the page from everybody."""
    asked = {
        word
        for path in sources.templates()
        for word in re.findall(r"\bmay\.(\w+)", path.read_text())
    }
    assert asked - rules.PERMISSIONS == set()
