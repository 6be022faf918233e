"""`resmi replay`: posts stored webhooks to a running instance and accounts for every item."""

from __future__ import annotations

import http.client
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Annotated
from urllib.parse import urlsplit

import msgspec
import typer
from django.conf import settings
from rich.console import Console
from rich.progress import track
from rich.table import Table

from resmi.channels.errors import Unreadable
from resmi.channels.models import Inbound, InboundStatus
from resmi.channels.whatsapp import reading, signature
from resmi.cli import counting
from resmi.cli.trouble import Trouble

HOOK = "/hooks/whatsapp"
DEFAULT_URL = "http://127.0.0.1:8000"
ANSWER_S = 30.0
TRIES = 3
CHUNK = 500
POLL_S = 0.1
# No worker may be running: waiting ends when nothing has moved for so long.
STILL_S = 1.0

app = typer.Typer()


class Refused(msgspec.Struct, frozen=True):
    """A POST that was not answered 200."""

    file: str
    status: int


class Report(msgspec.Struct, kw_only=True):
    """What became of a folder of webhooks. Items are counted once, however often they stand there.

    `lost` = `items` - `stored` - `unparsed`. `repeated` is how often an item stood there again.
    `parked` of the stored failed in work or belong to no number of ours. `kinds` counts items.
    """

    posts: int = 0
    accepted: int = 0
    items: int = 0
    repeated: int = 0
    stored: int = 0
    unparsed: int = 0
    parked: int = 0
    lost: int = 0
    kinds: dict[str, int] = {}
    unparsed_kinds: dict[str, int] = {}
    lost_kinds: dict[str, int] = {}
    refused: list[Refused] = []


@app.command()
def replay(
    folder: Annotated[Path, typer.Argument(exists=True, file_okay=False, help="Files *.json.")],
    url: Annotated[str, typer.Option(help="The running instance.")] = "",
    wait: Annotated[float, typer.Option(help="Seconds to wait for the workers at most.")] = 10.0,
    as_json: Annotated[bool, typer.Option("--json", help="Answer as JSON.")] = False,
) -> None:
    """Posts every webhook of a folder, signed, and says whether each item in it was kept.

    Files whose names begin with _ are passed over. Exit code 1 when an item was lost or a POST
    refused. Example: resmi replay ./webhooks --json
    """
    files = sorted(path for path in folder.glob("*.json") if not path.name.startswith("_"))
    if not files:
        raise Trouble(f"{folder} holds no *.json file.")
    if not settings.WHATSAPP_APP_SECRETS:
        raise Trouble(
            "Nothing to sign with: set RESMI_WHATSAPP_APP_SECRETS as the instance has it."
        )
    report, expected = _post_all(files, url or settings.BASE_URL or DEFAULT_URL, as_json)
    _wait_for_workers(list(expected), wait)
    _look_up(report, expected)
    if as_json:
        print(msgspec.json.encode(report).decode())
    else:
        _show(report)
    if report.lost or report.refused:
        raise typer.Exit(1)


def _post_all(files: Sequence[Path], url: str, quiet: bool) -> tuple[Report, dict[str, str]]:
    """Posts the files; the report so far, and the kind of every key that must be stored."""
    report, expected = Report(), dict[str, str]()
    console = Console(stderr=True, quiet=quiet)
    poster = _Poster(url)
    try:
        for path in track(files, "Posting", console=console, transient=True):
            body = path.read_bytes()
            status = poster.post(body)
            report.posts += 1
            report.accepted += status == 200
            if status != 200:
                report.refused.append(Refused(path.name, status))
            for item in counting.items(body):
                report.repeated += item.key in expected
                expected.setdefault(item.key, item.kind)
    finally:
        poster.close()
    report.items = len(expected)
    report.kinds = _sorted(Counter(expected.values()))
    return report, expected


