"""Reading pages as a browser without JavaScript does."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from resmi.cli.demo import handset
from resmi.cli.demo.visitor import Unexpected, Visitor

PAGE = """
<form action="/search/"><input name="q" value="outside"></form>
<form method="post" action="/login/?next=/">
  <input type="hidden" name="token" value="t&amp;1"><input name="login">
  <input type="radio" name="mode" value="a"><input type="radio" name="mode" value="b" checked>
  <input type="submit" name="go" value="Go"><textarea name="body"></textarea>
</form>
<input name="stray" value="1">
"""


class Site(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        status = 404 if self.path == "/missing" else 200
        self.send_response(status)
        self.send_header("Set-Cookie", "seen=yes; Path=/")
        self.end_headers()
        self.wfile.write(PAGE.encode())

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        self.send_response(200)
        self.end_headers()
        self.wfile.write(f"{self.headers.get('Cookie')} {body}".encode())

    def log_message(self, *arguments: object) -> None:
        pass


@pytest.fixture
def site() -> Iterator[str]:
    server = HTTPServer(("127.0.0.1", 0), Site)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


def test_a_form_is_sent_with_what_it_came_with_and_what_was_filled_in(site: str) -> None:
    visitor = Visitor(site)
    form = visitor.open("/").form("/login/")
    assert form.fields == {"token": "t&1", "login": "", "mode": "b", "body": ""}
    answer = visitor.submit(form, login="sari", body="hello")
    assert answer.html == "seen=yes token=t%261&login=sari&mode=b&body=hello"


def test_an_error_page_is_unexpected(site: str) -> None:
    with pytest.raises(Unexpected, match="answered 404"):
        Visitor(site).open("/missing")


def test_a_form_that_is_not_there_is_named(site: str) -> None:
    with pytest.raises(Unexpected, match="no form for /close/"):
        Visitor(site).open("/").form("/close/")


def test_every_text_of_a_message_is_read() -> None:
    content = {"interactive": {"body": {"text": "Body"}, "action": {"buttons": [{"title": "Tap"}]}}}
    assert handset.words_of({"content": content}) == "Body\nTap"
