"""Lists that are fetched by themselves."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import date
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest

from resmi.registry import freshness, services
from resmi.registry.importing import feeds
from resmi.registry.models import Register, Release, Staged
from tests.registry.making import csv_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def register(tmp_path: Path, settings: Any) -> Register:
    """A list of twenty entities that follows a folder."""
    first = tmp_path / "first.csv"
    first.write_bytes(_list(20))
    services.import_csv(
        actor=None, file=first, source="Licences", authority="A", as_of=date(2026, 1, 31)
    )
    settings.HOME = tmp_path
    folder = tmp_path / "lists" / "licences"
    folder.mkdir(parents=True)
    Register.objects.update(feed=str(folder), every_hours=1)
    return Register.objects.get()


def _list(count: int) -> bytes:
    return csv_of(*({"id": str(n)} for n in range(count)))


def _look(register: Register) -> Staged | None:
    return feeds.look(register.pk, today=date(2026, 2, 1))


def test_a_new_file_in_the_folder_goes_in_by_itself_and_only_once(register: Register) -> None:
    Path(register.feed, "new.csv").write_bytes(_list(21))
    assert feeds.due() == [register.pk]
    staged = _look(register)
    assert staged is not None
    assert staged.release is not None
    assert (staged.release.rows, staged.release.as_of) == (21, date(2026, 2, 1))
    assert _look(register) is None
    assert feeds.due() == []
    assert Release.objects.count() == 2


def test_a_file_that_lost_much_waits_for_a_person(register: Register) -> None:
    Path(register.feed, "new.csv").write_bytes(_list(10))
    _look(register)
    assert Release.objects.count() == 1
    assert [staged.source for staged in freshness.braked()] == ["Licences"]
    assert _look(register) is None


@pytest.mark.parametrize(
    ("content", "said"), [(None, "no file"), (b"", "empty"), (b"\xff\xfe\xff", "")]
)
def test_a_feed_that_fails_is_noted_and_the_list_stays(
    register: Register, content: bytes | None, said: str
) -> None:
    if content is not None:
        Path(register.feed, "new.csv").write_bytes(content)
    _look(register)
    register.refresh_from_db()
    assert register.trouble
    assert said in register.trouble
    assert Release.objects.count() == 1


@pytest.mark.parametrize(
    "feed", ["http://example.org/x", "ftp://a/b", "file:///etc", "list.csv", "/etc"]
)
def test_only_https_this_machine_and_folders_are_looked_at(feed: str) -> None:
    assert not feeds.is_allowed(feed)
    with pytest.raises(feeds.Unreachable):
        feeds.fetch(feed, "")


def test_a_link_out_of_the_folder_is_not_followed(register: Register, tmp_path: Path) -> None:
    Path(register.feed, "new.csv").symlink_to(tmp_path / "first.csv")
    with pytest.raises(feeds.Unreachable, match="no file"):
        feeds.fetch(register.feed, "")


class _Site(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        if self.path == "/away":
            self.send_response(302)
            self.send_header("Location", "http://example.org/list.csv")
            self.end_headers()
        elif self.headers.get("If-None-Match") == "one":
            self.send_response(304)
            self.end_headers()
        else:
            self.send_response(200)
            self.send_header("ETag", "one")
            self.end_headers()
            self.wfile.write(_list(3))

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        pass


@pytest.fixture
def site() -> Iterator[str]:
    server = HTTPServer(("127.0.0.1", 0), _Site)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


def test_an_address_is_fetched_unless_it_says_that_nothing_changed(site: str) -> None:
    fetched = feeds.fetch(f"{site}/list.csv", "")
    assert fetched is not None
    with fetched.file as file:
        assert file.read() == _list(3)
    assert (fetched.filename, fetched.etag) == ("list.csv", "one")
    assert feeds.fetch(f"{site}/list.csv", "one") is None


def test_an_address_may_not_send_us_elsewhere_without_encryption(site: str) -> None:
    with pytest.raises(feeds.Unreachable, match="not https"):
        feeds.fetch(f"{site}/away", "")
