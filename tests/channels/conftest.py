from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.channels import fake_graph


@pytest.fixture
def graph() -> Iterator[fake_graph.FakeGraph]:
    with fake_graph.serving() as fake:
        yield fake
