from __future__ import annotations

import pytest

from resmi.cli.pipeline import names, run
from tests import clusters


def test_the_invented_names_are_all_different() -> None:
    known = list(names.names(60_000))
    assert len(set(known)) == 60_000


def test_a_percentile_is_a_measured_value() -> None:
    assert run.percentile([0.001, 0.002, 0.010], 50) == 2.0
    assert run.percentile([0.001, 0.002, 0.010], 99) == 10.0
    assert run.percentile([], 50) is None


@pytest.mark.slow
def test_every_question_is_answered_once_by_the_real_processes() -> None:
    wish = run.Wish(rate=20, seconds=3, citizens=50, companies=300, settle_s=200)
    with clusters.quick():
        result = run.measure(wish).plain
    assert result.asked == 60
    assert (result.lost, result.duplicates, result.refused_posts) == (0, 0, 0)
    assert {"serve", "work", "send", "postgres"} <= set(result.cpu_seconds)
