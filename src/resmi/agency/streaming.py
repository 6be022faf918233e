"""Downloads of any length, of which never more than a piece is in memory.

Django reads a plain iterator to its end before it sends anything when a server speaks ASGI, as ours
does; so there the pieces are fetched one by one, in the request's own thread.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from typing import IO

from asgiref.sync import sync_to_async
from django.core.handlers.asgi import ASGIRequest
from django.http import HttpRequest, StreamingHttpResponse
from django.utils.http import content_disposition_header

PIECE = 64 * 1024


def attachment(
    request: HttpRequest, parts: Iterator[bytes], *, name: str, mime: str
) -> StreamingHttpResponse:
    """`parts`, one after the other, as a file called `name` that no cache keeps."""
    pieces = gathered(parts)
    response = StreamingHttpResponse(
        _in_turn(pieces) if isinstance(request, ASGIRequest) else pieces, content_type=mime
    )
    response["Content-Disposition"] = content_disposition_header(True, name) or "attachment"
    response["Cache-Control"] = "no-store"
    return response


def of_file(file: IO[bytes]) -> Iterator[bytes]:
    """A file from where it stands, and closed at its end."""
    with file:
        while piece := file.read(PIECE):
            yield piece


def gathered(parts: Iterator[bytes], size: int = PIECE) -> Iterator[bytes]:
    """The same bytes in pieces of at least `size`, but for the last; none is empty."""
    held = bytearray()
    for part in parts:
        held += part
        if len(held) >= size:
            yield bytes(held)
            held.clear()
    if held:
        yield bytes(held)


async def _in_turn(pieces: Iterator[bytes]) -> AsyncIterator[bytes]:
    following = sync_to_async(lambda: next(pieces, b""))
    while piece := await following():
        yield piece
