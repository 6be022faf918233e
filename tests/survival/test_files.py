"""Files survive a media host that fails and a job process that is killed."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from procrastinate.exceptions import AlreadyEnqueued

from resmi.channels import services
from resmi.channels.models import Inbound, MediaFile
from resmi.engine import content
from tests import processes
from tests.channels import factories, fake_graph
from tests.channels.fake_graph import FakeGraph, StoredFile

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]

JOBS = """
import django; django.setup()
import asyncio
from procrastinate.contrib.django import app
from resmi.channels import tasks
tasks.STALLED_S = 2
tasks.FIRST_WAIT_S = 0.1
async def run():
    connector = app.connector.get_worker_connector()
    with app.replace_connector(connector):
        async with app.open_async():
            await app.run_worker_async(
                fetch_job_polling_interval=0.1, update_heartbeat_interval=0.5,
                stalled_worker_timeout=1.5, listen_notify=False,
                shutdown_graceful_timeout=1)
asyncio.run(run())
"""


@pytest.fixture
def graph() -> Iterator[FakeGraph]:
    with fake_graph.serving() as fake:
        yield fake


def jobs(database_url: str, graph: FakeGraph, home: Path):  # type: ignore[no-untyped-def]
    env = processes.environment(
        database_url,
        DJANGO_SETTINGS_MODULE="resmi.config.settings",
        RESMI_WHATSAPP_GRAPH_URL=graph.url,
        RESMI_WHATSAPP_TOKEN="token",
        RESMI_HOME=str(home),
    )
    return processes.running("jobs", "python", "-c", JOBS, env=env)


def ask(provider_id: str) -> MediaFile:
    return services.request_media(
        channel_id=factories.channel().pk,
        conversation_id=1,
        media=content.Media("image", "image/jpeg", provider_id=provider_id),
    )


def rescued(row: MediaFile) -> bool:
    """Looks for jobs of dead processes once more, unless such a look waits; is the file here?"""
    with suppress(AlreadyEnqueued):
        services.tasks.rescue_jobs.defer(timestamp=0)
    return MediaFile.objects.get(pk=row.pk).state == "stored"


def test_t4_a_media_host_that_answers_503_three_times_delays_only_the_file(
    database_url: str, graph: FakeGraph, tmp_path: Path
) -> None:
    graph.files["9"] = StoredFile(b"picture", failures=deque([503, 503, 503]))
    row = ask("9")
    with jobs(database_url, graph, tmp_path) as process:
        process.wait_until(lambda: MediaFile.objects.get(pk=row.pk).state == "stored")
    assert MediaFile.objects.get(pk=row.pk).attempts == 4
    assert Inbound.objects.filter(kind="result", subkind="media").count() == 1
    assert list(tmp_path.rglob(f"{row.pk}.jpg"))


def test_t3_a_download_whose_process_was_killed_is_done_by_the_next_one(
    database_url: str, graph: FakeGraph, tmp_path: Path
) -> None:
    graph.files["9"] = StoredFile(
        b"picture", info_failures=deque([fake_graph.Answer(delay_s=30.0)])
    )
    row = ask("9")
    with jobs(database_url, graph, tmp_path) as process:
        process.wait_until(lambda: MediaFile.objects.get(pk=row.pk).attempts == 1)
        process.kill()
    assert MediaFile.objects.get(pk=row.pk).state == "pending"
    with jobs(database_url, graph, tmp_path) as process:
        process.wait_until(lambda: rescued(row))
    assert Inbound.objects.filter(kind="result", subkind="media").count() == 1
