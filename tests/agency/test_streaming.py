from __future__ import annotations

import io
from collections.abc import Iterator

import pytest
from asgiref.sync import async_to_sync
from django.test import AsyncClient, AsyncRequestFactory, RequestFactory
from hypothesis import given
from hypothesis import strategies as st

from resmi.agency import services, streaming
from tests.agency import making


@given(parts=st.lists(st.binary(max_size=40)), size=st.integers(1, 60))
def test_what_is_gathered_is_the_same_bytes_in_pieces_of_some_size(
    parts: list[bytes], size: int
) -> None:
    pieces = list(streaming.gathered(iter(parts), size))
    assert b"".join(pieces) == b"".join(parts)
    assert all(len(piece) >= size for piece in pieces[:-1])
    assert all(pieces)


def test_a_server_gets_a_piece_before_the_rest_is_made() -> None:
    made = []

    def parts() -> Iterator[bytes]:
        for number in range(100):
            made.append(number)
            yield b"x" * streaming.PIECE

    async def first() -> bytes:
        request = AsyncRequestFactory().get("/")
        answer = streaming.attachment(request, parts(), name="a b.csv", mime="text/csv")
        async for piece in answer:
            return bytes(piece)
        return b""

    assert async_to_sync(first)() == b"x" * streaming.PIECE
    assert len(made) == 1


def test_a_file_is_closed_when_it_was_sent_and_carries_its_name() -> None:
    file = io.BytesIO(b"zip" * 50_000)
    request = RequestFactory().get("/")
    answer = streaming.attachment(
        request, streaming.of_file(file), name="warga ø.zip", mime="application/zip"
    )
    assert answer.getvalue() == b"zip" * 50_000
    assert file.closed
    assert answer["Content-Disposition"].startswith("attachment; filename")
    assert answer["Cache-Control"] == "no-store"


@pytest.mark.django_db
def test_the_audit_trail_comes_whole_from_a_server_too() -> None:
    auditor = making.account(email="adi@example.org", name="Adi", role="auditor")
    for number in range(30):
        services.record_audit(actor=auditor, action="tried", target=f"thing:{number}")

    async def fetch() -> bytes:
        client = AsyncClient()
        await client.aforce_login(auditor)
        answer = await client.get("/audit/export/", {"action": "tried", "format": "jsonl"})
        assert answer.is_async
        return b"".join([bytes(piece) async for piece in answer])

    assert len(async_to_sync(fetch)().splitlines()) == 30
