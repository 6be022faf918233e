"""A dump loads into an agency's own PostgreSQL, which may be older than the programs we bring."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from resmi.cli.keeping import postgres
from resmi.cli.trouble import Trouble
from resmi.config.embedded import account

OLD = sorted(Path("/usr/lib/postgresql").glob("1[56]/bin"))

SETTING = """pg_restore: error: could not execute query: ERROR:  unrecognized parameter
Command was: SET transaction_timeout = 0;
pg_restore: warning: errors ignored on restore: 1
"""
OTHER = """pg_restore: error: could not execute query: ERROR:  disk full
Command was: COPY a FROM stdin;
"""


@pytest.mark.parametrize(
    ("words", "harmless"), [(SETTING, True), (OTHER, False), (SETTING + OTHER, False), ("", False)]
)
def test_only_the_setting_an_older_server_lacks_is_forgiven(words: str, harmless: bool) -> None:
    assert postgres.stumbled_only_over_a_setting(words) is harmless


@pytest.fixture
def older() -> Iterator[str]:
    """The URL of an empty database on a server of an older release."""
    if not OLD:
        pytest.skip("no PostgreSQL 15 or 16 here")
    folder = Path(tempfile.mkdtemp(prefix="resmi-o-"))
    folder.chmod(0o711)
    data = folder / "data"
    data.mkdir()
    runner = account.for_folder(data)
    runner.own(data)
    control = [OLD[0] / "pg_ctl", "-w", "-D", data]
    try:
        made = runner.run([OLD[0] / "initdb", "-D", data, "-A", "trust", "-U", "resmi", "-N"])
        assert made.returncode == 0, made.stderr
        options = f"-c listen_addresses= -c unix_socket_directories={data} -c fsync=off"
        runner.run([*control, "-l", data / "log", "-o", options, "start"])
        yield f"postgresql://resmi@/postgres?host={data}"
    finally:
        runner.run([*control, "-m", "immediate", "stop"])
        shutil.rmtree(folder)


@pytest.mark.slow
def test_a_dump_goes_into_an_older_server_and_what_is_broken_does_not(older: str) -> None:
    with psycopg.connect(older) as link:
        link.execute("CREATE TABLE names AS SELECT 'name ' || n FROM generate_series(1, 1000) n")
        link.commit()
        row = link.execute("SELECT pg_export_snapshot()").fetchone()
        assert row
        parts = list(postgres.dump(older, row[0]))
    with postgres.throw_away(older, "trial") as copy:
        postgres.load(copy, parts)
        with psycopg.connect(copy) as link:
            assert link.execute("SELECT count(*) FROM names").fetchone() == (1000,)
        with pytest.raises(Trouble, match="could not be loaded"):
            postgres.load(copy, parts)
    with postgres.throw_away(older, "trial") as copy, pytest.raises(Trouble, match="be loaded"):
        postgres.load(copy, [b"".join(parts)[:-200]])
