from __future__ import annotations

import pytest
from typer.testing import CliRunner

from resmi.cli import bench
from resmi.cli.trouble import Trouble


@pytest.mark.parametrize("sizes", ["", "many", "1000", "1000000,300000"])
def test_sizes_that_can_not_be_measured_are_refused(sizes: str) -> None:
    done = CliRunner().invoke(bench.app, ["growth", "--messages", sizes])
    assert isinstance(done.exception, Trouble)
