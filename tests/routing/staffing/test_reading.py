"""A file of staff, read and held against who is there; no database."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from resmi.routing.staffing import exporting, reading, rules
from resmi.routing.staffing.rules import Known, Person, Plan

FACTS = reading.Facts(
    queues={"consumer", "licensing"}, languages={"en", "id", "ko"}, time_zones={"Asia/Jakarta"}
)
RATNA = Known(id=1, person=Person(name="Ratna", role="admin"))
SARI = Known(id=2, person=Person(name="Sari", role="agent", queues=("consumer",)), load=50)
STAFF = {"ratna@example.org": RATNA, "sari@example.org": SARI}


def _plan(text: str, *, actor: str = "") -> Plan:
    found = reading.read(text, FACTS)
    planned = rules.plan(found.rows, STAFF, actor=actor)
    return rules.Plan(
        steps=planned.steps, same=planned.same, problems=(*found.problems, *planned.problems)
    )


def _wrong(text: str, *, actor: str = "") -> list[tuple[int, str, str]]:
    return [(one.line, one.code, one.value) for one in _plan(text, actor=actor).problems]


def test_somebody_unknown_gets_an_account() -> None:
    (step,) = _plan("email,name,role,skills\nBudi@Example.org,Budi,Agent,loans:2\n").steps
    assert (step.kind, step.email, step.after) == (
        "created",
        "budi@example.org",
        Person(name="Budi", role="agent", skills={"loans": 2}),
    )


def test_columns_that_are_not_there_change_nothing() -> None:
    (step,) = _plan("email,pseudonym\nsari@example.org,Mbak Sari\n").steps
    assert [change.name for change in step.changes] == ["pseudonym"]


def test_an_empty_cell_takes_queues_away_but_keeps_the_role() -> None:
    (step,) = _plan("email,role,queues\nsari@example.org,,\n").steps
    assert (step.after.role, step.after.queues) == ("agent", ())


def test_who_is_so_already_is_counted_and_not_changed() -> None:
    plan = _plan("email,role\nsari@example.org,agent\n")
    assert (plan.steps, plan.same) == ((), 1)


@pytest.mark.parametrize("heading", ["email;name;role", "email\tname\trole", "E-MAIL".lower()])
def test_other_separators_are_understood(heading: str) -> None:
    sign = ";" if ";" in heading else "\t" if "\t" in heading else ","
    text = f"email{sign}name{sign}role\r\nbudi@example.org{sign}Budi{sign}agent\r\n"
    assert [step.email for step in _plan(text).steps] == ["budi@example.org"]


def test_every_mistake_is_told_with_its_line() -> None:
    text = (
        "email,name,role,active,queues,skills,capacity\n"
        "nobody,Nobody,agent,,,,\n"
        '\n"a@example.org","Two\nlines",chief,,,,\n'
        "b@example.org,B,agent,perhaps,,,\n"
        "c@example.org,C,agent,,nowhere,,\n"
        "d@example.org,D,agent,,,loans:9,\n"
        "e@example.org,E,agent,,,,4000\n"
        "f@example.org,F,,,,,\n"
    )
    assert _wrong(text) == [
        (2, "email_wrong", "nobody"),
        (4, "role_unknown", "chief"),
        (6, "active_unclear", "perhaps"),
        (7, "queue_unknown", "nowhere"),
        (8, "skill_wrong", "loans:9"),
        (9, "capacity_wrong", "4000"),
        (10, "role_missing", ""),
    ]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "empty_file"),
        ("email,name\n", "no_lines"),
        ("name,role\nBudi,agent\n", "no_email_column"),
        ("email,salary\nb@example.org,1\n", "unknown_column"),
        ("email,name,name\nb@example.org,B,C\n", "column_twice"),
        ("email,name\nb@example.org,B,C\n", "too_many_cells"),
        ("email,role\nsari@example.org,agent\nSARI@example.org,editor\n", "email_twice"),
        ("email,capacity\nsari@example.org,25\n", "holds_more"),
        ("email,active\nratna@example.org,no\n", "no_manager_left"),
    ],
)
def test_a_file_that_can_not_be_taken_says_why(text: str, code: str) -> None:
    assert code in [found for _line, found, _value in _wrong(text)]


def test_nobody_takes_their_own_access_away() -> None:
    text = "email,role\nratna@example.org,agent\nsari@example.org,admin\n"
    assert _wrong(text, actor="ratna@example.org") == [(2, "own_account", "")]


def test_undoing_leaves_alone_what_was_changed_since() -> None:
    (step,) = _plan("email,role,pseudonym\nsari@example.org,supervisor,Mbak\n").steps
    now = Person(name="Sari", role="editor", pseudonym="Mbak", queues=("consumer",))
    assert rules.taken_back(step, now) == Person(name="Sari", role="editor", queues=("consumer",))


_words = st.text(st.characters(exclude_categories=["C", "Z"]), min_size=1, max_size=20)
_people = st.builds(
    Person,
    name=_words,
    role=st.sampled_from(["agent", "editor", "admin"]),
    active=st.booleans(),
    pseudonym=st.one_of(st.just(""), _words),
    language=st.sampled_from(["en", "id", "ko"]),
    queues=st.sampled_from([(), ("consumer",), ("consumer", "licensing")]),
    skills=st.dictionaries(st.from_regex(r"[a-z]{1,9}", fullmatch=True), st.integers(1, 5)),
    capacity=st.integers(0, 1000),
)


@given(st.lists(_people, max_size=5))
def test_what_is_exported_changes_nothing_when_it_comes_back(people: list[Person]) -> None:
    known = {
        f"p{number}@example.org": Known(id=number, person=person)
        for number, person in enumerate(people)
    }
    text = exporting.comma_separated(known).removeprefix(exporting.MARK)
    found = reading.read(text, FACTS)
    plan = rules.plan(found.rows, known)
    assert (plan.steps, plan.same) == ((), len(people))


@pytest.mark.parametrize("name", ["=1+1", "'=1", "''-x", "'Ali", "@home"])
def test_a_name_that_a_spreadsheet_would_compute_comes_back_whole(name: str) -> None:
    text = exporting.comma_separated({"a@example.org": Known(id=1, person=Person(name=name))})
    assert f",{name}," not in text or name == "'Ali"
    (row,) = reading.read(text.removeprefix(exporting.MARK), FACTS).rows
    assert row.given["name"] == name


@given(st.text())
def test_no_text_breaks_the_reader(text: str) -> None:
    found = reading.read(text, FACTS)
    assert found.rows or found.problems
