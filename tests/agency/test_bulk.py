"""Set-based statements are prepared once for a connection."""

import pytest
from django.db import connection

from resmi.agency import arrays, bulk


@pytest.mark.django_db
def test_a_statement_is_planned_once_and_not_each_time() -> None:
    bulk.prepare_statements()
    statement = "SELECT unnest(%b::bigint[]) AS planned_once"
    for _ in range(3):
        assert bulk.execute(statement, [arrays.bigints([1, 2])]) == [(1,), (2,)]
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_prepared_statements WHERE statement LIKE %s",
            ["%planned_once%"],
        )
        assert cursor.fetchone() == (1,)
