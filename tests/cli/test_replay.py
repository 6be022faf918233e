from __future__ import annotations

import json
import os
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from tests import processes
from tests.channels.whatsapp import payloads as wa

SECRET = {"RESMI_WHATSAPP_APP_SECRETS": "secret"}


def replay(
    database_url: str, folder: Path, *arguments: str, **settings: str
) -> subprocess.CompletedProcess[str]:
    command = [str(processes.BIN / "resmi"), "replay", str(folder), *arguments]
    env = processes.environment(database_url, **{**SECRET, **settings})
    return subprocess.run(command, env=env, capture_output=True, text=True, timeout=100)


def report(done: subprocess.CompletedProcess[str]) -> dict[str, Any]:
    assert done.stdout, done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    return found


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Four files: five items, one of them twice, one of them no JSON; and one to pass over."""
    bodies = {
        "a.json": wa.one(wa.message(id="w1"), statuses=[wa.status()]),
        "b.json": wa.one(wa.message(id="w1")),
        "c.json": wa.one(wa.message(id="w2", text=None)),
        "d.json": b'{"entry": [{"changes": [{"field": "flows", "value": {}}]}, 5',
        "_manifest.json": b"{}",
        "notes.txt": b"",
    }
    for name, body in bodies.items():
        (tmp_path / name).write_bytes(body)
    return tmp_path


@contextmanager
def answering(status: int) -> Iterator[str]:
    """A server that answers every POST like that and keeps nothing."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            self.send_response(status)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()


def test_every_item_of_a_folder_is_accounted_for(database_url: str, folder: Path) -> None:
    with processes.web(database_url, **SECRET) as server:
        done = replay(database_url, folder, "--url", server.url, "--wait", "0", "--json")
    assert done.returncode == 0
    found = report(done)
    counts = {key: found[key] for key in ("posts", "accepted", "items", "repeated")}
    assert counts == {"posts": 4, "accepted": 4, "items": 4, "repeated": 1}
    assert (found["stored"], found["unparsed"], found["lost"]) == (2, 2, 0)
    assert found["kinds"] == {"message.text": 2, "status.delivered": 1, "unparsed": 1}


def test_replaying_again_finds_the_same_and_stores_nothing_new(
    database_url: str, folder: Path
) -> None:
    with processes.web(database_url, **SECRET) as server:
        first, second = (
            report(replay(database_url, folder, "--url", server.url, "--wait", "0", "--json"))
            for _ in range(2)
        )
    assert first == second


def test_without_json_a_table_is_shown(database_url: str, folder: Path) -> None:
    with processes.web(database_url, **SECRET) as server:
        done = replay(database_url, folder, "--wait", "0", RESMI_BASE_URL=server.url)
    assert done.returncode == 0
    assert "4 of 4 posts accepted" in done.stdout
    assert "status.delivered" in done.stdout


@pytest.mark.parametrize(("status", "accepted"), [(200, 4), (401, 0)])
def test_an_instance_that_keeps_nothing_is_found_out(
    database_url: str, folder: Path, status: int, accepted: int
) -> None:
    with answering(status) as url:
        done = replay(database_url, folder, "--url", url, "--wait", "0", "--json")
    assert done.returncode == 1
    found = report(done)
    assert (found["accepted"], found["lost"], found["stored"]) == (accepted, 4, 0)
    assert len(found["refused"]) == 4 - accepted


@pytest.mark.parametrize(
    ("arguments", "settings", "words"),
    [
        (["--url", "http://127.0.0.1:1"], {}, "does not answer"),
        (["--url", "nonsense"], {}, "is no http"),
        ([], {"RESMI_WHATSAPP_APP_SECRETS": ""}, "RESMI_WHATSAPP_APP_SECRETS"),
    ],
)
def test_trouble_is_told_in_words(
    database_url: str, folder: Path, arguments: list[str], settings: dict[str, str], words: str
) -> None:
    done = replay(database_url, folder, *arguments, **settings)
    assert done.returncode == 1
    assert words in done.stderr
    assert "Traceback" not in done.stderr


def test_a_folder_without_webhooks_is_told_apart(database_url: str, tmp_path: Path) -> None:
    done = replay(database_url, tmp_path)
    assert done.returncode == 1
    assert "no *.json" in done.stderr


def test_nothing_of_the_real_webhooks_is_lost(database_url: str) -> None:
    files = wa.corpus()
    with processes.web(database_url, **SECRET) as server:
        done = replay(database_url, files[0].parent, "--url", server.url, "--wait", "0", "--json")
    found = report(done)
    assert (found["posts"], found["accepted"]) == (len(files), len(files))
    assert (found["lost"], found["unparsed"]) == (0, 0)
    assert found["items"] == found["stored"] > 100
    assert done.returncode == os.EX_OK
