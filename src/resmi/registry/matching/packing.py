"""Makes the flat arrays that packed.py reads, whole columns at a time."""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from resmi.registry.matching.packed import Parts

Numbers = npt.NDArray[np.uint32]
_Offsets = npt.NDArray[np.int64]
_PER_SLOT = 2
_CHUNK = 1 << 15  # rows hashed at once: what fits the processor's cache


def _crc_steps() -> Numbers:
    """The table of CRC-32 (reflected polynomial EDB88320, as in zlib)."""
    steps = np.arange(256, dtype=np.uint32)
    for _ in range(8):
        steps = np.where(steps & 1, (steps >> 1) ^ np.uint32(0xEDB88320), steps >> 1)
    return steps.astype(np.uint32)


_STEPS = _crc_steps()


class Pile:
    """Collects byte strings where the garbage collector does not walk over each again and again."""

    def __init__(self) -> None:
        self._blob = bytearray()
        self._lengths = array("I")

    def append(self, text: bytes) -> None:
        """Puts one more behind the others."""
        self._blob += text
        self._lengths.append(len(text))

    def texts(self) -> list[bytes]:
        """All of them, in order."""
        blob, found, at = bytes(self._blob), [], 0
        for length in self._lengths:
            found.append(blob[at : at + length])
            at += length
        return found


class Column:
    """Byte strings one behind the other, to be hashed and packed together."""

    def __init__(self, texts: Sequence[bytes]) -> None:
        self.blob = np.frombuffer(b"".join(texts), dtype=np.uint8)
        self.lengths = np.fromiter(map(len, texts), dtype=np.int64, count=len(texts))
        self.starts = np.cumsum(self.lengths) - self.lengths

    def digests(
        self, starts: _Offsets | None = None, lengths: _Offsets | None = None, families: Any = 0
    ) -> Numbers:
        """`packed.digest` of every text, or of the stretches given."""
        first = self.starts if starts is None else starts
        sizes = self.lengths if lengths is None else lengths
        begun = np.broadcast_to(np.asarray(families, dtype=np.uint32), first.shape)
        result = np.empty(len(first), dtype=np.uint32)
        for at in range(0, len(first), _CHUNK):
            part = slice(at, at + _CHUNK)
            result[part] = _digests(self.blob, first[part], sizes[part], begun[part])
        return result

    def text(self, at: int) -> bytes:
        """One of the texts."""
        start = self.starts[at]
        return self.blob[start : start + self.lengths[at]].tobytes()

    def ends(self) -> npt.NDArray[Any]:
        """The offsets the texts are found by, one more than texts."""
        ends = np.append(self.starts, self.lengths.sum())
        return ends.astype(np.uint32 if ends[-1] < 1 << 32 else np.uint64)


def _digests(
    blob: npt.NDArray[np.uint8], starts: _Offsets, lengths: _Offsets, families: Numbers
) -> Numbers:
    order = np.argsort(-lengths, kind="stable")
    first, sizes = starts[order], lengths[order]
    state = ~families[order]
    for step in range(int(sizes[0]) if len(sizes) else 0):
        live = int(np.searchsorted(-sizes, -step, side="left"))
        now = state[:live]
        state[:live] = _STEPS[(now ^ blob[first[:live] + step]) & 255] ^ (now >> np.uint32(8))
    result = np.empty_like(state)
    result[order] = ~state
    return result


def _flat(array: npt.NDArray[Any]) -> memoryview:
    return np.ascontiguousarray(array).data


def slots(numbers: Numbers) -> Numbers:
    """The directory over sorted numbers."""
    bits = max(1, (len(numbers) // _PER_SLOT).bit_length())
    tops = np.arange(1 << bits, dtype=np.uint64) << np.uint64(32 - bits)
    found = np.searchsorted(numbers, tops.astype(np.uint32))
    return np.append(found, len(numbers)).astype(np.uint32)


def table(name: str, numbers: Numbers, values: Numbers) -> Parts:
    """A `Table` of pairs."""
    order = np.argsort(numbers, kind="stable")
    keys = numbers[order]
    return {
        f"{name}.slots": _flat(slots(keys)),
        f"{name}.numbers": _flat(keys),
        f"{name}.values": _flat(values[order]),
    }


def sieve(name: str, numbers: Numbers) -> Parts:
    """A `Sieve` of numbers."""
    distinct = np.unique(numbers)
    bits = min(32, max(10, (len(distinct) * 8).bit_length()))
    places = np.unique(distinct >> np.uint32(32 - bits))
    flags = np.zeros((1 << bits) // 8, dtype=np.uint8)
    np.bitwise_or.at(flags, places >> 3, (1 << (places & 7)).astype(np.uint8))
    return {f"{name}.flags": _flat(flags)}


def texts(name: str, given: Sequence[bytes]) -> Parts:
    """`Texts` by position."""
    column = Column(given)
    return {f"{name}.blob": _flat(column.blob), f"{name}.ends": _flat(column.ends())}


def dictionary(name: str, given: Sequence[bytes]) -> tuple[Parts, _Offsets]:
    """A `Dictionary`, and for each of its rows the position its text was given at."""
    numbers = Column(given).digests()
    order = np.argsort(numbers, kind="stable")
    keys = numbers[order]
    parts = texts(name, [given[at] for at in order])
    parts[f"{name}.slots"] = _flat(slots(keys))
    parts[f"{name}.numbers"] = _flat(keys)
    return parts, order


def lists(name: str, rows: Numbers, positions: Numbers, count: int) -> Parts:
    """`Lists` of `count` rows, from pairs put in by rising position."""
    order = np.argsort(rows, kind="stable")
    starts = np.searchsorted(rows[order], np.arange(count + 1, dtype=np.uint32))
    return {f"{name}.held": _flat(positions[order]), f"{name}.starts": _flat(starts.astype("u4"))}
