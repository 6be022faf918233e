"""Index files: written whole, mapped into memory, refused unless whole and ours.

A file is: magic and format number, the BLAKE2b hash of all that follows, the length of the
contents, the contents (JSON), and the arrays in the byte order of the machine, each at a multiple
of 8 bytes.
"""

from __future__ import annotations

import contextlib
import hashlib
import mmap
import os
import sys
import tempfile
from functools import cache
from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import BinaryIO, Literal

import msgspec

from resmi.registry.matching.packed import Parts

FORMAT = 1
_MAGIC = b"RESMIIDX" + FORMAT.to_bytes(4, "little")
_HASH_BYTES = 32
_HEAD_BYTES = len(_MAGIC) + _HASH_BYTES
_ALIGNED = 8
_RULES_OF = ("resmi.registry.matching", "resmi.language")


class Unusable(Exception):
    """The file is no index of this format, is damaged, or was made by other rules."""


class About(msgspec.Struct, frozen=True, kw_only=True):
    """What an index was made from. `edition` tells registers of the same version apart."""

    version: int
    edition: str
    country: str
    lists: tuple[tuple[str, str], ...]


class _Part(msgspec.Struct, frozen=True, array_like=True):
    name: str
    kind: str
    start: int  # behind the contents
    size: int


class _Contents(msgspec.Struct, frozen=True, kw_only=True):
    about: About
    byteorder: str
    rules: str
    parts: tuple[_Part, ...]


def write(path: Path, about: About, parts: Parts) -> None:
    """Writes a file beside `path` and renames it, so that nobody ever reads half of one.

    It is not forced to the disk: what a crash leaves damaged is refused and built again.
    Raises `OSError` when the folder can't be written.
    """
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with open(handle, "wb") as stream:
            _write(stream, about, parts)
        os.replace(name, path)
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(name)
        raise


def _write(stream: BinaryIO, about: About, parts: Parts) -> None:
    listed, at = [], 0
    for name, array in parts.items():
        listed.append(_Part(name, array.format, at, array.nbytes))
        at += _padded(array.nbytes)
    contents = msgspec.json.encode(
        _Contents(about=about, byteorder=sys.byteorder, rules=rules(), parts=tuple(listed))
    )
    head = len(contents).to_bytes(8, "little") + contents
    head += bytes(_padded(_HEAD_BYTES + len(head)) - _HEAD_BYTES - len(head))
    hashed = hashlib.blake2b(digest_size=_HASH_BYTES)
    stream.write(_MAGIC + bytes(_HASH_BYTES))
    blocks: list[bytes | memoryview] = [head]
    for array in parts.values():
        blocks += [array, bytes(_padded(array.nbytes) - array.nbytes)]
    for block in blocks:
        stream.write(block)
        hashed.update(block)
    stream.seek(len(_MAGIC))
    stream.write(hashed.digest())


def read(path: Path) -> tuple[About, Parts]:
    """The contents of a file, mapped. Raises `Unusable`, or `OSError` when it can't be read."""
    with path.open("rb") as stream:
        _check(stream, path)
        mapped = memoryview(mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ))
    size = int.from_bytes(mapped[_HEAD_BYTES : _HEAD_BYTES + 8], "little")
    begin = _HEAD_BYTES + 8
    try:
        contents = msgspec.json.decode(mapped[begin : begin + size], type=_Contents)
    except msgspec.MsgspecError as error:
        raise Unusable(f"{path} has no readable contents") from error
    if contents.byteorder != sys.byteorder or contents.rules != rules():
        raise Unusable(f"{path} was made by another version of the program")
    base = _padded(begin + size)
    return contents.about, {
        part.name: mapped[base + part.start : base + part.start + part.size].cast(_kind(part))
        for part in contents.parts
    }


def _kind(part: _Part) -> Literal["B", "I", "Q"]:
    for kind in ("B", "I", "Q"):
        if part.kind == kind:
            return kind
    raise Unusable(f"{part.name} is of the unknown kind {part.kind}")


def _check(stream: BinaryIO, path: Path) -> None:
    """Reads the file once from end to end: cheap beside building, and it catches every damage."""
    if stream.read(len(_MAGIC)) != _MAGIC:
        raise Unusable(f"{path} is no index of format {FORMAT}")
    expected = stream.read(_HASH_BYTES)
    hashed = hashlib.blake2b(digest_size=_HASH_BYTES)
    while block := stream.read(1 << 20):
        hashed.update(block)
    if hashed.digest() != expected:
        raise Unusable(f"{path} is damaged")


def _padded(size: int) -> int:
    return -(-size // _ALIGNED) * _ALIGNED


@cache
def rules() -> str:
    """A fingerprint of the code and word lists that decide what an index holds."""
    hashed = hashlib.blake2b(digest_size=16)
    for package in _RULES_OF:
        for file in _files(resources.files(package)):
            hashed.update(file.name.encode() + b"\0" + file.read_bytes() + b"\0")
    return hashed.hexdigest()


def _files(folder: Traversable) -> list[Traversable]:
    found: list[Traversable] = []
    for entry in sorted(folder.iterdir(), key=lambda one: one.name):
        if entry.is_dir():
            found += _files(entry) if entry.name != "__pycache__" else []
        elif entry.name.endswith((".py", ".txt")):
            found.append(entry)
    return found
