"""Addresses on hosts that many unrelated people share."""

from __future__ import annotations

import pytest

from resmi.registry.index import Index
from resmi.registry.matching import domains
from tests.registry.making import entry, index_of


@pytest.fixture(scope="module")
def shared() -> Index:
    return index_of(
        entry(
            "PT Kilau Dana Teknologi",
            key="L1",
            identifiers=(
                ("domain", "https://bit.ly/KilauResmi"),
                ("domain", "https://www.instagram.com/KilauResmi/"),
                ("app", "id.co.kilau.app"),
            ),
        ),
        entry("Kilat Gelap", key="I1", status="illegal", identifiers=(("url", "bit.ly/Gelap"),)),
    )


def statuses(index: Index, text: str) -> set[str]:
    return {verdict.status for verdict in index.verify(text)}


@pytest.mark.parametrize(
    "text",
    [
        "bit.ly/KilauResmi",
        "cek https://BIT.LY/KilauResmi.",
        "https://instagram.com/kilauresmi",
        "https://www.instagram.com/KilauResmi/",
        "https://play.google.com/store/apps/details?id=id.co.kilau.app",
    ],
)
def test_a_page_an_entity_gave_is_licensed(shared: Index, text: str) -> None:
    assert statuses(shared, text) == {"licensed"}


@pytest.mark.parametrize("text", ["bit.ly/kilauresmi", "https://bit.ly/KILAURESMI"])
def test_a_short_link_in_other_letters_is_somebody_elses(shared: Index, text: str) -> None:
    assert statuses(shared, text) == {"similar"}


def test_a_warning_does_not_wait_for_the_right_capitals(shared: Index) -> None:
    assert statuses(shared, "https://bit.ly/gelap") == {"illegal"}


def test_hosts_that_take_all_letters_alike_are_shared_ones() -> None:
    assert domains._CASELESS <= domains._SHARED
