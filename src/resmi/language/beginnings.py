"""Under which keys a word is kept so that its beginning finds it. Pure.

Words are taken folded (`resmi.language.normalising`). Korean and its neighbours are written without
blanks between what a reader tells apart, so their runs are cut into pairs of letters: any two or
more letters are found wherever they stand. The pairs only promise that each of them is there, not
that they stand together: look again with `find` before showing something as found.
"""

from __future__ import annotations

import re

LONGEST_WORD = 60
# Shorter words are found whole only: half of all words begin like them.
SHORTEST_BEGINNING = 3
_UNSPACED = re.compile(r"[\u1100-\u11ff\u3040-\u30ff\u3400-\u9fff\uac00-\ud7a3]")


def is_unspaced(word: str) -> bool:
    """Whether a word is of a script that puts no blanks between words."""
    return _UNSPACED.search(word) is not None


def keys(word: str) -> list[str]:
    """What a word is kept under: itself, or its pairs of letters."""
    if not is_unspaced(word):
        return [word[:LONGEST_WORD]]
    return [word[at : at + 2] for at in range(min(len(word), LONGEST_WORD))]


def terms(word: str, shortest: int = SHORTEST_BEGINNING) -> list[tuple[str, bool]]:
    """The keys that must all be there for a word asked for; True: one that begins like it will do.

    Words of fewer letters than `shortest` are asked for whole.
    """
    if is_unspaced(word):
        if len(word) == 1:
            return [(word, True)]
        return [(key, False) for key in keys(word) if len(key) == 2]
    return [(word[:LONGEST_WORD], len(word) >= shortest)]


def condition(asked: list[tuple[str, bool]]) -> str:
    """Terms as a PostgreSQL tsquery that wants all of them."""
    return " & ".join(quoted(key) + (":*" if begins else "") for key, begins in asked)


def quoted(key: str) -> str:
    """A key as a tsquery writes it."""
    return "'" + key.replace("\\", "\\\\").replace("'", "''") + "'"


def find(kept: str, asked: str, shortest: int = SHORTEST_BEGINNING) -> int:
    """Where in the word `kept` the word `asked` is found; -1 if it is not what was asked for."""
    if is_unspaced(asked):
        return kept.find(asked)
    is_it = kept == asked or (len(asked) >= shortest and kept.startswith(asked))
    return 0 if is_it else -1
