"""What can be watched, and what counts as news."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from resmi.registry.rules import Status, Verdict
from resmi.registry.watches import rules
from resmi.registry.watches.rules import STANDINGS, Now, Watched


def verdict(status: Status, query: str = "Dana Contoh", entity: str = "") -> Verdict:
    name = "PT Dana Contoh" if entity else ""
    register = {"source": "R", "as_of": "2026-01-01", "version": 1}
    return Verdict(status=status, query=query, entity=entity, name=name, **register)  # type: ignore[arg-type]


@pytest.mark.parametrize("status", ["licensed", "revoked", "illegal"])
def test_a_registered_entity_is_watched_by_its_id(status: Status) -> None:
    watched = rules.of_verdict(verdict(status, entity="L1"))
    assert watched == Watched(subject="entity:L1", name="PT Dana Contoh", standing=status)


@pytest.mark.parametrize("status", ["unknown", "similar"])
def test_a_name_that_is_not_in_the_register_is_watched_as_such(status: Status) -> None:
    watched = rules.of_verdict(verdict(status, query="PT Foo Bar"))
    assert watched == Watched(subject="name:foobar", name="PT Foo Bar", standing="unknown")


@pytest.mark.parametrize("status", ["confirm", "ambiguous"])
def test_while_it_is_not_clear_who_is_meant_nothing_can_be_watched(status: Status) -> None:
    assert rules.of_verdict(verdict(status, entity="L1")) is None


def test_a_name_without_letters_cannot_be_watched() -> None:
    assert rules.of_verdict(verdict("unknown", query="…")) is None


def test_the_gravest_answer_to_a_name_is_its_standing() -> None:
    both = (verdict("licensed", entity="L1"), verdict("illegal", entity="I1"))
    assert rules.standing_of(both) == "illegal"


@pytest.mark.parametrize("status", ["unknown", "similar", "confirm"])
def test_look_alikes_that_come_and_go_are_no_news(status: Status) -> None:
    assert rules.standing_of((verdict(status),)) == "unknown"


def now(standing: rules.Standing) -> Now:
    return Now(standing=standing, source="R", as_of="2026-02-01")


@given(st.sampled_from(STANDINGS), st.sampled_from(STANDINGS))
def test_there_are_news_exactly_when_the_standing_differs_from_what_was_told(
    before: rules.Standing, after: rules.Standing
) -> None:
    watched = Watched(subject="entity:L1", name="Dana Contoh", standing=before)
    change = rules.change(watched, now(after))
    assert (change is None) == (before == after)
    if change is not None:
        assert (change.before, change.after, change.name) == (before, after, "Dana Contoh")
        told = Watched(subject=change.subject, name=change.name, standing=change.after)
        assert rules.change(told, now(after)) is None


statuses = st.sampled_from(
    ["licensed", "confirm", "revoked", "illegal", "ambiguous", "similar", "unknown"]
)


@given(statuses, st.text(max_size=400), st.text(max_size=64))
def test_whatever_is_watched_fits_the_table_and_an_options_id(
    status: Status, query: str, entity: str
) -> None:
    watched = rules.of_verdict(verdict(status, query=query, entity=entity))
    if watched is not None:
        assert len(f"unwatch:{watched.subject}") <= 200
        assert len(watched.subject) <= 120
        assert len(watched.name) <= 300
        assert watched.standing in STANDINGS
