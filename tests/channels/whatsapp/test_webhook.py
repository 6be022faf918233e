import asyncio
import json
import logging
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest
import structlog
from django.db import connection
from structlog.testing import capture_logs

from resmi.channels.models import Channel, Inbound
from resmi.channels.whatsapp import signature, storing, tally, webhook
from tests.channels.whatsapp import payloads as wa

SECRET = "secret"
TOKEN = "token"
Answer = tuple[int | None, bytes]


@pytest.fixture(autouse=True)
def secrets(settings: Any) -> None:
    settings.WHATSAPP_APP_SECRETS = ["older", SECRET]
    settings.WHATSAPP_VERIFY_TOKEN = TOKEN


# Looks like a signature: whether it is one shows only once the body is read.
UNPROVED = {"x_hub_signature_256": "sha256=" + "0" * 64}


async def ask(
    application: webhook.Webhook,
    *,
    method: str = "POST",
    query: str = "",
    parts: tuple[bytes, ...] = (),
    disconnect: bool = False,
    **headers: str,
) -> Answer:
    """One request over the ASGI interface; the status is `None` when nothing was answered."""
    messages: list[dict[str, Any]] = [
        {"type": "http.request", "body": part, "more_body": True} for part in parts
    ]
    messages.append(
        {"type": "http.disconnect"} if disconnect else {"type": "http.request", "more_body": False}
    )
    sent: list[Any] = []

    async def receive() -> dict[str, Any]:
        return messages.pop(0)

    async def send(message: Any) -> None:
        sent.append(message)

    scope = {
        "type": "http",
        "method": method,
        "query_string": query.encode(),
        "headers": [(k.replace("_", "-").encode(), v.encode()) for k, v in headers.items()],
    }
    await application(scope, receive, send)
    return (sent[0]["status"], sent[1]["body"]) if sent else (None, b"")


@asynccontextmanager
async def running() -> AsyncIterator[webhook.Webhook]:
    application = webhook.Webhook()
    try:
        yield application
    finally:
        await application.close()


def request(**how: Any) -> Answer:
    async def run() -> Answer:
        async with running() as application:
            return await ask(application, **how)

    return asyncio.run(run())


def post(body: bytes, *, secret: str = SECRET, **how: Any) -> Answer:
    signed = signature.sign(secret, body)
    return request(parts=(body,), x_hub_signature_256=signed, **how)


def handshake(mode: str = "subscribe", token: str = TOKEN, challenge: str = "1158201444") -> Answer:
    query = f"hub.mode={mode}&hub.verify_token={token}&hub.challenge={challenge}"
    return request(method="GET", query=query)


async def elsewhere(work: Callable[[], object]) -> None:
    """Does work with the database in a thread, and leaves no connection behind."""

    def run() -> None:
        try:
            work()
        finally:
            connection.close()

    await asyncio.to_thread(run)


def add_second_channel() -> None:
    defaults = {"account": "20", "name": "second"}
    Channel.objects.get_or_create(kind="whatsapp", address="2", defaults=defaults)


def delete_everything() -> None:
    Inbound.objects.all().delete()
    Channel.objects.all().delete()


# Handshake


def test_the_handshake_gives_the_challenge_back() -> None:
    assert handshake() == (200, b"1158201444")


@pytest.mark.parametrize(
    "wrong", [{"mode": "unsubscribe"}, {"token": "other"}, {"token": ""}, {"token": "%ff%00"}]
)
def test_a_wrong_handshake_is_refused(wrong: dict[str, str]) -> None:
    assert handshake(**wrong) == (403, b"")


def test_without_a_token_of_ours_no_handshake_succeeds(settings: Any) -> None:
    settings.WHATSAPP_VERIFY_TOKEN = ""
    assert handshake(token="")[0] == 403


@pytest.mark.parametrize(
    ("query", "status"), [("", 403), ("hub.mode=subscribe", 403), ("a=1&" * 50, 400)]
)
def test_a_query_that_is_no_handshake_is_refused(query: str, status: int) -> None:
    assert request(method="GET", query=query)[0] == status


@pytest.mark.parametrize("method", ["PUT", "DELETE", "HEAD", "OPTIONS", "PATCH"])
def test_other_methods_are_refused(method: str) -> None:
    assert request(method=method)[0] == 405


# Refusals before anything is stored (no database is touched: none is allowed here)


def test_a_body_without_signature_is_refused() -> None:
    assert request(parts=(wa.one(wa.message()),)) == (401, b"")


def test_a_body_signed_with_another_secret_is_refused() -> None:
    assert post(wa.one(wa.message()), secret="other") == (401, b"")


