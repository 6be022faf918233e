"""Arrays as PostgreSQL's binary format, encoded in one go.

Drivers encode an array value by value, with a look at each for marks to quote; for the columns of
many small rows that costs more than reading, sending and storing them. Give these as parameters of
any statement, as `%b` or `%s`.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar

import psycopg
from psycopg.adapt import Dumper
from psycopg.pq import Format

_HEAD = struct.Struct("!iiIii")
_NULL = b"\xff\xff\xff\xff"
_length = struct.Struct("!i").pack
_small = struct.Struct("!ih").pack
_big = struct.Struct("!iq").pack
_EPOCH = datetime(2000, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


class Array:
    """One array, encoded; made by the functions below."""

    oid: ClassVar[int]
    element: ClassVar[int]

    def __init__(self, parts: Sequence[bytes]) -> None:
        has_null = int(_NULL in parts)
        shape = (1, has_null, self.element, len(parts), 1) if parts else (0, 0, self.element)
        head = _HEAD.pack(*shape) if parts else struct.pack("!iiI", *shape)
        self.data = head + b"".join(parts)


class _Texts(Array):
    oid, element = 1009, 25


class _Bytes(Array):
    oid, element = 1001, 17


class _Smallints(Array):
    oid, element = 1005, 21


class _Bigints(Array):
    oid, element = 1016, 20


class _Flags(Array):
    oid, element = 1000, 16


class _Moments(Array):
    oid, element = 1185, 1184


def texts(values: Iterable[str | None]) -> Array:
    """`text[]`. A NUL in a text is refused by the server; raises `UnicodeEncodeError` itself."""
    coded = [None if value is None else value.encode() for value in values]
    return _Texts([_NULL if c is None else _length(len(c)) + c for c in coded])


def byte_texts(values: Iterable[bytes]) -> Array:
    """`text[]` of texts that are UTF-8 already."""
    return _Texts([_length(len(value)) + value for value in values])


def byte_strings(values: Iterable[bytes | None]) -> Array:
    """`bytea[]`."""
    return _Bytes([_NULL if v is None else _length(len(v)) + v for v in values])


def smallints(values: Iterable[int]) -> Array:
    """`smallint[]`. Raises `struct.error` beyond 16 bits."""
    return _Smallints([_small(2, value) for value in values])


def bigints(values: Iterable[int | None]) -> Array:
    """`bigint[]`. Raises `struct.error` beyond 64 bits."""
    return _Bigints([_NULL if value is None else _big(8, value) for value in values])


def flags(values: Iterable[bool]) -> Array:
    """`boolean[]`."""
    return _Flags([b"\0\0\0\1\1" if value else b"\0\0\0\1\0" for value in values])


def moments(values: Iterable[datetime | None]) -> Array:
    """`timestamptz[]` of aware times."""
    return _Moments([_NULL if v is None else _big(8, (v - _EPOCH) // _MICROSECOND) for v in values])


Encode = Callable[[Iterable[Any]], Array]


def columns(encoders: Sequence[Encode], rows: Iterable[Sequence[Any]]) -> list[Array]:
    """Rows, at least one, as columns: each encoded by the function at its place."""
    given = zip(encoders, zip(*rows, strict=True), strict=True)
    return [encode(column) for encode, column in given]


class _ArrayDumper(Dumper):
    format = Format.BINARY

    def dump(self, obj: Array) -> bytes:
        return obj.data


for _kind in (_Texts, _Bytes, _Smallints, _Bigints, _Flags, _Moments):
    psycopg.adapters.register_dumper(
        _kind, type(f"{_kind.__name__}Dumper", (_ArrayDumper,), {"oid": _kind.oid})
    )
