"""T17: a disk is full, that of the database or of the files: refused or put off, never lost."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from resmi.channels.models import Inbound, MediaFile
from tests.channels import fake_graph
from tests.channels.fake_graph import FakeGraph, StoredFile
from tests.survival import diary, disks, scene, servers, test_files

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]

SMALL = {"max_wal_size": "32MB", "min_wal_size": "32MB", "wal_recycle": "off"}


@pytest.mark.long
def test_t17_a_full_disk_of_the_database_refuses_and_resumes() -> None:
    with servers.alone(disk="220m", **SMALL) as (home, server):
        here = scene.stage(home, server.url)
        with (
            here.web(),
            here.program("work"),
            here.program("send"),
            here.living() as town,
        ):
            town.ask_once()
            scene.wait_for(lambda: town.far.refs, what="the first answer")
            town.write(rate=15, seconds=12)
            time.sleep(2)
            ballast = disks.fill(server.data)
            diary.note_kill("T17 disk full", "the database's disk", "under load")
            scene.wait_for(lambda: town.refusals, what="a refusal")
            time.sleep(3)
            diary.note_fact("T17 disk full", f"refused meanwhile: {dict(town.refusals)}")
            ballast.unlink()
            if not server.lives():
                server.pid = 0
                server.start()
            here.close_the_books(town, "T17 disk full")


@pytest.fixture
def graph() -> Iterator[FakeGraph]:
    with fake_graph.serving() as fake:
        yield fake


@pytest.mark.django_db(transaction=True)
def test_t17_a_full_disk_of_the_files_delays_the_file_and_leaves_no_half_of_it(
    database_url: str, graph: FakeGraph, tmp_path: Path
) -> None:
    graph.files["9"] = StoredFile(b"picture" * 300_000)
    media = tmp_path / "media"
    with disks.mounted(media, "1m"):
        row = test_files.ask("9")
        with test_files.jobs(database_url, graph, tmp_path) as process:
            process.wait_until(lambda: MediaFile.objects.get(pk=row.pk).attempts >= 3)
            assert MediaFile.objects.get(pk=row.pk).state == "pending"
            disks.grow(media, "20m")
            process.wait_until(lambda: MediaFile.objects.get(pk=row.pk).state == "stored")
        diary.note_kill("T17 disk full", "the files' disk", "during a download")
        kept = [path for path in media.rglob("*") if path.is_file()]
        assert [path.stat().st_size for path in kept] == [2_100_000]
    assert Inbound.objects.filter(kind="result", subkind="media").count() == 1
