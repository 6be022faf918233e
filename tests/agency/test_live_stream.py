"""The live stream over real sockets, served by a real granian process."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator

import psycopg
import pytest
from django.db import connection, transaction

from resmi.agency import live
from resmi.agency.models import LiveEvent, User
from tests import processes
from tests.agency import streams


@pytest.fixture(scope="module")
def server(lasting_database_url: str) -> Iterator[processes.Running]:
    with processes.web(lasting_database_url) as running:
        yield running


@pytest.fixture
def sari(database_url: str) -> User:
    return streams.staff()


@pytest.fixture
def key(sari: User) -> str:
    return streams.session_of(sari)


def test_a_committed_announcement_reaches_an_open_stream(
    server: processes.Running, key: str
) -> None:
    with streams.opened(server.port, key, "queues,conversation:7") as stream:
        stream.until("ready")
        live.announce("conversation:7", seq=3)
        assert stream.changes(1) == [{"topic": "conversation:7", "data": {"seq": 3}}]


def test_an_announcement_that_is_rolled_back_is_never_told(
    server: processes.Running, key: str
) -> None:
    with streams.opened(server.port, key, "queues") as stream:
        stream.until("ready")
        with transaction.atomic():
            live.announce("queues", n=1)
            transaction.set_rollback(True)
        live.announce("queues", n=2)
        assert stream.changes(1) == [{"topic": "queues", "data": {"n": 2}}]


def test_a_stream_hears_nothing_of_topics_it_did_not_ask_for(
    server: processes.Running, key: str
) -> None:
    with streams.opened(server.port, key, "conversation:7") as stream:
        stream.until("ready")
        live.announce("conversation:8", seq=1)
        assert stream.is_quiet()


def test_a_resumed_stream_gets_what_it_missed(server: processes.Running, key: str) -> None:
    with streams.opened(server.port, key, "queues") as stream:
        stream.until("ready")
        live.announce("queues", n=1)
        last = stream.until("change").id
    live.announce("queues", n=2)
    with streams.opened(server.port, key, "queues", last=last) as stream:
        told = [line.data["data"]["n"] for line in _until_ready(stream)]
    assert 2 in told


def test_what_was_missed_is_told_once_and_the_last_comes_last(
    server: processes.Running, key: str
) -> None:
    position = f"{live.position()}-{int(time.time())}"
    for number in (1, 3, 2, 1):
        live.announce("queues", n=number)
    with streams.opened(server.port, key, "queues", last=position) as stream:
        assert [line.data["data"]["n"] for line in _until_ready(stream)] == [3, 2, 1]


def test_a_bundle_tells_each_stream_its_own(server: processes.Running, key: str) -> None:
    with streams.opened(server.port, key, "conversation:7") as stream:
        stream.until("ready")
        live.announce_all((f"conversation:{number}", {"seq": number}) for number in range(50))
        told = stream.until("change")
    assert told.data == {"topic": "conversation:7", "data": {"seq": 7}}


def test_a_resumed_stream_gets_its_own_of_the_bundles_it_missed(
    server: processes.Running, key: str
) -> None:
    with streams.opened(server.port, key, "conversation:7") as stream:
        stream.until("ready")
        live.announce("conversation:7", seq=1)
        last = stream.until("change").id
    live.announce_all((f"conversation:{number}", {"seq": number}) for number in range(50))
    with streams.opened(server.port, key, "conversation:7", last=last) as stream:
        told = [line.data for line in _until_ready(stream)]
    assert {"topic": "conversation:7", "data": {"seq": 7}} in told
    assert {line["topic"] for line in told} == {"conversation:7"}


def test_a_transaction_that_commits_late_is_not_lost_between_two_streams(
    server: processes.Running, key: str, database_url: str
) -> None:
    """The early transaction (lower xid) commits after the late one was already told."""
    with psycopg.connect(database_url) as early:
        _announce(early, 1)
        with streams.opened(server.port, key, "queues") as stream:
            stream.until("ready")
            live.announce("queues", n=2)
            last = stream.until("change").id
        early.commit()
    with streams.opened(server.port, key, "queues", last=last) as stream:
        told = {line.data["data"]["n"] for line in _until_ready(stream)}
    assert 1 in told


def test_a_transaction_that_spans_the_reconnection_is_told_after_it(
    server: processes.Running, key: str, database_url: str
) -> None:
    with psycopg.connect(database_url) as early:
        _announce(early, 1)
        with streams.opened(server.port, key, "queues") as stream:
            last = stream.until("ready").id
        with streams.opened(server.port, key, "queues", last=last) as stream:
            stream.until("ready")
            early.commit()
            assert stream.changes(1) == [{"topic": "queues", "data": {"n": 1}}]


def test_what_happens_between_reading_the_page_and_opening_the_stream_is_told(
    server: processes.Running, key: str
) -> None:
    position = f"{live.position()}-{int(time.time())}"
    live.announce("queues", n=1)
    with streams.opened(server.port, key, "queues", last=position) as stream:
        assert stream.changes(1) == [{"topic": "queues", "data": {"n": 1}}]


def test_nothing_is_missed_while_writers_commit_in_any_order(
    server: processes.Running, key: str, database_url: str
) -> None:
    """Four writers with transactions of different lengths; the reader reconnects all the time."""
    writers = [
        threading.Thread(target=_write_many, args=(database_url, writer)) for writer in range(4)
    ]
    told: set[int] = set()
    last = f"{live.position()}-{int(time.time())}"
    for writer in writers:
        writer.start()
    while any(writer.is_alive() for writer in writers):
        with streams.opened(server.port, key, "queues", last=last) as stream:
            for line in stream.some(5):
                told.add(line.data["data"]["n"])
                last = line.id
    with streams.opened(server.port, key, "queues", last=last) as stream:
        told |= {line.data["data"]["n"] for line in _until_ready(stream)}
    assert told == {writer * 100 + n for writer in range(4) for n in range(25)}


@pytest.mark.parametrize("last", ["nonsense", "1-1", "99999999999-{now}"])
def test_a_stream_that_was_away_too_long_is_told_to_fetch_anew(
    server: processes.Running, key: str, last: str
) -> None:
    mark = last.replace("{now}", str(int(time.time())))
    with streams.opened(server.port, key, "queues", last=mark) as stream:
        first = stream.next()
    assert first is not None
    assert first.event == "resync"


def test_strangers_get_401(server: processes.Running) -> None:
    with streams.opened(server.port, "no-such-session", "queues") as stream:
        assert stream.status == 401


def test_a_session_of_a_deactivated_account_gets_401(
    server: processes.Running, sari: User, key: str
) -> None:
    User.objects.filter(pk=sari.pk).update(is_active=False)
    with streams.opened(server.port, key, "queues") as stream:
        assert stream.status == 401


def test_another_agents_list_is_forbidden(server: processes.Running, sari: User, key: str) -> None:
    with streams.opened(server.port, key, f"agent:{sari.pk + 1}") as stream:
        assert stream.status == 403


def test_a_stream_without_topics_is_refused(server: processes.Running, key: str) -> None:
    with streams.opened(server.port, key, "") as stream:
        assert stream.status == 400


def test_streams_survive_the_loss_of_the_listening_connection(
    server: processes.Running, key: str
) -> None:
    with streams.opened(server.port, key, "queues") as stream:
        stream.until("ready")
        _cut_listener()
        live.announce("queues", n=1)
        assert stream.changes(1) == [{"topic": "queues", "data": {"n": 1}}]


def test_a_process_holds_one_listening_connection_for_many_streams(
    server: processes.Running, key: str
) -> None:
    with (
        streams.opened(server.port, key, "queues") as one,
        streams.opened(server.port, key, "alarms") as two,
    ):
        one.until("ready")
        two.until("ready")
        server.wait_until(lambda: len(_listeners()) == 1)  # that of an earlier test may be going


def test_the_listening_connection_goes_with_the_last_stream(
    server: processes.Running, key: str
) -> None:
    with streams.opened(server.port, key, "queues") as stream:
        stream.until("ready")
    server.wait_until(lambda: not _listeners())


def test_a_screen_that_reads_nothing_is_hung_up_on(
    server: processes.Running, key: str, sari: User
) -> None:
    with streams.unread(server.port, key, "queues") as sock:
        server.wait_until(lambda: len(_listeners()) == 1)
        deadline = time.monotonic() + 200
        while _listeners() and time.monotonic() < deadline:
            live.announce_all(("queues", {"n": n, "fill": "x" * 5_000}) for n in range(40))
        assert not _listeners(), "the server still holds what nobody reads"
        assert streams.ends(sock)


def test_a_locked_table_of_events_keeps_no_news_from_screens(key: str, database_url: str) -> None:
    lively = "tests.agency.lively_application:application"
    with (
        processes.web(database_url, application=lively) as server,
        streams.opened(server.port, key, "queues") as stream,
        psycopg.connect(database_url) as own,
    ):
        stream.until("ready")
        own.execute("LOCK TABLE agency_liveevent IN SHARE MODE")
        stream.until("beat")
        stream.until("beat")  # old events were to be removed since the one before
        own.execute(
            """SELECT pg_notify('resmi_live', json_build_object('topic', 'queues',
               'data', json_build_object('n', 1), 'position', 1)::text)"""
        )
        own.commit()
        assert stream.changes(1) == [{"topic": "queues", "data": {"n": 1}}]


def test_the_server_stops_at_once_with_streams_open(key: str, database_url: str) -> None:
    with (
        processes.web(database_url) as own,
        streams.opened(own.port, key, "queues") as stream,
    ):
        stream.until("ready")
        own.child.terminate()
        own.child.wait(processes.PATIENCE_S)
        assert own.child.returncode == 0


def test_an_announcement_that_is_no_hint_is_refused(db: None) -> None:
    with pytest.raises(ValueError, match="too long"):
        live.announce("queues", text="x" * 7_000)
    assert not LiveEvent.objects.exists()


def _until_ready(stream: streams.Stream) -> list[streams.Line]:
    lines = []
    while (line := stream.next()) is not None and line.event != "ready":
        if line.event == "change":
            lines.append(line)
    return lines


def _announce(own: psycopg.Connection, number: int) -> None:
    own.execute(
        """INSERT INTO agency_liveevent (topic, data, at)
           VALUES ('queues', jsonb_build_object('n', %s::int), now())""",
        [number],
    )
    own.execute(
        """SELECT pg_notify('resmi_live', json_build_object('topic', 'queues',
           'data', json_build_object('n', %s::int),
           'position', pg_snapshot_xmin(pg_current_snapshot())::text::bigint)::text)""",
        [number],
    )


def _write_many(url: str, writer: int) -> None:
    with psycopg.connect(url) as own:
        for number in range(25):
            _announce(own, writer * 100 + number)
            time.sleep(0.002 * ((writer + number) % 5))
            own.commit()


def _listeners() -> list[int]:
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT pid FROM pg_stat_activity
               WHERE datname = current_database() AND application_name = 'resmi live'"""
        )
        return [pid for (pid,) in cursor.fetchall()]


def _cut_listener() -> None:
    with connection.cursor() as cursor:
        for pid in _listeners():
            cursor.execute("SELECT pg_terminate_backend(%s)", [pid])
