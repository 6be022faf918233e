from __future__ import annotations

import pytest

from resmi.cli.keeping import postgres


@pytest.mark.parametrize(
    ("url", "other"),
    [
        (
            "postgresql://resmi:p%2F@one,[::1]:5433/resmi?a=b",
            "postgresql://resmi:p%2F@one,[::1]:5433/x%20y?a=b",
        ),
        ("postgres://one/resmi", "postgresql://one/x%20y"),
        ("postgresql:///resmi?host=%2Frun", "postgresql:///x%20y?host=%2Frun"),
    ],
)
def test_the_database_beside_is_on_the_same_servers(url: str, other: str) -> None:
    assert postgres.name_of(url) == "resmi"
    assert postgres.beside(url, "x y") == other
    assert postgres.name_of(other) == "x y"
