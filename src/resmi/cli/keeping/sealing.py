"""Encrypts a stream under a passphrase, in pieces, so that neither end holds more than one.

File: `MAGIC`, the length of the header (4 bytes, big-endian), the header as JSON, then pieces of
`PIECE` bytes, each with its 16-byte tag, the last one shorter. The key is scrypt of the passphrase
(RFC 7914). A piece is AES-256-GCM; its nonce is the prefix (7 bytes), the piece's number (4) and
whether it is the last (1), and all that stands before the pieces is authenticated with it. This is
the STREAM construction (Hoang, Reyhanitabar, Rogaway, Vizár 2015), under which pieces can't be
changed, swapped or cut off unnoticed.
"""

from __future__ import annotations

import os
import struct
from typing import IO

import msgspec
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

MAGIC = b"RESMI BACKUP 1\n"
PIECE = 1 << 20
TAG = 16
COST = 1 << 17  # 128 MiB with r = 8
COST_LIMIT = 1 << 20
HEADER_LIMIT = 10_000


class Unreadable(Exception):
    """A file can't be opened; the text says why."""


class Header(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How the key is made and the pieces are numbered; in the clear."""

    salt: bytes
    prefix: bytes
    cost: int = COST
    block: int = 8
    lanes: int = 1

    def cipher(self, passphrase: str) -> AESGCM:
        """The cipher under the passphrase's key. Takes some tenths of a second, on purpose."""
        made = Scrypt(salt=self.salt, length=32, n=self.cost, r=self.block, p=self.lanes)
        return AESGCM(made.derive(passphrase.encode()))

    def nonce(self, number: int, *, last: bool) -> bytes:
        """The nonce of a piece."""
        return self.prefix + struct.pack(">IB", number, last)


class Sealer:
    """Takes plain bytes and writes sealed ones to `file`; only `finish` makes them complete."""

    def __init__(self, file: IO[bytes], passphrase: str, *, cost: int = COST) -> None:
        self._header = Header(salt=os.urandom(16), prefix=os.urandom(7), cost=cost)
        self._cipher = self._header.cipher(passphrase)
        self._file = file
        encoded = msgspec.json.encode(self._header)
        self._start = MAGIC + struct.pack(">I", len(encoded)) + encoded
        self._pending = bytearray()
        self._number = 0
        file.write(self._start)

    def write(self, part: bytes) -> int:
        """Takes any number of bytes."""
        self._pending += part
        while len(self._pending) > PIECE:
            self._seal(bytes(self._pending[:PIECE]), last=False)
            del self._pending[:PIECE]
        return len(part)

    def finish(self) -> None:
        """Writes the last piece."""
        self._seal(bytes(self._pending), last=True)
        self._pending.clear()

    def _seal(self, piece: bytes, *, last: bool) -> None:
        nonce = self._header.nonce(self._number, last=last)
        self._file.write(self._cipher.encrypt(nonce, piece, self._start))
        self._number += 1


class Opener:
    """Reads plain bytes from a sealed file. Raises `Unreadable` as soon as something is wrong."""

    def __init__(self, file: IO[bytes], passphrase: str) -> None:
        self._file = file
        self._start, self._header = _read_start(file)
        self._cipher = self._header.cipher(passphrase)
        self._plain = b""
        self._at = 0
        self._number = 0
        self._ahead = file.read(PIECE + TAG)
        self._is_over = False

    def read(self, count: int) -> bytes:
        """Exactly `count` bytes. Raises `Unreadable`, also at the end of the stream."""
        parts, missing = [], count
        while missing:
            if self._at == len(self._plain):
                self._next()
            part = self._plain[self._at : self._at + missing]
            self._at += len(part)
            missing -= len(part)
            parts.append(part)
        return b"".join(parts)

    def _next(self) -> None:
        if self._is_over:
            raise Unreadable("it ends where more was promised.")
        piece, self._ahead = self._ahead, self._file.read(PIECE + TAG)
        self._is_over = not self._ahead
        nonce = self._header.nonce(self._number, last=self._is_over)
        try:
            self._plain = self._cipher.decrypt(nonce, piece, self._start)
        except InvalidTag as error:
            raise Unreadable(
                "the passphrase is not the one it was made with, or its first part was altered."
                if not self._number
                else f"it was altered or cut off after {self._number} MiB."
            ) from error
        self._number += 1
        self._at = 0


def _read_start(file: IO[bytes]) -> tuple[bytes, Header]:
    start = file.read(len(MAGIC) + 4)
    if len(start) < len(MAGIC) + 4 or not start.startswith(MAGIC):
        raise Unreadable("it is no backup of Resmi.")
    (length,) = struct.unpack(">I", start[len(MAGIC) :])
    encoded = file.read(min(length, HEADER_LIMIT))
    try:
        header = msgspec.json.decode(encoded, type=Header)
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise Unreadable("its header is damaged.") from error
    is_sound = len(header.prefix) == 7 and header.block == 8 and header.lanes == 1
    if not is_sound or header.cost > COST_LIMIT or header.cost < 2 or header.cost & header.cost - 1:
        raise Unreadable("its header is damaged.")
    return start + encoded, header
