from __future__ import annotations

import asyncio
import importlib
import json
import pkgutil
import sys
from pathlib import Path

import pytest

from resmi.channels import simulator
from resmi.channels.simulator import server
from resmi.channels.simulator.config import Config, NotInProduction, check_mode
from tests.channels.simulator.stand import Stand

STATIC = Path(simulator.__file__).parent / "static"


@pytest.mark.parametrize("env", [{}, {"RESMI_MODE": "production"}])
def test_it_refuses_to_run_beside_real_citizens(env: dict[str, str]) -> None:
    with pytest.raises(NotInProduction, match="RESMI_MODE=demo"):
        check_mode(env)


def test_serving_in_production_is_refused_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RESMI_MODE", "production")
    with pytest.raises(NotInProduction):
        server.run(Config(port=0))
    with pytest.raises(NotInProduction):
        asyncio.run(server.serve(Config(port=0)))


def test_it_stands_alone_from_the_rest_of_resmi() -> None:
    names = [one.name for one in pkgutil.iter_modules(simulator.__path__)]
    for name in names:
        module = importlib.import_module(f"resmi.channels.simulator.{name}")
        for value in vars(module).values():
            origin = getattr(value, "__module__", None) or getattr(value, "__name__", "")
            if str(origin).startswith("resmi."):
                assert str(origin).startswith("resmi.channels.simulator"), (name, origin)
            assert not str(origin).startswith("django"), (name, origin)


def test_the_webhook_is_registered_by_itself_at_the_start() -> None:
    stand = Stand(verify_token="verify-me", clock_rate=1.0)
    try:
        assert any(stand.state()["webhook"]["verified"] for _ in range(200))
    finally:
        stand.close()


def test_the_phone_page_may_be_framed_by_named_origins_only() -> None:
    stand = Stand(frame_ancestors=("http://127.0.0.1:8000",))

    async def policy() -> str:
        async with stand.session.get(stand.base + "/phone") as answer:
            assert answer.status == 200
            return answer.headers["Content-Security-Policy"]

    try:
        found = stand.run(policy())
    finally:
        stand.close()
    assert "frame-ancestors 'self' http://127.0.0.1:8000" in found
    assert "unsafe" not in found


def test_the_control_api_takes_json_only_so_that_other_pages_cannot_use_it(stand: Stand) -> None:
    headers = {"Content-Type": "text/plain"}
    path = "/control/citizens/budi/say"
    status, _ = stand.call("POST", path, headers=headers, data=b'{"type":"text","text":"x"}')
    assert status == 400
    assert stand.received == []


def test_events_tell_what_happens_as_it_happens(stand: Stand) -> None:
    async def listen() -> list[str]:
        kinds = []
        async with stand.session.get(stand.base + "/control/events") as stream:
            say = stand.base + "/control/citizens/budi/say"
            await stand.session.post(say, json={"type": "text", "text": "x"})
            async for line in stream.content:
                if line.startswith(b"data: "):
                    kinds.append(json.loads(line[6:])["type"])
                if len(kinds) == 3:
                    break
        return kinds

    assert sorted(stand.run(listen())) == ["message", "message", "webhook"]


def test_no_file_outside_the_page_is_served(stand: Stand) -> None:
    for path in ("/phone/..%2fserver.py", "/phone/server.py", "/phone/none.js"):
        assert stand.call("GET", path)[0] == 404


def test_every_language_has_every_word() -> None:
    words = json.loads((STATIC / "words.json").read_text())
    assert set(words) == {"en", "id", "ko"}
    for language in words.values():
        assert language.keys() == words["en"].keys()
        assert all(language.values())


def test_the_page_has_nothing_inline() -> None:
    page = (STATIC / "phone.html").read_text()
    assert "<style" not in page
    assert " style=" not in page
    assert "<script>" not in page
    assert not [name for name in ("onclick=", "onload=") if name in page]
    assert sys.getsizeof(page) < 20_000
