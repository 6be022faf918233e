from __future__ import annotations

import asyncio
import hashlib
import io
from collections.abc import Awaitable, Callable, Iterator
from typing import Any, TypeVar

import pytest

from resmi.channels.outcomes import Accepted, Job, NotSent, Refused, Uncertain
from resmi.channels.whatsapp import graph as client
from resmi.channels.whatsapp import posting
from resmi.channels.whatsapp.outlet import WhatsAppOutlet
from resmi.engine import content
from tests.channels import factories, fake_graph
from tests.channels.fake_graph import Answer, FakeGraph, StoredFile
from tests.processes import free_port

T = TypeVar("T")
BODY = {"messaging_product": "whatsapp"}


@pytest.fixture
def graph() -> Iterator[FakeGraph]:
    with fake_graph.serving() as fake:
        yield fake


def call(url: str, action: Callable[[client.Graph], Awaitable[T]]) -> T:
    async def run() -> T:
        async with client.connect(url, "token") as connected:
            return await action(connected)

    return asyncio.run(run())


def send(graph: FakeGraph) -> str:
    return call(graph.url, lambda connected: connected.send("100", BODY))


def test_a_message_is_posted_with_the_token_and_its_id_returned(graph: FakeGraph) -> None:
    assert send(graph) == "wamid.1"
    (post,) = graph.posts
    assert (post.number, post.body) == ("100", BODY)
    assert post.headers["Authorization"] == "Bearer token"
    assert post.headers["Content-Type"] == "application/json"


def test_an_answer_without_an_id_is_still_a_success(graph: FakeGraph) -> None:
    for raw in (b"{}", b"", b"[]", b'{"messages":[]}', b'{"messages":[7]}', b"\xff"):
        graph.answer = lambda _, raw=raw: Answer(raw=raw)  # type: ignore[misc]
        assert send(graph) == ""


def test_no_gateway_makes_us_wait_for_years(graph: FakeGraph) -> None:
    graph.answer = lambda _: Answer(status=503, code=131016, headers={"Retry-After": "9" * 400})
    with pytest.raises(client.Refusal) as raised:
        send(graph)
    assert raised.value.retry_after_s == client.LONGEST_WAIT_S


def test_a_refusal_carries_code_words_and_wait(graph: FakeGraph) -> None:
    graph.answer = lambda _: Answer(
        status=429, code=130429, details="Slow down", headers={"Retry-After": "7"}
    )
    with pytest.raises(client.Refusal) as raised:
        send(graph)
    refusal = raised.value
    assert (refusal.http_status, refusal.code) == (429, "130429")
    assert (refusal.details, refusal.retry_after_s) == ("Slow down", 7.0)


def test_a_page_that_the_service_is_busy_is_a_refusal_without_a_code(graph: FakeGraph) -> None:
    graph.answer = lambda _: Answer(status=503, raw=b"<html>Unavailable</html>")
    with pytest.raises(client.Refusal) as raised:
        send(graph)
    assert (raised.value.http_status, raised.value.code) == (503, "")


@pytest.mark.parametrize("status", [500, 502, 504, 520])
@pytest.mark.parametrize("raw", [b"<html>Bad gateway</html>", b"", b'{"message":"upstream"}'])
def test_a_gateways_page_leaves_doubt(graph: FakeGraph, status: int, raw: bytes) -> None:
    graph.answer = lambda _: Answer(status=status, raw=raw)
    with pytest.raises(client.OthersAnswer):
        send(graph)


def test_the_apis_own_words_leave_no_doubt_whatever_the_status(graph: FakeGraph) -> None:
    graph.answer = lambda _: Answer(status=502, code=131016)
    with pytest.raises(client.Refusal):
        send(graph)


def test_a_closed_port_means_that_nothing_was_sent() -> None:
    with pytest.raises(client.NotConnected):
        call(f"http://127.0.0.1:{free_port()}/v1", lambda c: c.send("100", BODY))


def test_a_wrong_address_means_that_nothing_was_sent() -> None:
    with pytest.raises(client.NotConnected):
        call("http://:bad/", lambda c: c.send("100", BODY))


