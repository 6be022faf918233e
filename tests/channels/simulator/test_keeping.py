"""A simulator that ends and starts again, as the demo's does over night."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.channels import sending
from tests.channels.simulator.stand import PHONE, Stand

Start = Callable[..., Stand]


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    """Starts a stand after closing the one before; all share a file."""
    running: list[Stand] = []

    def begin(**config: Any) -> Stand:
        while running:
            running.pop().close()
        running.append(Stand(**{"keep": str(tmp_path / "phone.json")} | config))
        return running[0]

    yield begin
    while running:
        running.pop().close()


def thread(stand: Stand) -> list[dict[str, Any]]:
    answer = stand.call("GET", f"/control/citizens/budi/thread?number={PHONE}")[1]
    return list(answer["messages"])


def test_the_chat_is_there_after_a_restart(start: Start) -> None:
    stand = start()
    stand.say(type="text", text="Halo")
    stand.sent_id()
    stand.advance(10)
    before = thread(stand)
    assert [message["status"] for message in before] == ["delivered", "delivered"]
    assert thread(start()) == before


def test_people_and_the_open_window_stay(start: Start) -> None:
    stand = start()
    stand.say(type="text", text="Halo")
    state = stand.state()
    again = start()
    assert again.state()["citizens"] == state["citizens"]
    assert again.send()[0] == 200


def test_time_does_not_run_backwards(start: Start) -> None:
    stand = start()
    stand.advance(24 * 3600)
    before = stand.state()["now"]
    assert start().state()["now"] >= before


def test_what_nobody_took_is_handed_over_after_the_restart(start: Start) -> None:
    stand = start()
    stand.answer = lambda serial: 503
    stand.say(type="text", text="Halo")
    again = start()
    sending.wait_until(lambda: again.messages())
    assert [message["text"]["body"] for message in again.messages()] == ["Halo"]


def test_what_was_under_way_arrives_after_the_restart(start: Start) -> None:
    stand = start()
    stand.say(type="text", text="Halo")
    sent = stand.sent_id()
    failed = stand.sent_id(to="+6281255599999")
    assert stand.names(sent) == []
    again = start()
    again.advance(10)
    assert again.names(sent) == ["sent", "delivered"]
    assert again.names(failed) == ["failed"]


def test_reports_just_before_the_end_are_told_again(start: Start) -> None:
    stand = start()
    stand.say(type="text", text="Halo")
    sent = stand.sent_id()
    stand.answer = lambda serial: 503
    stand.advance(1)
    again = start()
    sending.wait_until(lambda: len(again.names(sent)) == 2)
    assert sorted(again.names(sent)) == ["delivered", "sent"]


def test_a_file_that_cannot_be_read_is_put_aside(start: Start, tmp_path: Path) -> None:
    (tmp_path / "phone.json").write_text("{")
    assert thread(start()) == []
    assert (tmp_path / "phone.json.unreadable").read_text() == "{"


def test_no_message_has_the_id_of_one_of_another_life(start: Start, tmp_path: Path) -> None:
    """An id used twice makes Resmi take a new message for one it has."""
    ids = [start().say(type="text", text="Halo")["id"]]
    ids.append(start().say(type="text", text="Halo")["id"])
    known = (tmp_path / "phone.json").read_bytes()
    ids.append(start().say(type="text", text="Halo")["id"])
    start(keep="")
    (tmp_path / "phone.json").write_bytes(known)  # as if it had been killed before it stored
    stand = start()
    ids.append(stand.say(type="text", text="Halo")["id"])
    stand.call("POST", "/control/reset", {})
    ids.append(stand.say(type="text", text="Halo")["id"])
    assert len(set(ids)) == 5
