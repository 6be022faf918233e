"""Loading a pack: what is wrong is named by file and line, all at once."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from resmi.bot import packs
from resmi.bot.errors import PackError
from tests.bot.making import FOLDER, copied, finance


def broken(folder: Path, file: str, before: str, after: str) -> list[str]:
    """The mistakes found after one change to one file."""
    path = folder / file
    text = path.read_text(encoding="utf-8")
    assert before in text
    path.write_text(text.replace(before, after, 1), encoding="utf-8")
    with pytest.raises(PackError) as caught:
        packs.load(folder)
    return [str(problem) for problem in caught.value.problems]


def line_of(folder: Path, file: str, text: str) -> int:
    lines = (folder / file).read_text(encoding="utf-8").splitlines()
    return next(number for number, line in enumerate(lines, start=1) if text in line)


def test_the_finance_pack_loads() -> None:
    assert finance().languages == ("id", "en", "ko")
    assert [queue.key for queue in finance().queues] == ["general", "reports"]


def test_hours_come_with_the_pack() -> None:
    assert finance().hours.zone == "Asia/Jakarta"
    assert finance().hours.on(date(2026, 8, 17)) == ()
    assert len(finance().hours.on(date(2026, 3, 6))) == 2


def test_the_version_changes_with_any_file(tmp_path: Path) -> None:
    folder = copied(tmp_path)
    before = packs.load(folder).version
    (folder / "replies" / "id.yaml").write_text(
        (folder / "replies" / "id.yaml").read_text() + "\n# changed\n"
    )
    assert packs.load(folder).version != before


def test_the_version_is_that_of_the_content_not_of_the_place(tmp_path: Path) -> None:
    assert packs.load(copied(tmp_path)).version == packs.load(FOLDER).version


@pytest.mark.parametrize(
    ("file", "before", "after", "piece"),
    [
        ("queues.yaml", "offer_s: 30", "offer_s: soon", "offer_s: expected a whole number, got"),
        ("queues.yaml", "target_s: 120", "tarqet_s: 120", "'tarqet_s' is not known here"),
        ("queues.yaml", "en: General questions, ", "", "no text in 'en'; add it"),
        ("pack.yaml", "en: What happened, ", "", "no text in 'en'; add it"),
        ("pack.yaml", "  Link or phone:", "  Link or fon:", "no hand-over collects"),
        ("queues.yaml", "key: reports", "key: general", "the key 'general' is used twice"),
        ("wrap_up.yaml", "- key: licence_checked", "- kee: licence_checked", "'kee' is not known"),
        ("canned.yaml", "en: Please send", "en: Dear {{ citizn }}", "{{ citizn }} is no variable"),
        ("hours.yaml", "Asia/Jakarta", "Asia/Atlantis", "'Asia/Atlantis' is no time zone"),
        ("hours.yaml", "08:00-16:30", "16:30-08:00", "must begin before it ends"),
        ("hours.yaml", "monday:", "mondag:", "'mondag' is no day"),
        ("hours.yaml", "{date: 08-17", "{date: 17 August", "write a date as 2026-03-19"),
        ("options.yaml", "menu, goto: menu", "menu, goto: manu", "there is no flow 'manu'"),
        ("verdicts.yaml", "several:", "sevral:", "no answer for 'several'"),
        ("flows.yaml", "say: ask_company", "say: ask_compani", "'ask_compani' is missing"),
        ("flows.yaml", "handover: reports", "handover: report", "there is no queue 'report'"),
        ("flows.yaml", "goto: report\n", "goto: reprot\n", "there is no flow 'reprot'"),
        ("flows.yaml", "- when: asking", "- when: askin", "'askin' is neither a slot"),
        ("flows.yaml", "means('money_sent', story)", "means('money', story)", "no intent 'money'"),
        ("flows.yaml", "priority: 10 if", "priority: 10 iff", "not a valid expression"),
        ("flows.yaml", "  - say: thanks", "  - shout: thanks", "this step does nothing known"),
        ("flows.yaml", "  - say: thanks", "  - goto: menu\n  - say: thanks", "never reached"),
        ("flows.yaml", "end: solved", "end: resolved", "resolved"),
        ("flows.yaml", "[consent_yes, consent_no]", "[consent_yes]", "needs two options"),
        ("flows.yaml", "[consent_yes, consent_no]", "[consent_no, consent_yes]", "consent: yes"),
        ("flows.yaml", "consent: withdraw", "consent: revoke", "revoke"),
        ("options.yaml", "consent_no, carries: consent", "consent_no", "needs carries: consent"),
        ("replies/ko.yaml", "consent_is_none:", "consent_none:", "'consent_is_none' is missing"),
        ("pack.yaml", "consent_days: 365", "consent_days: 0", "must be at least 1"),
        ("flows.yaml", "\nstop:\n", "\nstopp:\n", "a flow 'stop' is needed"),
        ("flows.yaml", "options: [agent, menu]", "options: [skip]", "leads nowhere"),
        ("intents.yaml", "- key: stop", "- key: halt", "an intent 'stop' with scope: anywhere"),
        ("replies/id.yaml", "{{ count }}", "{{ cuont }}", "unknown here: cuont"),
        ("replies/en.yaml", "{% if scope %}", "{% if scope", "not a valid template"),
        ("replies/ko.yaml", "goodbye:", "goodby:", "the reply 'goodbye' is missing"),
        ("replies/en.yaml", "queue_shut:", "shut:", "is missing; add it, with opening"),
        ("replies/ko.yaml", "goodbye:", "goodby:", "nothing uses the reply 'goodby'"),
        ("replies/id.yaml", "{{ differs | join", "{{ differs | jion", "can't be filled in"),
        ("replies/id.yaml", "agent: Hubungi petugas", "agent: Bicara dengan petugas", "longer"),
        ("pack.yaml", "idle_minutes: 30", "idle_minutes: 0", "must be at least 1"),
        ("pack.yaml", "languages: [id, en, ko]", "languages: [id, en]", "'ko' is none of this"),
    ],
)  # fmt: skip
def test_a_mistake_is_named_with_what_to_do(
    tmp_path: Path, file: str, before: str, after: str, piece: str
) -> None:
    found = broken(copied(tmp_path), file, before, after)
    assert any(piece in problem for problem in found), found


def test_a_mistake_is_named_with_its_line(tmp_path: Path) -> None:
    folder = copied(tmp_path)
    line = line_of(folder, "replies/en.yaml", "goodbye:")
    found = broken(folder, "replies/en.yaml", "goodbye: All", "goodbye: '{{ nobody }} All")
    assert found[0].startswith("replies/en.yaml:")
    found = broken(
        copied(tmp_path / "again"), "replies/en.yaml", "All right. If you", "{{ nobody }}"
    )
    assert any(problem.startswith(f"replies/en.yaml:{line}: ") for problem in found)


def test_an_expression_is_found_on_its_line(tmp_path: Path) -> None:
    folder = copied(tmp_path)
    line = line_of(folder, "flows.yaml", "- when: asking")
    (problem,) = broken(folder, "flows.yaml", "- when: asking", "- when: askin")
    assert problem.startswith(f"flows.yaml:{line}: ")


def test_all_mistakes_are_named_at_once(tmp_path: Path) -> None:
    folder = copied(tmp_path)
    (folder / "queues.yaml").unlink()
    (folder / "canned.yaml").write_text("- key: [")
    found = broken(folder, "hours.yaml", "Asia/Jakarta", "Nowhere")
    assert {problem.split(":")[0] for problem in found} >= {
        "queues.yaml",
        "canned.yaml",
        "hours.yaml",
    }


def test_an_empty_folder_says_which_files_are_missing(tmp_path: Path) -> None:
    with pytest.raises(PackError, match=r"flows\.yaml:1: this file is missing"):
        packs.load(tmp_path)


@pytest.mark.parametrize(
    "text",
    ["", "[1]", "a: {b: [", "- 1\n- 2", "null", "\tx", "a: &x [*x]", "!!python/name:os x", "\x00"],
)
@pytest.mark.parametrize(
    "file", ["pack.yaml", "flows.yaml", "intents.yaml", "options.yaml", "replies/id.yaml"]
)
def test_no_file_can_crash_the_loader(tmp_path: Path, file: str, text: str) -> None:
    folder = copied(tmp_path)
    (folder / file).write_text(text)
    with pytest.raises(PackError) as caught:
        packs.load(folder)
    assert file in str(caught.value)


def test_bytes_that_are_no_text_are_said_to_be_none(tmp_path: Path) -> None:
    folder = copied(tmp_path)
    (folder / "terms.yaml").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(PackError, match="not UTF-8"):
        packs.load(folder)


def test_a_key_written_twice_is_noticed(tmp_path: Path) -> None:
    folder = copied(tmp_path)
    found = broken(folder, "replies/id.yaml", "goodbye:", "thanks: x\ngoodbye:")
    assert any("stands here twice" in problem for problem in found)


def test_an_example_of_two_wishes_is_noticed(tmp_path: Path) -> None:
    found = broken(copied(tmp_path), "intents.yaml", "id: [selesai,", "id: [Terima Kasih,")
    assert any("an example of 'thanks' already" in problem for problem in found)


def test_words_yaml_would_turn_into_something_else_stay_words(tmp_path: Path) -> None:
    folder = copied(tmp_path)
    path = folder / "intents.yaml"
    path.write_text(path.read_text().replace("id: [selesai,", "id: [no, on, 17:00, selesai,", 1))
    assert "17:00" in packs.load(folder).intents["done"].examples["id"]