def test_a_connection_cut_after_the_request_leaves_doubt(graph: FakeGraph) -> None:
    graph.answer = lambda _: Answer(cut=True)
    with pytest.raises(client.NoAnswer):
        send(graph)


def test_a_time_out_after_the_request_leaves_doubt(
    graph: FakeGraph, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(posting, "ANSWER_S", 0.1)
    graph.answer = lambda _: Answer(delay_s=0.5)
    with pytest.raises(client.NoAnswer):
        send(graph)


def test_a_message_is_never_posted_twice_by_the_client_itself(graph: FakeGraph) -> None:
    async def two(connected: client.Graph) -> None:
        await connected.send("100", BODY)
        graph.answer = lambda _: Answer(cut=True)
        with pytest.raises(client.NoAnswer):
            await connected.send("100", BODY)

    call(graph.url, two)
    assert len(graph.posts) == 2


def test_connections_are_kept_for_the_next_message(graph: FakeGraph) -> None:
    async def two(connected: client.Graph) -> None:
        for _ in range(2):
            await connected.send("100", BODY)
        assert len(connected._poster._all) == 1

    call(graph.url, two)


def test_a_citizens_file_is_looked_up_and_downloaded(graph: FakeGraph) -> None:
    graph.files["55"] = StoredFile(b"\x00picture", "image/png")
    into = io.BytesIO()

    async def fetch(connected: client.Graph) -> tuple[client.MediaInfo, client.Downloaded]:
        info = await connected.media_info("55")
        return info, await connected.download(info.url, into, most=100)

    info, received = call(graph.url, fetch)
    assert (info.mime, info.size) == ("image/png", 8)
    assert into.getvalue() == b"\x00picture"
    assert received.sha256 == hashlib.sha256(b"\x00picture").hexdigest()
    assert (received.size, received.mime) == (8, "image/png")


def test_a_file_larger_than_allowed_is_not_read_to_its_end(graph: FakeGraph) -> None:
    graph.files["55"] = StoredFile(b"x" * 1000)
    url = graph.url.removesuffix("/v1") + "/file/55"
    with pytest.raises(client.TooLarge):
        call(graph.url, lambda c: c.download(url, io.BytesIO(), most=999))


def test_the_token_is_not_sent_to_a_strange_host_in_the_clear(graph: FakeGraph) -> None:
    with pytest.raises(client.Refusal, match="not safe"):
        call(graph.url, lambda c: c.download("http://192.0.2.1/x", io.BytesIO(), most=1))


def test_an_upload_names_type_and_file(graph: FakeGraph) -> None:
    file = io.BytesIO(b"data")
    upload_id = call(graph.url, lambda c: c.upload("100", file, "image/png", "ktp.png"))
    assert upload_id == "upload.1"
    assert graph.uploads == [
        {
            "number": "100",
            "product": "whatsapp",
            "type": "image/png",
            "filename": "ktp.png",
            "data": b"data",
        }
    ]


def outcome(url: str, **fields: Any) -> object:
    given = {"content": content.Text("Halo"), **fields}
    job = Job(ref="1.1.1", sender="100", recipient=factories.citizen(), **given)
    return call(url, lambda connected: WhatsAppOutlet(connected).send(job))


def test_an_outlet_tells_each_outcome_apart(graph: FakeGraph) -> None:
    assert outcome(graph.url) == Accepted("wamid.1")
    graph.answer = lambda _: Answer(cut=True)
    assert isinstance(outcome(graph.url), Uncertain)
    assert isinstance(outcome(f"http://127.0.0.1:{free_port()}/v1"), NotSent)


def test_an_outlet_explains_refusals(graph: FakeGraph) -> None:
    graph.answer = lambda _: Answer(status=429, code=130429, headers={"Retry-After": "9"})
    refused = outcome(graph.url)
    assert isinstance(refused, Refused)
    assert (refused.problem.key, refused.problem.least_s) == ("too_fast", 9.0)


def test_an_outlet_does_not_post_what_can_not_be_sent(graph: FakeGraph) -> None:
    refused = outcome(graph.url, content=content.Text("x" * 5000))
    assert isinstance(refused, Refused)
    assert refused.problem.key == "unsendable"
    assert not graph.posts