def test_without_secrets_of_ours_everything_is_refused(settings: Any) -> None:
    settings.WHATSAPP_APP_SECRETS = []
    assert post(wa.one(wa.message()), secret="")[0] == 401


@pytest.mark.parametrize("length", ["", "3145729"])
def test_a_body_over_three_megabytes_is_refused(length: str) -> None:
    parts = (b"x" * 1024 * 1024,) * 3 + (b"x",)
    headers = {"content_length": length} if length else {}
    assert request(parts=parts, **UNPROVED, **headers)[0] == 413


@pytest.mark.parametrize(("length", "status"), [("-1", 400), ("many", 400), ("9" * 30, 413)])
def test_a_senseless_length_is_refused(length: str, status: int) -> None:
    assert request(parts=(b"x",), content_length=length)[0] == status


def test_reading_ends_when_a_body_never_does(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(webhook, "LARGEST_DISCARDED", webhook.LARGEST_BODY + 10)
    parts = (b"x" * webhook.LARGEST_BODY, b"x" * 11)
    assert request(parts=parts, disconnect=True, **UNPROVED)[0] == 413


def test_a_sender_who_leaves_in_the_middle_is_not_answered() -> None:
    assert request(parts=(b'{"entry": [',), disconnect=True, **UNPROVED) == (None, b"")


def test_a_body_that_drips_in_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(webhook, "BODY_S", 0.01)

    async def drip() -> dict[str, Any]:
        await asyncio.sleep(0.005)
        return {"type": "http.request", "body": b"x", "more_body": True}

    answers: list[dict[str, Any]] = []

    async def keep(message: Any) -> None:
        answers.append(message)

    headers = [(name.replace("_", "-").encode(), v.encode()) for name, v in UNPROVED.items()]
    scope = {"type": "http", "method": "POST", "headers": headers, "query_string": b""}
    asyncio.run(webhook.Webhook()(scope, drip, keep))
    assert answers[0]["status"] == 408
    assert (b"connection", b"close") in answers[0]["headers"]


@pytest.mark.parametrize("signed", ["", "sha256=", "sha1=" + "0" * 40, "sha256=" + "z" * 64])
def test_what_can_not_be_a_signature_is_refused_without_reading_on(signed: str) -> None:
    async def never() -> dict[str, Any]:
        raise AssertionError("the body was read")

    answers: list[dict[str, Any]] = []

    async def keep(message: Any) -> None:
        answers.append(message)

    headers = [(b"x-hub-signature-256", signed.encode())]
    scope = {"type": "http", "method": "POST", "headers": headers, "query_string": b""}
    asyncio.run(webhook.Webhook()(scope, never, keep))
    assert answers[0]["status"] == 401


def test_a_flood_of_unsigned_bodies_never_gets_to_the_database(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def split(*_: Any, **__: Any) -> None:
        raise AssertionError("an unsigned body was read")

    def connect() -> None:
        raise AssertionError("an unsigned body was about to be stored")

    monkeypatch.setattr(webhook.splitting, "split", split)
    monkeypatch.setattr(webhook.storing, "Storage", connect)
    body = wa.one(wa.message())
    for signed in ("", "sha256=", "sha256=" + "0" * 64, signature.sign("other", body)):
        for _ in range(25):
            assert request(parts=(body,), x_hub_signature_256=signed) == (401, b"")


# Storing


@pytest.mark.django_db(transaction=True)
def test_a_signed_webhook_is_stored_and_acknowledged_with_an_empty_body() -> None:
    assert post(wa.one(wa.message(), statuses=[wa.status()])) == (200, b"")
    assert list(Inbound.objects.order_by("id").values_list("kind", "status")) == [
        ("message", "new"),
        ("status", "new"),
    ]


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("secret", ["older", SECRET])
def test_any_of_our_secrets_will_do(secret: str) -> None:
    assert post(wa.one(wa.message()), secret=secret)[0] == 200


@pytest.mark.django_db(transaction=True)
def test_a_body_in_many_parts_is_put_together() -> None:
    body = wa.one(wa.message())
    parts = tuple(body[start : start + 7] for start in range(0, len(body), 7))
    assert request(parts=parts, x_hub_signature_256=signature.sign(SECRET, body))[0] == 200
    assert Inbound.objects.get().kind == "message"


@pytest.mark.django_db(transaction=True)
def test_the_largest_body_allowed_is_stored() -> None:
    body = wa.one(wa.message(text={"body": ""}))
    filler = " " * (webhook.LARGEST_BODY - len(body))
    assert post(body + filler.encode())[0] == 200
    assert Inbound.objects.get().kind == "message"


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("body", [b"", b"{", b"\x00\xff", b"[" * 10_000, b'{"entry": 5}'])
def test_a_signed_body_that_is_no_webhook_is_kept_for_people(body: bytes) -> None:
    assert post(body) == (200, b"")
    kept = Inbound.objects.get()
    assert (kept.status, bytes(kept.raw)) == ("unparsed", body)
    assert kept.error


@pytest.mark.django_db(transaction=True)
def test_the_first_number_that_writes_becomes_a_channel() -> None:
    post(wa.one(wa.message()))
    channel = Channel.objects.get()
    assert (channel.kind, channel.address, channel.account) == ("whatsapp", wa.NUMBER, wa.WABA)
    assert channel.display_address == wa.DISPLAY
    assert Inbound.objects.get().channel == channel


@pytest.mark.django_db(transaction=True)
def test_a_number_of_a_stranger_does_not_become_a_channel() -> None:
    Channel.objects.create(kind="whatsapp", name="ours", address=wa.NUMBER, account=wa.WABA)
    stranger = wa.change(number="999", messages=[wa.message()])
    assert post(wa.body(wa.entry(stranger, waba="888")))[0] == 200
    assert Channel.objects.count() == 1
    assert Inbound.objects.get().status == "parked"


@pytest.mark.django_db(transaction=True)
def test_a_channel_added_while_running_is_seen_at_once() -> None:
    async def run() -> list[Answer]:
        bodies = [
            wa.body(wa.entry(wa.change(number=number, messages=[wa.message(id=number)]), waba=waba))
            for number, waba in (("1", "10"), ("2", "20"))
        ]
        async with running() as application:
            answers = []
            for body in bodies:
                signed = signature.sign(SECRET, body)
                answers.append(await ask(application, parts=(body,), x_hub_signature_256=signed))
                await elsewhere(add_second_channel)
            return answers

    assert [status for status, _ in asyncio.run(run())] == [200, 200]
    assert set(Inbound.objects.values_list("status", flat=True)) == {"new"}


@pytest.mark.django_db(transaction=True)
def test_what_comes_for_a_channel_deleted_a_moment_ago_is_kept() -> None:
    async def run() -> list[int | None]:
        async with running() as application:
            statuses = []
            for name in ("a", "b", "b"):
                body = wa.one(wa.message(id=name))
                signed = signature.sign(SECRET, body)
                status, _ = await ask(application, parts=(body,), x_hub_signature_256=signed)
                statuses.append(status)
                if name == "a":
                    await elsewhere(delete_everything)
            return statuses

    assert asyncio.run(run()) == [200, 200, 200]
    assert [item.key.rpartition(":")[2] for item in Inbound.objects.all()] == ["b"]


@pytest.mark.django_db(transaction=True)
def test_many_webhooks_at_once_are_all_stored() -> None:
    bodies = [wa.one(wa.message(id=f"wamid.{number}")) for number in range(100)]

    async def run() -> set[int | None]:
        async with running() as application:
            answers = await asyncio.gather(
                *(
                    ask(
                        application, parts=(body,), x_hub_signature_256=signature.sign(SECRET, body)
                    )
                    for body in bodies * 2
                )
            )
        return {status for status, _ in answers}

    assert asyncio.run(run()) == {200}
    assert Inbound.objects.count() == 100


def test_without_a_database_the_sender_is_asked_to_come_again(
    settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(settings.DATABASES, "default", {"NAME": "x", "HOST": "/nowhere"})
    monkeypatch.setattr(storing, "CONNECTING_S", 0.2)
    assert post(wa.one(wa.message()))[0] == 503


@pytest.mark.django_db(transaction=True)
def test_the_log_counts_and_never_quotes(monkeypatch: pytest.MonkeyPatch) -> None:
    everything = structlog.make_filtering_bound_logger(logging.DEBUG)
    monkeypatch.setattr(tally, "log", structlog.wrap_logger(None, wrapper_class=everything))
    with capture_logs() as lines:
        post(wa.one(wa.message(text={"body": "rahasia"})))
    (line,) = (line for line in lines if line["event"] == "webhook")
    assert (line["status"], line["items"], line["new"], line["unparsed"]) == ("200", 1, 1, 0)
    assert "rahasia" not in json.dumps(lines, default=str)
    assert wa.CITIZEN not in json.dumps(lines, default=str)


def test_a_flood_of_refusals_is_one_line_and_then_a_number(monkeypatch: pytest.MonkeyPatch) -> None:
    counted = tally.Tally()
    with capture_logs() as lines:
        for _ in range(500):
            counted.note("401", 0.001, {"bytes": 10})
        monkeypatch.setattr(tally, "EVERY_S", 0.0)
        counted.note("401", 0.001, {"bytes": 10})
    assert [(line["event"], line["more"]) for line in lines] == [
        ("webhook_refused", 0),
        ("webhook_refused", 499),
    ]
