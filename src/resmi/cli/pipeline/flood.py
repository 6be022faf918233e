"""A flood at the webhook's door: valid-looking POSTs with a wrong signature, as fast as they go."""

from __future__ import annotations

import asyncio
from urllib.parse import urlsplit

import msgspec

from resmi.channels.whatsapp import posting

CONNECTIONS = 32
BODY = (
    b'{"object":"whatsapp_business_account","entry":[{"id":"900100","changes":[{"field":"messages",'
    b'"value":{"messaging_product":"whatsapp","metadata":{"phone_number_id":"900200"},'
    b'"messages":[{"from":"6280000000000","id":"wamid.flood","timestamp":"1767225600",'
    b'"type":"text","text":{"body":"Apakah PT Dana Babeka terdaftar?"}}]}}]}]}'
)
UNSIGNED = b"X-Hub-Signature-256: sha256=" + b"0" * 64 + b"\r\n"


class Flood(msgspec.Struct, kw_only=True):
    """How many POSTs were to come, were refused with 401, and came to something else."""

    wanted: int
    refused: int = 0
    odd: int = 0

    async def run(self, url: str, per_s: float) -> None:
        """POSTs all of them, evenly at `per_s`."""
        parts = urlsplit(url)
        origin = f"{parts.scheme}://{parts.netloc}"
        begin = asyncio.get_running_loop().time()
        async with posting.opened(origin, {}, connections=CONNECTIONS) as poster:
            lanes = [self._lane(poster, parts.path, begin, n, per_s) for n in range(CONNECTIONS)]
            await asyncio.gather(*lanes)

    async def _lane(
        self, poster: posting.Poster, path: str, begin: float, first: int, per_s: float
    ) -> None:
        clock = asyncio.get_running_loop().time
        for number in range(first, self.wanted, CONNECTIONS):
            await asyncio.sleep(begin + number / per_s - clock())
            try:
                answer = await poster.post(path, BODY, more=UNSIGNED)
            except (posting.NotConnected, posting.NoAnswer):
                self.odd += 1
                continue
            if answer.status == 401:
                self.refused += 1
            else:
                self.odd += 1
