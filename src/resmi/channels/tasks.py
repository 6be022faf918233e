"""Jobs of the room: files to fetch and to upload, and the rescue of jobs whose worker died."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress

from django.db import connection, transaction
from procrastinate import BaseRetryStrategy, RetryDecision
from procrastinate.contrib.django import app
from procrastinate.exceptions import AlreadyEnqueued
from procrastinate.job_context import JobContext
from procrastinate.jobs import Job

from resmi.channels import media, uploads

FIRST_WAIT_S = 2
LONGEST_WAIT_S = 1800
STALLED_S = 60


class Patient(BaseRetryStrategy):
    """Tries again after 2, 4, 8 … seconds, at most half an hour, about three hours in all."""

    def get_retry_decision(self, *, exception: BaseException, job: Job) -> RetryDecision | None:
        """Any failure is tried again, for a database or a disk fails too; but not for ever."""
        if job.attempts + 1 >= media.MOST_TRIES:
            return None
        wait = min(FIRST_WAIT_S * 2**job.attempts, LONGEST_WAIT_S)
        return RetryDecision(retry_in={"seconds": wait})


@contextmanager
def own_connection() -> Iterator[None]:
    """Leaves no connection open in the job's thread, where it would outlive the server."""
    try:
        yield
    finally:
        if not connection.in_atomic_block:
            connection.close()


@app.task(name="channels.fetch_media", queue="media", retry=Patient())
def fetch_media(media_id: str) -> None:
    """Fetches one citizen's file."""
    with own_connection():
        media.fetch(media_id)


@app.task(name="channels.upload_media", queue="media", retry=Patient(), pass_context=True)
def upload_media(context: JobContext, media_id: str, channel_id: int) -> None:
    """Uploads one file that a message is to carry."""
    with own_connection():
        media.upload(media_id, channel_id, tries=context.job.attempts + 1)


@app.task(name="channels.describe_file", queue="media")
def describe_file(media_id: str) -> None:
    """Makes the preview of a file that staff attached."""
    with own_connection():
        media.describe(media_id)


@app.periodic(cron="*/2 * * * *")
@app.task(name="channels.upload_missing", queue="media", queueing_lock="channels.upload_missing")
def upload_missing(timestamp: int) -> None:
    """Asks again for uploads that messages wait for and that no job brought."""
    with own_connection():
        for media_id, channel_id in uploads.missing():
            job = upload_media.configure(queueing_lock=f"upload:{media_id}:{channel_id}")
            with suppress(AlreadyEnqueued), transaction.atomic():
                job.defer(media_id=media_id, channel_id=channel_id)


@app.periodic(cron="* * * * *")
@app.task(name="channels.rescue_jobs", queueing_lock="channels.rescue_jobs", pass_context=True)
async def rescue_jobs(context: JobContext, timestamp: int) -> None:
    """Puts jobs of workers that died back into the queue."""
    manager = context.app.job_manager
    for job in await manager.get_stalled_jobs(seconds_since_heartbeat=STALLED_S):
        await manager.retry_job(job)
