"""Makes the flat arrays that packed.py reads, whole columns at a time."""

from __future__ import annotations

from array import array
from collections.abc import Iterator, Sequence
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

    def heads(self, rows: npt.NDArray[np.bool_], sizes: Sequence[int]) -> dict[int, Numbers]:
        """Digests of the first so many bytes (rising `sizes`) of those rows that have as many."""
        starts, lengths = self.starts[rows], np.minimum(self.lengths[rows], sizes[-1])
        found: dict[int, list[Numbers]] = {size: [] for size in sizes}
        for at in range(0, len(starts), _CHUNK):
            part = slice(at, at + _CHUNK)
            order = _longest_first(lengths[part])
            begun = np.full(len(order), ~np.uint32(0))
            registers = _crcs(self.blob, starts[part][order], lengths[part][order], begun)
            for step, state in registers:
                if step + 1 in found:
                    found[step + 1].append(~state)
        none = np.empty(0, dtype=np.uint32)
        return {size: np.concatenate([none, *held]) for size, held in found.items()}

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
    order = _longest_first(lengths)
    last = ~families[order]
    for _, state in _crcs(blob, starts[order], lengths[order], last.copy()):
        last[: len(state)] = state
    found = np.empty_like(last)
    found[order] = ~last
    return found


def _longest_first(lengths: _Offsets) -> npt.NDArray[np.intp]:
    short = lengths.astype(np.int16) if len(lengths) and lengths.max() < 1 << 15 else lengths
    return np.argsort(-short, kind="stable")  # numbers of 16 bits are sorted by radix


def _crcs(
    blob: npt.NDArray[np.uint8], starts: _Offsets, lengths: _Offsets, state: Numbers
) -> Iterator[tuple[int, Numbers]]:
    """The CRC registers after the first byte of each text, after the second, and so on; of texts
    put the longest first, only those that have as many."""
    longest = int(lengths[0]) if len(lengths) else 0
    live = np.searchsorted(-lengths, -np.arange(longest))
    for step, count in enumerate(live.tolist()):
        now = state[:count]
        state = _STEPS[(now ^ blob[starts[:count] + step]) & 255] ^ (now >> np.uint32(8))
        yield step, state


def _flat(array: npt.NDArray[Any]) -> memoryview:
    return np.ascontiguousarray(array).data


def slots(numbers: Numbers) -> Numbers:
    """The directory over sorted numbers."""
    bits = max(1, (len(numbers) // _PER_SLOT).bit_length())
    return _starts(numbers >> np.uint32(32 - bits), 1 << bits)


def _starts(rows: Numbers, count: int) -> Numbers:
    """Where each of `count` rows begins in sorted row numbers, and the end of all."""
    sizes = np.bincount(rows, minlength=count)
    return np.append(0, np.cumsum(sizes)).astype(np.uint32)


def rising(numbers: Numbers) -> npt.NDArray[np.int64]:
    """The order that sorts numbers, equal ones as given: faster than a stable `argsort`."""
    paired = numbers.astype(np.uint64) << np.uint64(32)
    paired |= np.arange(len(numbers), dtype=np.uint64)
    paired.sort()
    return (paired & np.uint64(0xFFFFFFFF)).astype(np.int64)


def table(name: str, numbers: Numbers, values: Numbers) -> Parts:
    """A `Table` of pairs."""
    order = rising(numbers)
    keys = numbers[order]
    return {
        f"{name}.slots": _flat(slots(keys)),
        f"{name}.numbers": _flat(keys),
        f"{name}.values": _flat(values[order]),
    }


def sieve(name: str, numbers: Numbers) -> Parts:
    """A `Sieve` of numbers."""
    bits = _sieve_bits(len(numbers))
    held = np.zeros(1 << bits, dtype=np.bool_)
    held[numbers >> np.uint32(32 - bits)] = True
    spare = bits - _sieve_bits(int(np.count_nonzero(held)))
    if spare > 0:  # many were equal
        held = np.bitwise_or.reduce(held.reshape(-1, 1 << spare), axis=1)
    return {f"{name}.flags": _flat(np.packbits(held, bitorder="little"))}


def _sieve_bits(count: int) -> int:
    return min(32, max(10, (count * 8).bit_length()))


def texts(name: str, given: Sequence[bytes]) -> Parts:
    """`Texts` by position."""
    column = Column(given)
    return {f"{name}.blob": _flat(column.blob), f"{name}.ends": _flat(column.ends())}


def dictionary(
    name: str, given: Sequence[bytes]
) -> tuple[Parts, npt.NDArray[np.int64], list[bytes], Column]:
    """A `Dictionary`; for each of its rows the position its text was given at; its texts as a list
    and as a column."""
    numbers = Column(given).digests()
    order = rising(numbers)
    moved = [given[at] for at in order.tolist()]
    column = Column(moved)
    keys = numbers[order]
    parts = {
        f"{name}.blob": _flat(column.blob),
        f"{name}.ends": _flat(column.ends()),
        f"{name}.slots": _flat(slots(keys)),
        f"{name}.numbers": _flat(keys),
    }
    return parts, order, moved, column


def lists(name: str, rows: Numbers, positions: Numbers, count: int) -> Parts:
    """`Lists` of `count` rows, from pairs put in by rising position."""
    order = rising(rows)
    starts = _starts(rows, count)
    return {f"{name}.held": _flat(positions[order]), f"{name}.starts": _flat(starts)}
