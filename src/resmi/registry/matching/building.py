"""Collects the names of a register and packs them into the tables `Keys` reads."""

from __future__ import annotations

from array import array

import numpy as np
import numpy.typing as npt

from resmi.language.confusables import skeletons
from resmi.registry.matching import packing
from resmi.registry.matching.keys import HEADS, LEAST_NEAR, STRENGTH_BITS
from resmi.registry.matching.naming import Names, Strength
from resmi.registry.matching.packed import Parts
from resmi.registry.matching.packing import Column, Numbers
from resmi.registry.rules import Entry


class Building:
    """Takes in entity by entity."""

    def __init__(self) -> None:
        self._keys = packing.Pile()
        self._owners = array("I")  # position of the entity and strength of the key
        self._vocabulary: dict[str, int] = {}
        self._words, self._word_owners = array("I"), array("I")

    def add(self, at: int, entry: Entry) -> None:
        """One more entity, at position `at`."""
        names = Names(entry)
        shifted = at << STRENGTH_BITS
        for key, strength in names.keys.items():
            self._keys.append(key.encode())
            self._owners.append(shifted | strength)
        vocabulary = self._vocabulary
        if entry.status == "illegal":
            for word in names.words:
                vocabulary.setdefault(word, len(vocabulary))
            return
        for word in names.words:
            self._words.append(vocabulary.setdefault(word, len(vocabulary)))
            self._word_owners.append(at)

    def parts(self) -> Parts:
        """What `Keys` reads."""
        parts, order, keys, column = packing.dictionary("keys", self._keys.texts())
        owners = np.frombuffer(self._owners, dtype=np.uint32)[order]
        rows = np.arange(len(keys), dtype=np.uint32)
        numbers = np.frombuffer(parts["keys.numbers"], dtype=np.uint32)
        looks = Column(skeletons(keys)).digests()
        return {
            **parts,
            "keys.owners": np.ascontiguousarray(owners).data,
            **packing.table("alike", looks, rows),
            **packing.sieve("whole", numbers),
            **_heads(column),
            **_halves(column, owners, rows),
            **self._word_parts(),
        }

    def _word_parts(self) -> Parts:
        given = [word.encode() for word in self._vocabulary]
        parts, order, _, _ = packing.dictionary("words", given)
        moved = np.empty(len(given), dtype=np.uint32)
        moved[order] = np.arange(len(given), dtype=np.uint32)
        words = moved[np.frombuffer(self._words, dtype=np.uint32)]
        owners = np.frombuffer(self._word_owners, dtype=np.uint32)
        return {**parts, **packing.lists("holding", words, owners, len(given))}


def _heads(column: Column) -> Parts:
    """Sieves of the letters keys begin with. Letters of a key are counted as bytes only where all
    are ASCII; the others are cut one by one."""
    parts: Parts = {}
    wide = _wide(column)
    for size, numbers in column.heads(~wide, HEADS).items():
        foreign = [column.text(int(at)).decode()[:size] for at in np.flatnonzero(wide)]
        cut = [head.encode() for head in foreign if len(head) == size]
        parts |= packing.sieve(f"head{size}", np.append(numbers, Column(cut).digests()))
    return parts


def _wide(column: Column) -> npt.NDArray[np.bool_]:
    """Which texts hold letters beyond ASCII."""
    before = np.append(0, np.cumsum(column.blob >= 128))
    wide: npt.NDArray[np.bool_] = before[column.starts + column.lengths] > before[column.starts]
    return wide


def _halves(column: Column, owners: Numbers, rows: Numbers) -> Parts:
    """Keys by their first and by their second half, for finding them with one edit in the other."""
    strengths = owners & ((1 << STRENGTH_BITS) - 1)
    meant = (column.lengths >= LEAST_NEAR) & (strengths != Strength.INITIALS)
    starts, lengths, rows = column.starts[meant], column.lengths[meant], rows[meant]
    middle = lengths // 2
    families = lengths.astype(np.uint32)
    first = column.digests(starts, middle, families)
    second = column.digests(starts + middle, lengths - middle, ~families)
    return packing.table("halves", np.append(first, second), np.append(rows, rows))
