"""Scripted conversations find what is wrong, and say where."""

from __future__ import annotations

from pathlib import Path

from resmi.bot import rehearsal
from tests.bot.making import finance


def played(tmp_path: Path, script: str) -> rehearsal.Rehearsed:
    (tmp_path / "one.yaml").write_text(script)
    (one,) = rehearsal.rehearse(finance(), tmp_path)
    return one


def test_a_script_that_goes_as_written_has_no_problems(tmp_path: Path) -> None:
    one = played(tmp_path, "name: n\ntalk:\n  - {citizen: menu, options: [check, report, agent]}\n")
    assert one.problems == ()
    assert one.name == "n"


def test_what_differs_is_named_with_the_line_of_the_message(tmp_path: Path) -> None:
    one = played(
        tmp_path,
        "name: n\ntalk:\n  - citizen: halo\n  - citizen: petugas\n    says: [nonsense]\n"
        "    never: [petugas]\n    replies: 7\n    handover: {queue: reports}\n",
    )
    assert {problem.line for problem in one.problems} == {4}
    told = " ".join(problem.message for problem in one.problems)
    for piece in ("'nonsense'", "must not be", "replies: expected 7", "handover.queue"):
        assert piece in told


def test_a_hand_over_that_does_not_come_is_a_problem(tmp_path: Path) -> None:
    one = played(tmp_path, "name: n\ntalk:\n  - {citizen: halo, handover: {queue: general}}\n")
    assert "got none" in one.problems[0].message


def test_a_script_with_an_unknown_field_is_refused_by_line(tmp_path: Path) -> None:
    one = played(tmp_path, "name: n\ntalk:\n  - citizen: halo\n    sais: [x]\n")
    assert one.problems[0].line == 4
    assert "'sais' is not known here" in one.problems[0].message


def test_the_scripts_register_finds_names_inside_sentences(tmp_path: Path) -> None:
    one = played(
        tmp_path,
        "name: n\nregister:\n  - {name: PT Dana Contoh, status: illegal}\n"
        "talk:\n  - {citizen: saya ditawari dana contoh kemarin, verdicts: [illegal]}\n",
    )
    assert one.problems == ()


def test_the_transcript_shows_both_sides(tmp_path: Path) -> None:
    one = played(tmp_path, "name: n\ntalk:\n  - citizen: petugas\n")
    assert one.transcript.startswith("> petugas")
    assert "→ general" in one.transcript
