"""T17: an import or migration killed halfway puts nothing wrong in force; the next run ends it."""

from __future__ import annotations

import random
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from resmi.cli.pipeline import names
from tests import processes
from tests.survival import diary, dying, scene, servers
from tests.survival.scene import COMPANIES, Scene
from tests.survival.servers import Server

pytestmark = [pytest.mark.long, pytest.mark.slow, pytest.mark.timeout(300)]

ROOT = Path(__file__).parents[2]
IN_FORCE = "SELECT count(*) FROM registry_entity WHERE until_id IS NULL"
IMPORT = "resmi.registry.importing"
IMPORT_POINTS = (
    f"{IMPORT}.staging:stage,after,1",
    f"{IMPORT}.comparing:read,after,1",
    f"{IMPORT}.releases:begin,after,1",
    f"{IMPORT}.releases:finish,before,1",
    f"{IMPORT}.staging:end,after,1",
)
MIGRATING = "django.db.migrations.executor:MigrationExecutor.apply_migration"
STATEMENT = "django.db.backends.base.schema:BaseDatabaseSchemaEditor.execute"


def dies(env: dict[str, str], trap: str, *words: str) -> None:
    """Runs a command that must not live to its end."""
    before = env.get("PYTHONPATH", "")
    path = f"{before}:{ROOT}" if before else str(ROOT)
    done = subprocess.run(
        [processes.BIN / "python", "-m", "tests.survival.dying", *words],
        env={**env, "PYTHONPATH": path, dying.VARIABLE: trap},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == -9, f"{trap} was not reached:\n{done.stdout}{done.stderr}"


@pytest.fixture(scope="module")
def house() -> Iterator[tuple[Scene, Server]]:
    with servers.alone() as (home, server):
        yield scene.stage(home, server.url), server


@pytest.mark.parametrize("trap", IMPORT_POINTS)
def test_an_import_killed_halfway_leaves_the_list_as_it_was_and_can_be_done_again(
    house: tuple[Scene, Server], trap: str, tmp_path: Path
) -> None:
    here, server = house
    before = server.ask(IN_FORCE)
    assert before >= COMPANIES
    file = tmp_path / "list.csv"
    file.write_bytes(names.as_csv(before + 5))
    words = ["registry", "import", str(file), "--source", "Bench register", "--authority", "Bench"]
    words += ["--as-of", "2026-01-02"]
    dies(here.env, trap, *words)
    diary.note_kill("T17 half an import", f"the import at {trap.split(':')[1]}", "")
    assert server.ask(IN_FORCE) == before
    scene.resmi(here.env, *words)
    assert server.ask(IN_FORCE) == before + 5


def test_a_migration_killed_halfway_is_ended_by_the_next_run(
    chance: random.Random, tmp_path: Path
) -> None:
    traps = [
        f"{MIGRATING},after,{chance.randint(1, 40)}",
        *(
            f"{STATEMENT},{chance.choice(('before', 'after'))},{chance.randint(1, 60)}"
            for _ in "12"
        ),
    ]
    with servers.alone(tables=False) as (home, server):
        env = scene.environment(home, server.url, processes.free_port())
        for trap in traps:
            dies(env, trap, "manage", "migrate", "--verbosity", "0")
            diary.note_kill("T17 half a migration", "the migration", "at a random statement")
        scene.resmi(env, "manage", "migrate", "--verbosity", "0")
        scene.resmi(env, "manage", "migrate", "--check")
        scene.resmi(env, "bench-seed", "--companies", str(COMPANIES))
        assert server.ask(IN_FORCE) == COMPANIES
