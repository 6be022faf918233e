"""A client of Meta's Graph API: send messages, look up, download and upload files.

What matters to a sender is whether a message may have left: `NotConnected` says it did not,
`NoAnswer` that nobody knows, `Refusal` that WhatsApp said no.
"""

from __future__ import annotations

import hashlib
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import IO, Any
from urllib.parse import urlsplit

import aiohttp
import msgspec

from resmi.channels.whatsapp import posting
from resmi.channels.whatsapp.posting import NoAnswer as NoAnswer
from resmi.channels.whatsapp.posting import NotConnected as NotConnected

ASK_TIMEOUT = aiohttp.ClientTimeout(
    total=30.0, connect=posting.CONNECT_S, sock_read=posting.ANSWER_S
)
FILE_TIMEOUT = aiohttp.ClientTimeout(
    total=300.0, connect=posting.CONNECT_S, sock_read=posting.ANSWER_S
)
CHUNK = 256 * 1024
SERVICE_UNAVAILABLE = 503
OTHERS_HOLD_S = 10.0
"""How long a number rests when a gateway leaves a message in doubt: each of the next would be."""
LONGEST_WAIT_S = 86_400.0
"""A day: what a gateway asks for beyond it is no advice but a mistake."""


class TooLarge(Exception):
    """The file is larger than allowed."""


class Refusal(Exception):
    """The Graph API answered with an error; see `errors.classify`."""

    def __init__(self, http_status: int, code: str, details: str, retry_after_s: float) -> None:
        super().__init__(f"HTTP {http_status}, code {code}: {details}")
        self.http_status = http_status
        self.code = code
        self.details = details
        self.retry_after_s = retry_after_s


class OthersAnswer(NoAnswer):
    """Something on the way spoke in WhatsApp's place, after it had the message."""


class MediaInfo(msgspec.Struct, frozen=True):
    """Where a citizen's file can be had for 5 minutes, and what it should be.

    `sha256` as the API gives it (hexadecimal or base64); `size` in bytes, 0 if unknown.
    """

    url: str
    mime: str = ""
    sha256: str = ""
    size: int = 0


class Downloaded(msgspec.Struct, frozen=True):
    """What was received: bytes, hexadecimal SHA-256 and the declared type."""

    size: int
    sha256: str
    mime: str


