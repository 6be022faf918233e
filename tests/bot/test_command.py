"""`resmi pack check` and `resmi pack test`."""

from __future__ import annotations

from pathlib import Path

import msgspec
from typer.testing import CliRunner

from resmi.cli.pack import app
from tests.bot.making import FOLDER, copied

runner = CliRunner()


def test_check_says_that_a_pack_is_good() -> None:
    result = runner.invoke(app, ["check", str(FOLDER)])
    assert result.exit_code == 0
    assert "good" in result.output


def test_check_names_file_and_line_and_exits_with_one(tmp_path: Path) -> None:
    folder = copied(tmp_path)
    (folder / "queues.yaml").write_text("- key: x\n  name: y\n")
    result = runner.invoke(app, ["check", str(folder)])
    assert result.exit_code == 1
    assert f"{folder / 'queues.yaml'}:2: name: expected a mapping" in result.output


def test_check_answers_as_json(tmp_path: Path) -> None:
    folder = copied(tmp_path)
    (folder / "queues.yaml").write_text("- key: x\n  name: y\n")
    answer = msgspec.json.decode(runner.invoke(app, ["check", str(folder), "--json"]).output)
    assert answer["ok"] is False
    assert answer["problems"][0]["file"] == "queues.yaml"


def test_test_plays_the_conversations() -> None:
    result = runner.invoke(app, ["test", str(FOLDER)])
    assert result.exit_code == 0
    assert "0 failed" in result.output


def test_test_exits_with_one_and_the_line_that_failed(tmp_path: Path) -> None:
    folder = copied(tmp_path)
    (folder / "tests" / "99.yaml").write_text(
        "name: Never so\ntalk:\n  - {citizen: halo, says: [nonsense]}\n"
    )
    result = runner.invoke(app, ["test", str(folder)])
    assert result.exit_code == 1
    assert "failed  tests/99.yaml  Never so" in result.output
    assert "99.yaml:3: expected 'nonsense'" in result.output


def test_test_without_conversations_fails(tmp_path: Path) -> None:
    folder = copied(tmp_path)
    for script in (folder / "tests").iterdir():
        script.unlink()
    assert runner.invoke(app, ["test", str(folder)]).exit_code == 1


def test_test_shows_the_conversations() -> None:
    result = runner.invoke(app, ["test", str(FOLDER), "--show"])
    assert "> halo" in result.output
