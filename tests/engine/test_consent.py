from __future__ import annotations

import itertools
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from resmi.engine import consent
from resmi.engine.consent import Known

NOW = datetime(2026, 1, 6, 10, tzinfo=UTC)
YEAR = timedelta(days=365)
ASKED = Known(version=3, texts={"en": "Agree?"}, asked=3, at=NOW)
SAID = st.tuples(st.sampled_from(["yes", "no", "withdraw"]), st.integers(0, 4))
STEPS = st.lists(st.one_of(st.just("ask"), SAID, st.integers(1, 500)), max_size=12)


@given(STEPS, st.integers(0, 4))
def test_nobody_is_asked_twice_within_the_interval_whatever_they_say(
    steps: list[object], version: int
) -> None:
    """Numbers are days that pass. What is in force follows from the last answer alone."""
    known, now = Known(version=version), NOW
    asked_at: list[datetime] = []
    for step in steps:
        if isinstance(step, int):
            now += timedelta(days=step)
        elif step == "ask":
            if consent.may_ask(known, now, YEAR):
                asked_at.append(now)
                known = consent.asked(known, now)
        elif isinstance(step, tuple) and (answer := consent.heard(known, *step)):
            known = consent.answered(known, answer)
            assert known.agreed == (answer == "given")
            assert consent.heard(known, *step) is None  # the same again changes nothing
    assert not asked_at or version
    for before, after in itertools.pairwise(asked_at):
        assert after - before >= YEAR


@given(st.builds(Known, version=st.integers(0, 3), asked=st.integers(0, 3), agreed=st.booleans(),
                 answer=st.sampled_from(["", "given", "refused", "withdrawn"])), SAID)  # fmt: skip
def test_no_word_but_yes_to_what_they_were_asked_gives_consent(
    known: Known, said: tuple[consent.Said, int]
) -> None:
    answer = consent.heard(known, *said)
    if answer == "given":
        assert said == ("yes", known.asked)
        assert known.asked
    if said[0] in ("no", "withdraw") and answer is not None:
        assert not consent.answered(known, answer).agreed
        assert answer in ("refused", "withdrawn")


@pytest.mark.parametrize(
    ("known", "after_days", "may"),
    [
        (Known(), 0, False),
        (Known(version=1), 0, True),
        (ASKED, 364, False),
        (ASKED, 365, True),
        (consent.answered(ASKED, "given"), 4000, False),
        (consent.answered(ASKED, "refused"), 364, False),
        (consent.answered(ASKED, "refused"), 365, True),
        (consent.answered(consent.answered(ASKED, "given"), "withdrawn"), 365, True),
        (Known(version=4, asked=3, answer="given", agreed=True, at=NOW), 100, False),
        (Known(version=4, asked=3, answer="given", agreed=True, at=NOW), 365, True),
        (ASKED, -10, False),
    ],
)
def test_who_may_be_asked(known: Known, after_days: int, may: bool) -> None:
    assert consent.may_ask(known, NOW + timedelta(days=after_days), YEAR) is may


@pytest.mark.parametrize(
    ("known", "said", "version", "answer"),
    [
        (ASKED, "yes", 3, "given"),
        (ASKED, "no", 3, "refused"),
        (ASKED, "yes", 2, None),
        (ASKED, "withdraw", 0, None),
        (consent.answered(ASKED, "given"), "no", 3, "withdrawn"),
        (consent.answered(ASKED, "given"), "withdraw", 0, "withdrawn"),
        (consent.answered(ASKED, "refused"), "yes", 3, "given"),
        (Known(version=4, asked=4, agreed=True), "withdraw", 0, "withdrawn"),
        (Known(version=4, asked=4, agreed=True), "no", 4, "refused"),
    ],
)
def test_what_an_answer_changes(
    known: Known, said: consent.Said, version: int, answer: str | None
) -> None:
    assert consent.heard(known, said, version) == answer


def test_a_wording_is_read_in_the_citizens_language_else_english_else_any() -> None:
    assert consent.in_language({"id": "A", "en": "B"}, "id") == ("id", "A")
    assert consent.in_language({"id": "A", "en": "B"}, "ko") == ("en", "B")
    assert consent.in_language({"id": "A"}, "ko") == ("id", "A")
