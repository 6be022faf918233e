"""The folder of real webhooks: every item kept, every documented kind understood."""

from collections import Counter
from datetime import UTC, datetime

from resmi.channels import items
from resmi.channels.errors import Unreadable
from resmi.channels.whatsapp import reading, splitting
from resmi.cli import counting
from resmi.engine import content
from tests.channels.whatsapp import payloads

NOW = datetime(2026, 11, 1, tzinfo=UTC)


def rows_by_file() -> dict[str, tuple[splitting.Row, ...]]:
    return {
        path.name: splitting.split(path.read_bytes(), received=NOW) for path in payloads.corpus()
    }


def test_no_item_of_any_file_is_lost() -> None:
    for path in payloads.corpus():
        body = path.read_bytes()
        kept = Counter(row.key for row in splitting.split(body, received=NOW))
        assert kept == Counter(item.key for item in counting.items(body)), path.name


def test_every_row_of_every_file_is_read() -> None:
    unread = {}
    for name, rows in rows_by_file().items():
        for row in rows:
            try:
                reading.read(row.kind, row.raw, row.envelope, scope="p")
            except Unreadable as error:
                unread[name] = error.reason
    assert unread == {}


def test_only_kinds_without_a_content_of_their_own_are_unsupported() -> None:
    kinds = set()
    for rows in rows_by_file().values():
        for row in rows:
            item = reading.read(row.kind, row.raw, row.envelope, scope="p")
            if isinstance(item, items.CitizenMessage) and isinstance(
                item.content, content.Unsupported
            ):
                kinds.add(row.subkind)
    assert kinds <= {"unsupported", "unknown", "request_welcome", "order", "location"}


def test_every_person_is_found_in_every_file() -> None:
    for name, rows in rows_by_file().items():
        for row in rows:
            assert row.person is not None or row.kind == "account", name
