"""A small clamd on loopback that speaks zINSTREAM and knows one signature: the EICAR test file."""

from __future__ import annotations

import socket
import struct
import threading
from collections.abc import Iterator
from contextlib import contextmanager

# The industry's harmless test file, in two halves so that no scanner takes this source for it.
EICAR = rb"X5O!P%@AP[4\PZX54(P^)7CC)7}$" + b"EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"


class Clamd:
    """What it was asked, and how it answers; `most` is its StreamMaxLength in bytes."""

    def __init__(self, most: int = 25_000_000) -> None:
        self.most = most
        self.scanned: list[bytes] = []
        self.says: bytes | None = None
        self._server = socket.create_server(("127.0.0.1", 0))
        self.address = f"tcp://127.0.0.1:{self._server.getsockname()[1]}"
        threading.Thread(target=self._serve, daemon=True).start()

    def close(self) -> None:
        self._server.close()

    def _serve(self) -> None:
        while True:
            try:
                peer, _ = self._server.accept()
            except OSError:
                return
            with peer, peer.makefile("rb") as reader:
                peer.sendall((self.says or self._answer(reader)) + b"\0")

    def _answer(self, reader: object) -> bytes:
        read = reader.read  # type: ignore[attr-defined]
        if read(len(b"zINSTREAM\0")) != b"zINSTREAM\0":
            return b"UNKNOWN COMMAND"
        data = b""
        while length := struct.unpack(">I", read(4))[0]:
            data += read(length)
            if len(data) > self.most:
                return b"INSTREAM size limit exceeded. ERROR"
        self.scanned.append(data)
        return b"stream: Eicar-Test-Signature FOUND" if EICAR in data else b"stream: OK"


@contextmanager
def running(most: int = 25_000_000) -> Iterator[Clamd]:
    clamd = Clamd(most)
    yield clamd
    clamd.close()