class Graph:
    """Calls on behalf of one app; `token` is sent to the API's own origin and to HTTPS only."""

    def __init__(
        self,
        session: aiohttp.ClientSession,
        poster: posting.Poster,
        base_url: str,
        headers: dict[str, str],
    ) -> None:
        self._session = session
        self._poster = poster
        self._base = base_url.rstrip("/")
        self._headers = headers

    async def send(self, phone_number_id: str, body: dict[str, Any]) -> str:
        """Posts a message, read mark or typing sign; the message's id, empty if it has none.

        Raises `NotConnected`, `NoAnswer` or `Refusal`.
        """
        answer = await self._poster.post(f"/{phone_number_id}/messages", msgspec.json.encode(body))
        if answer.status != 200:
            wait = answer.headers.get(b"retry-after", b"").decode("latin-1")
            raise _refusal(answer.status, answer.body, wait)
        messages = _object(answer.body).get("messages")
        first = messages[0] if isinstance(messages, list) and messages else {}
        return str(first.get("id", "")) if isinstance(first, dict) else ""

    async def media_info(self, media_id: str) -> MediaInfo:
        """Looks a citizen's file up. Raises as `send` does."""
        answer = await self._call("GET", f"/{media_id}", timeout=ASK_TIMEOUT, headers=self._headers)
        size = answer.get("file_size", 0)
        return MediaInfo(
            url=str(answer.get("url", "")),
            mime=str(answer.get("mime_type", "")),
            sha256=str(answer.get("sha256", "")),
            size=int(size) if str(size).isdecimal() else 0,
        )

    async def download(self, url: str, into: IO[bytes], *, most: int) -> Downloaded:
        """Writes the file at `url` to `into`. Raises as `send` does, and `TooLarge`."""
        self._check_origin(url)
        digest, size = hashlib.sha256(), 0
        async with self._asked("GET", url, timeout=FILE_TIMEOUT, headers=self._headers) as answer:
            await _raise_refusal(answer)
            async for chunk in answer.content.iter_chunked(CHUNK):
                size += len(chunk)
                if size > most:
                    raise TooLarge(f"The file is larger than {most} bytes.")
                digest.update(chunk)
                into.write(chunk)
            return Downloaded(size=size, sha256=digest.hexdigest(), mime=answer.content_type)

    async def upload(self, phone_number_id: str, file: IO[bytes], mime: str, filename: str) -> str:
        """Uploads a file to send; its id, which holds for 30 days. Raises as `send` does."""
        form = aiohttp.FormData()
        form.add_field("messaging_product", "whatsapp")
        form.add_field("type", mime)
        form.add_field("file", file, filename=filename, content_type=mime)
        answer = await self._call(
            "POST",
            f"/{phone_number_id}/media",
            timeout=FILE_TIMEOUT,
            data=form,
            headers=self._headers,
        )
        if not (upload_id := str(answer.get("id", ""))):
            raise NoAnswer("The upload was answered without an id.")
        return upload_id

    async def _call(self, method: str, path: str, **options: Any) -> dict[str, Any]:
        async with self._asked(method, self._base + path, **options) as answer:
            await _raise_refusal(answer)
            return _object(await answer.read())

    @asynccontextmanager
    async def _asked(
        self, method: str, url: str, **options: Any
    ) -> AsyncIterator[aiohttp.ClientResponse]:
        try:
            async with self._session.request(
                method, url, allow_redirects=False, **options
            ) as answer:
                yield answer
        except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError) as error:
            raise NotConnected(str(error) or type(error).__name__) from error
        except aiohttp.InvalidURL as error:
            raise NotConnected(f"The address {url} is wrong.") from error
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            raise NoAnswer(str(error) or type(error).__name__) from error

    def _check_origin(self, url: str) -> None:
        try:
            ours, theirs = urlsplit(self._base), urlsplit(url)
        except ValueError as error:
            raise Refusal(0, "", f"The file's address {url} is wrong: {error}.", 0) from error
        if theirs.scheme != "https" and (ours.scheme, ours.netloc) != (
            theirs.scheme,
            theirs.netloc,
        ):
            raise Refusal(0, "", f"The file's address {url} is not safe to ask with our token.", 0)


async def _raise_refusal(answer: aiohttp.ClientResponse) -> None:
    if answer.status != 200:
        wait = answer.headers.get("Retry-After", "")
        raise _refusal(answer.status, await answer.read(), wait)


def _refusal(status: int, body: bytes, wait: str) -> Refusal | NoAnswer:
    """What a non-200 answer means; docs/adr/0023-pages-of-gateways.md."""
    error = _object(body).get("error")
    if not isinstance(error, dict):
        if status >= 500 and status != SERVICE_UNAVAILABLE:
            return OthersAnswer(f"A gateway answered in WhatsApp's place (HTTP {status}).")
        error = {}
    data = error.get("error_data")
    details = data.get("details", "") if isinstance(data, dict) else ""
    return Refusal(
        status,
        str(error.get("code", "")),
        str(details or error.get("message", "")),
        min(float(wait), LONGEST_WAIT_S) if wait.isdecimal() else 0.0,
    )


def _object(raw: bytes) -> dict[str, Any]:
    try:
        value = msgspec.json.decode(raw)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return {}
    return value if isinstance(value, dict) else {}


Connecting = AbstractAsyncContextManager[Graph]


@asynccontextmanager
async def connect(base_url: str, token: str, *, connections: int = 100) -> AsyncIterator[Graph]:
    """A client with its own kept-alive connections."""
    headers = {"Authorization": f"Bearer {token}"}
    connector = aiohttp.TCPConnector(limit=connections, keepalive_timeout=posting.KEEP_ALIVE_S)
    async with (
        posting.opened(base_url, headers, connections=connections) as poster,
        aiohttp.ClientSession(connector=connector) as session,
    ):
        yield Graph(session, poster, base_url, headers)
