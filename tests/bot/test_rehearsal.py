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


WORDING = "name: n\nlanguage: en\nwording: {en: May we tell you?}\ntalk:\n"


def test_consent_is_asked_with_the_scripts_wording_and_answered_by_its_buttons(
    tmp_path: Path,
) -> None:
    one = played(
        tmp_path,
        WORDING + "  - {citizen: thanks, consent: [asked], options: [consent_yes, consent_no]}\n"
        "  - {citizen: {tap: consent_yes}, consent: [given]}\n",
    )
    assert one.problems == ()
    for line in (
        "May we tell you?",
        "[I agree] (consent_yes:1)",
        "→ consent asked",
        "→ consent given",
    ):
        assert line in one.transcript


def test_consent_that_goes_otherwise_than_written_is_a_problem(tmp_path: Path) -> None:
    lines = [
        "  - {citizen: thanks, consent: []}\n",
        "  - {citizen: thanks, consent: [asked]}\n",
        "  - {citizen: {tap: consent_no}, consent: [given]}\n",
    ]
    one = played(tmp_path, WORDING + "".join(lines))
    assert [problem.line for problem in one.problems] == [5, 6, 7]
    assert "consent: expected ('given',), got ('refused',)" in one.problems[2].message


def test_time_passes_between_the_lines_of_a_script(tmp_path: Path) -> None:
    one = played(
        tmp_path,
        WORDING + "  - {citizen: thanks, consent: [asked]}\n"
        "  - {citizen: thanks, consent: []}\n"
        "  - {citizen: thanks, after_days: 365, consent: [asked]}\n"
        "  - {citizen: agent, after_days: 4, says: [off duty]}\n",
    )
    assert one.problems == ()


def test_an_answer_to_consent_there_is_not_is_refused_by_line(tmp_path: Path) -> None:
    one = played(tmp_path, WORDING + "  - citizen: thanks\n    consent: [maybe]\n")
    assert one.problems[0].line == 6
