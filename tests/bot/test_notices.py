from __future__ import annotations

from pathlib import Path

import pytest

from resmi.bot import notices, packs, templates
from resmi.bot.errors import PackError
from tests.bot import making

NOTICE = making.finance().notices[0]


def test_a_notice_says_the_agencys_name_in_every_language() -> None:
    pack = making.finance()
    for language in pack.languages:
        said = notices.words(pack, NOTICE, language)
        assert pack.names["agency"][language] in said
        assert "{{" not in said
    assert notices.words(pack, NOTICE, "fr") == notices.words(pack, NOTICE, "id")


def test_what_is_handed_in_for_approval_is_what_is_sent_after_the_window() -> None:
    pack = making.finance()
    handed = {(one.name, one.language): one.body for one in templates.definitions(pack)}
    for notice in pack.notices:
        for language in pack.languages:
            sent = notices.template(pack, notice, language)
            assert sent is not None
            assert handed[sent.name, sent.language] == sent.preview


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        ("{{ agency }}: pesan", "{{ citizen }}: pesan", "citizen is no variable"),
        ("key: abuse_warning", "key: data_protection", "'data_protection' is used twice"),
        ("pesan Anda kami simpan", "x" * 1025, "longer than the 1024"),
        ("template: conduct_warning", "template: conduct_warning\n  codes: {fr: fr}", "'fr'"),
    ],
)
def test_a_mistake_in_a_notice_is_named_with_its_file(
    tmp_path: Path, before: str, after: str, said: str
) -> None:
    file = making.copied(tmp_path) / "notices.yaml"
    text = file.read_text(encoding="utf-8")
    assert before in text
    file.write_text(text.replace(before, after, 1), encoding="utf-8")
    with pytest.raises(PackError) as caught:
        packs.load(file.parent)
    (problem,) = caught.value.problems
    assert (problem.file, said in problem.message) == ("notices.yaml", True), problem
