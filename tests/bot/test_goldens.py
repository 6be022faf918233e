"""Whole conversations in three languages, word for word.

After a wanted change of words: `RESMI_GOLDENS=write pytest tests/bot/test_goldens.py`, then read
the difference as a citizen would.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from resmi.bot import rehearsal
from tests.bot.making import finance

GOLDENS = Path(__file__).parent / "goldens"
SCRIPTS = sorted(GOLDENS.glob("*.yaml"))


def test_every_language_has_goldens() -> None:
    assert {script.stem.split("_")[0] for script in SCRIPTS} == {"id", "en", "ko"}


@pytest.mark.parametrize("played", rehearsal.rehearse(finance(), GOLDENS), ids=lambda p: p.file)
def test_a_conversation_reads_word_for_word_as_before(played: rehearsal.Rehearsed) -> None:
    assert played.problems == ()
    golden = GOLDENS / Path(played.file).with_suffix(".txt").name
    if os.environ.get("RESMI_GOLDENS") == "write":
        golden.write_text(played.transcript, encoding="utf-8")
    assert played.transcript == golden.read_text(encoding="utf-8")
