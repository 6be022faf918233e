"""A receipt says what was true then; what changed since comes first."""

from __future__ import annotations

from resmi.registry.receipts import changes
from resmi.registry.receipts.changes import Today
from resmi.registry.rules import Candidate, Verdict
from tests.registry.receipts.making import unknown, verdict


def today(then: Verdict, *now: Verdict, version: int = 9) -> Today:
    return changes.today(
        then, version=version, source="Today's list", as_of="2026-09-09", verify=lambda _: now
    )


def test_while_the_register_is_the_same_nothing_is_asked_again() -> None:
    found = today(verdict(), verdict(status="illegal"), version=3)
    assert (found.change, found.verdict.status) == ("same", "licensed")


def test_a_newer_register_with_the_same_answer_is_no_change() -> None:
    assert today(verdict(), verdict(version=9, as_of="2026-09-09")).change == "same"


def test_a_licence_revoked_since_is_another_answer() -> None:
    found = today(verdict(), verdict(status="revoked", version=9))
    assert (found.change, found.verdict.status) == ("answer", "revoked")


def test_a_name_that_belongs_to_somebody_else_today_is_another_answer() -> None:
    assert today(verdict(), verdict(entity="L2")).change == "answer"


def test_an_entity_that_vanished_from_every_list_is_unknown_today() -> None:
    found = today(verdict())
    assert (found.change, found.verdict.status) == ("answer", "unknown")
    assert (found.verdict.source, found.verdict.as_of) == ("Today's list", "2026-09-09")


def test_a_new_licence_number_is_a_change_of_details() -> None:
    assert today(verdict(licence="KEP-1"), verdict(licence="KEP-2")).change == "details"


def test_an_unknown_name_that_is_on_the_illegal_list_today_is_another_answer() -> None:
    assert today(unknown(), verdict(status="illegal", entity="I1")).change == "answer"


def test_a_look_alike_that_lost_its_licence_is_another_answer() -> None:
    def like(status: str) -> Verdict:
        return unknown(candidates=(Candidate(entity="L1", name="PT Contoh", status=status),))

    assert today(like("licensed"), like("revoked")).change == "answer"
    assert today(like("licensed"), like("licensed")).change == "same"


def test_of_several_answers_today_the_one_about_the_same_entity_counts() -> None:
    found = today(verdict(), unknown("sejahtera"), verdict(version=9))
    assert (found.change, found.verdict.entity) == ("same", "L1")
