from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from resmi.bot import packs, scripts
from resmi.bot.errors import PackError
from tests.bot import making

REPORT = "illegal_offer"
POINTS = next(one for one in making.finance().scripts if one.key == REPORT).points


def key(*, chosen: str | None = None, reason: str = "", queue: str = "") -> str:
    found = scripts.in_force(making.finance(), chosen=chosen, reason=reason, queue=queue)
    return found.key if found else ""


def test_what_it_was_handed_over_for_counts_more_than_the_queue_it_is_in() -> None:
    assert key(reason="report", queue="general") == REPORT
    assert key(reason="asked", queue="reports") == REPORT
    assert key(reason="asked", queue="general") == "licence_question"
    assert key() == ""


def test_what_the_agent_chose_counts_most_and_may_be_none() -> None:
    assert key(chosen="licence_question", reason="report") == "licence_question"
    assert key(chosen="", reason="report") == ""


def test_a_script_that_left_the_pack_gives_way_to_the_topics() -> None:
    assert key(chosen="of_last_year", reason="report") == REPORT


@given(st.sets(st.sampled_from([point.key for point in POINTS])))
def test_left_open_is_exactly_what_is_required_and_not_ticked(done: set[str]) -> None:
    script = scripts.by_topic(making.finance(), reason="report", queue="")
    left = scripts.open_points(script, [scripts.mark(REPORT, point) for point in done])
    assert {point.key for point in left} == {p.key for p in POINTS if p.required} - done
    assert scripts.open_points(None, []) == ()


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        ("reasons: [report]", "reasons: [reprot]", "no reason of a hand-over 'reprot'"),
        ("queues: [reports]", "queues: [elsewhere]", "no queue 'elsewhere'"),
        ("canned: bukti", "canned: nothing", "no canned reply 'nothing'"),
        ("key: police", "key: bank", "'bank' is used twice"),
        ("key: police", "key: a/b", "'a/b' is no key"),
        ("key: licence_question", "key: illegal_offer", "'illegal_offer' is used twice"),
        ("        ko: 경찰에도 신고할 수 있다고 알려 주세요\n", "", "no text in 'ko'"),
    ],
)
def test_a_mistake_in_a_script_is_named_with_its_file_and_line(
    tmp_path: Path, before: str, after: str, said: str
) -> None:
    folder = making.copied(tmp_path)
    file = folder / "scripts.yaml"
    text = file.read_text(encoding="utf-8")
    assert before in text
    file.write_text(text.replace(before, after, 1), encoding="utf-8")
    with pytest.raises(PackError) as caught:
        packs.load(folder)
    (problem,) = caught.value.problems
    assert (problem.file, said in problem.message) == ("scripts.yaml", True), problem
    assert problem.line > 1


def test_a_pack_does_without_scripts(tmp_path: Path) -> None:
    folder = making.copied(tmp_path)
    (folder / "scripts.yaml").unlink()
    assert packs.load(folder).scripts == ()
