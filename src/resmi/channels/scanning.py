"""Asks ClamAV about a file: the INSTREAM command of clamd, over TCP or a Unix socket.

Source of the protocol: clamd(8). A chunk is its length (four bytes, big-endian) and its bytes; a
length of zero ends the file. clamd answers once and closes.
"""

from __future__ import annotations

import socket
from typing import IO
from urllib.parse import urlsplit

CHUNK = 64 * 1024
TIMEOUT_S = 120.0
LONGEST_ANSWER = 4096


class Unreachable(Exception):
    """clamd did not answer, or not with a verdict; the text says why."""


class NotScanned(Exception):
    """clamd won't look at this file, now or later; the text says why."""


def scan(file: IO[bytes], address: str) -> str:
    """The name of what was found in `file`, "" if nothing; `file` is read from its beginning.

    `address` is `tcp://host:port` or `unix:///path`. Raises `Unreachable` and `NotScanned`.
    """
    file.seek(0)
    try:
        with _connect(address) as clamd:
            answer = _ask(clamd, file)
    except OSError as error:
        raise Unreachable(f"The virus scanner did not answer ({error}).") from error
    return _verdict(answer)


def _connect(address: str) -> socket.socket:
    parts = urlsplit(address)
    if parts.scheme == "unix":
        clamd = socket.socket(socket.AF_UNIX)
        clamd.settimeout(TIMEOUT_S)
        try:
            clamd.connect(parts.path)
        except OSError:
            clamd.close()
            raise
        return clamd
    return socket.create_connection((parts.hostname or "", parts.port or 3310), TIMEOUT_S)


def _ask(clamd: socket.socket, file: IO[bytes]) -> str:
    try:
        clamd.sendall(b"zINSTREAM\0")
        while chunk := file.read(CHUNK):
            clamd.sendall(len(chunk).to_bytes(4, "big") + chunk)
        clamd.sendall(bytes(4))
    except (BrokenPipeError, ConnectionResetError):
        pass  # it said no before the end: its answer tells why
    answer = b""
    while len(answer) < LONGEST_ANSWER and not answer.endswith(b"\0"):
        piece = clamd.recv(LONGEST_ANSWER)
        if not piece:
            break
        answer += piece
    return answer.rstrip(b"\0\n").decode("utf-8", "replace")


def _verdict(answer: str) -> str:
    said = answer.removeprefix("stream: ")
    if said == "OK":
        return ""
    if said.endswith(" FOUND"):
        return said.removesuffix(" FOUND")
    if "size limit exceeded" in said:
        raise NotScanned("The file is larger than what the virus scanner looks at.")
    raise Unreachable(f"The virus scanner answered “{said[:200]}”.")
