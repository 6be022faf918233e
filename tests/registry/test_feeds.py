"""Lists that are fetched by themselves."""

from __future__ import annotations

import hashlib
import re
import threading
from collections.abc import Iterator
from datetime import date
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest

from resmi.operations import measuring, rules
from resmi.registry import freshness, services
from resmi.registry.importing import comparing, feeds, fetching, files, staging
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
    "feed", ["http://example.org/x", "https://[x/", "ftp://a/b", "file:///etc", "list.csv", "/etc"]
)
def test_only_https_this_machine_and_folders_are_looked_at(feed: str) -> None:
    assert not fetching.is_allowed(feed)
    with pytest.raises(fetching.Unreachable):
        fetching.fetch(feed, "")


def test_a_link_out_of_the_folder_is_not_followed(register: Register, tmp_path: Path) -> None:
    Path(register.feed, "new.csv").symlink_to(tmp_path / "first.csv")
    with pytest.raises(fetching.Unreachable, match="no file"):
        fetching.fetch(register.feed, "")


CHANGED = "Sun, 01 Feb 2026 00:00:00 GMT"


class _Site(BaseHTTPRequestHandler):
    """A publisher's server. `held` is what it gives under its usual address."""

    protocol_version = "HTTP/1.1"
    held = b""
    asked = 0

    def do_GET(self) -> None:
        type(self).asked += 1
        getattr(self, "_" + self.path.strip("/").partition(".")[0])()

    def _list(self) -> None:
        etag = hashlib.sha256(self.held).hexdigest()
        if self.headers.get("If-None-Match") == etag:
            self._answer(304)
        else:
            self._answer(200, self.held, ETag=etag)

    def _dated(self) -> None:
        if self.headers.get("If-Modified-Since") == CHANGED:
            self._answer(304)
        else:
            self._answer(200, self.held, Last_Modified=CHANGED)

    def _away(self) -> None:
        self._answer(302, Location="http://example.org/list.csv")

    def _circle(self) -> None:
        self._answer(302, Location=f"http://{self.headers['Host']}/circle")

    def _down(self) -> None:
        self._answer(500, b"no")

    def _half(self) -> None:
        self._answer(200, self.held[: len(self.held) // 2], Content_Length=str(len(self.held)))

    def _pieces(self) -> None:
        self._answer(200, b"40\r\n" + self.held[:30], Transfer_Encoding="chunked")

    def _huge(self) -> None:
        self._answer(200, self.held, Content_Length=str(files.LARGEST_FILE + 1))

    def _page(self) -> None:
        self._answer(200, b"<!DOCTYPE html>\n<html><body>Sign in</body></html>")

    def _answer(self, status: int, body: bytes = b"", **headers: str) -> None:
        self.send_response(status)
        for name, value in {"Content_Length": str(len(body)), **headers}.items():
            if name != "Content_Length" or "Transfer_Encoding" not in headers:
                self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        self.wfile.write(body)
        self.close_connection = True

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        pass


@pytest.fixture
def site() -> Iterator[str]:
    _Site.held, _Site.asked = _list(20), 0
    server = HTTPServer(("127.0.0.1", 0), _Site)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.mark.parametrize("path", ["list.csv", "dated.csv"])
def test_an_address_is_fetched_unless_it_says_that_nothing_changed(site: str, path: str) -> None:
    fetched = fetching.fetch(f"{site}/{path}", "")
    assert fetched is not None
    with fetched.file as file:
        assert file.read() == _list(20)
    assert fetched.filename == path
    assert fetching.fetch(f"{site}/{path}", fetched.etag) is None


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("away", "not https"),
        ("circle", "again and again"),
        ("down", "answered 500"),
        ("half", "broke off: [0-9]+ of [0-9]+ bytes"),
        ("pieces", "can't be reached"),
        ("huge", "larger than this can read"),
    ],
)
def test_an_address_that_gives_no_whole_file_is_an_alarm(
    register: Register, site: str, path: str, said: str
) -> None:
    Register.objects.update(feed=f"{site}/{path}")
    assert _look(register) is None
    register.refresh_from_db()
    assert re.search(said, register.trouble), register.trouble
    assert Release.objects.count() == 1
    assert not Staged.objects.filter(fed=True).exists()
    kinds = [one.kind for one in rules.conditions(measuring.measure())]
    assert "list_unfetched" in kinds


def test_a_web_page_in_the_place_of_the_list_is_an_alarm(register: Register, site: str) -> None:
    Register.objects.update(feed=f"{site}/page")
    _look(register)
    register.refresh_from_db()
    assert "web page" in register.trouble


def _knows(register: Register) -> date | None:
    (standing,) = freshness.standings()
    register.refresh_from_db()
    return standing.seen


def test_an_address_that_still_gives_the_list_in_force_keeps_it_fresh(
    register: Register, site: str
) -> None:
    _Site.held = Path(register.feed).parent.parent.joinpath("first.csv").read_bytes()
    Register.objects.update(feed=f"{site}/list.csv")
    assert _look(register) is None
    assert _knows(register) == date(2026, 2, 1)
    feeds.look(register.pk, today=date(2026, 2, 9))
    assert _knows(register) == date(2026, 2, 9)
    assert Release.objects.count() == 1


def test_a_folder_where_nothing_new_lies_keeps_no_list_fresh(register: Register) -> None:
    Path(register.feed, "same.csv").write_bytes(_list(20))
    _look(register)
    assert _knows(register) == date(2026, 1, 31)


def test_a_refused_file_stays_an_alarm_for_as_long_as_it_lies_there(
    register: Register, site: str
) -> None:
    _Site.held = csv_of({"id": "1", "status": "fine"})
    Register.objects.update(feed=f"{site}/list.csv")
    for _again in range(2):
        _look(register)
        register.refresh_from_db()
        assert "was refused: 1 faults" in register.trouble
        assert _knows(register) == date(2026, 1, 31)
    _Site.held = _list(21)
    _look(register)
    register.refresh_from_db()
    assert register.trouble == ""
    assert Release.objects.count() == 2


def test_a_file_a_person_dropped_does_not_make_the_old_list_fresh(
    register: Register, site: str
) -> None:
    _Site.held = _list(10)
    Register.objects.update(feed=f"{site}/list.csv")
    staged = _look(register)
    assert staged is not None
    staging.discard(actor=None, staged_id=staged.pk)
    _look(register)
    assert _knows(register) == date(2026, 1, 31)


def test_other_columns_than_before_are_an_alarm(register: Register, site: str) -> None:
    _Site.held = b"Firm,Number\nPT Pelangi,1\n"
    Register.objects.update(feed=f"{site}/list.csv")
    _look(register)
    register.refresh_from_db()
    assert "columns" in register.trouble


def test_reading_that_was_cut_off_goes_on_at_the_next_look(
    register: Register, site: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    _Site.held = _list(21)
    Register.objects.update(feed=f"{site}/list.csv")
    with monkeypatch.context() as killed:
        killed.setattr(comparing, "read", lambda _staged: (_ for _ in ()).throw(KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            _look(register)
    assert Release.objects.count() == 1
    _look(register)
    assert Release.objects.count() == 2
    assert _Site.asked == 1