class _Poster:
    """A connection to the instance, opened again when it was closed; 503 is tried again."""

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        kinds = {"http": http.client.HTTPConnection, "https": http.client.HTTPSConnection}
        if parts.scheme not in kinds or not parts.hostname:
            raise Trouble(f"{url!r} is no http:// or https:// address.")
        self._url = url
        self._path = parts.path.rstrip("/") + HOOK
        self._connection = kinds[parts.scheme](parts.hostname, parts.port, timeout=ANSWER_S)

    def post(self, body: bytes) -> int:
        headers = {
            "Content-Type": "application/json",
            "X-Hub-Signature-256": signature.sign(settings.WHATSAPP_APP_SECRETS[0], body),
        }
        status = 0
        for attempt in range(TRIES):
            time.sleep(attempt)
            try:
                status = self._post_once(body, headers)
            except (OSError, http.client.HTTPException) as error:
                self._connection.close()
                if attempt == TRIES - 1:
                    raise Trouble(f"{self._url} does not answer: {error}") from error
                continue
            if status != 503:
                break
        return status

    def _post_once(self, body: bytes, headers: dict[str, str]) -> int:
        self._connection.request("POST", self._path, body, headers)
        with self._connection.getresponse() as answer:
            answer.read()
            return int(answer.status)

    def close(self) -> None:
        self._connection.close()


def _wait_for_workers(keys: Sequence[str], patience_s: float) -> None:
    """Until the workers are through, or have not moved for a while, or patience ends."""
    deadline = time.monotonic() + patience_s
    left, moved_at = -1, time.monotonic()
    while time.monotonic() < min(deadline, moved_at + STILL_S):
        now_left = sum(
            Inbound.objects.filter(key__in=chunk, status=InboundStatus.NEW).count()
            for chunk in _chunks(keys)
        )
        if not now_left:
            return
        if now_left != left:
            left, moved_at = now_left, time.monotonic()
        time.sleep(POLL_S)


def _look_up(report: Report, expected: dict[str, str]) -> None:
    fields = ("key", "kind", "status", "raw", "envelope")
    found: set[str] = set()
    unparsed: Counter[str] = Counter()
    for chunk in _chunks(list(expected)):
        for key, kind, status, raw, envelope in Inbound.objects.filter(key__in=chunk).values_list(
            *fields
        ):
            found.add(key)
            report.parked += status == InboundStatus.PARKED
            if status == InboundStatus.UNPARSED or not _is_readable(kind, raw, envelope):
                unparsed[expected[key]] += 1
    report.unparsed = unparsed.total()
    report.stored = len(found) - report.unparsed
    report.lost = report.items - report.stored - report.unparsed
    report.unparsed_kinds = _sorted(unparsed)
    report.lost_kinds = _sorted(Counter(expected[key] for key in expected.keys() - found))


def _is_readable(kind: str, raw: bytes, envelope: bytes) -> bool:
    """What the worker will find, or has found; so the answer is the same without a worker."""
    try:
        reading.read(kind, bytes(raw), bytes(envelope), scope="")
    except Unreadable:
        return False
    return True


def _chunks(keys: Sequence[str]) -> Iterator[Sequence[str]]:
    return (keys[start : start + CHUNK] for start in range(0, len(keys), CHUNK))


def _sorted(counts: Counter[str]) -> dict[str, int]:
    return dict(sorted(counts.items()))


def _show(report: Report) -> None:
    table = Table("Kind", "Items", "Unparsed", "Lost", title="Webhooks replayed")
    for kind, count in report.kinds.items():
        cells = (count, report.unparsed_kinds.get(kind, 0), report.lost_kinds.get(kind, 0))
        table.add_row(kind, *(str(cell) if cell else "" for cell in cells))
    console = Console()
    console.print(table)
    console.print(
        f"{report.accepted} of {report.posts} posts accepted; {report.items} items "
        f"(and {report.repeated} repeated): {report.stored} stored, {report.unparsed} unparsed, "
        f"[{'red' if report.lost else 'green'}]{report.lost} lost[/]."
    )
    for refused in report.refused:
        console.print(f"[red]{refused.file} was answered {refused.status}[/]")
