"""Letters that look like others, after Unicode Technical Standard 39 (confusables.txt).

Only the part that can imitate lower-case Latin letters and digits: whoever fakes a company's name
writes it for readers of Latin script. Full-width, mathematical and circled letters need no entry;
compatibility normalisation (NFKC) turns them into plain ones.
"""

from __future__ import annotations

from collections.abc import Sequence

_LOOKALIKES = {
    "a": "аɑα⍺",
    "b": "ЬьƄᏏ",
    "c": "сϲᴄⲥ",
    "d": "ԁᏧᑯ",
    "e": "еҽ℮",
    "f": "ſϝẝ",
    "g": "ɡցᶃ",
    "h": "һհᏂ",
    "i": "іɩιıӏΙІ",
    "j": "јϳ",
    "k": "кκᴋ",
    "l": "ⅼןӀΙ",
    "m": "мⅿ",
    "n": "ոռпη",
    "o": "оοօσ𐓪ჿ",
    "p": "рρ⍴",
    "q": "ԛգզ",
    "r": "гᴦⲅ",
    "s": "ѕꜱƽ",
    "t": "тτᴛ",
    "u": "υսᴜц",
    "v": "ѵνᴠ",
    "w": "ԝաᴡѡ",
    "x": "хχ᙮",
    "y": "уγүỿ",
    "z": "ᴢʐ",
}

LOOKALIKES: dict[str, str] = {
    look: letter
    for letter, looks in _LOOKALIKES.items()
    for look in {*looks, *(upper.lower() for upper in looks)}
}
"""Foreign letter, lower case → the Latin letter it imitates."""

_SKELETON = str.maketrans(
    {
        "0": "o", "1": "l", "i": "l", "j": "l", "|": "l", "!": "l", "3": "e", "4": "a", "@": "a",
        "5": "s", "$": "s", "7": "t", "+": "t", "8": "b", "6": "g", "9": "g", "2": "z",
    }
)  # fmt: skip


def skeleton(word: str) -> str:
    """What `word` (lower case) looks like at a glance: digits as letters, i as l, rn as m, vv as w.

    Two words with the same skeleton may be mistaken for one another. Folding loses meaning, so a
    shared skeleton is a ground to warn and never one to vouch.
    """
    return word.translate(_SKELETON).replace("rn", "m").replace("vv", "w")


_BYTES = bytes(ord(_SKELETON.get(byte, chr(byte))) if byte < 128 else byte for byte in range(256))


def skeletons(words: Sequence[bytes]) -> list[bytes]:
    """`skeleton` of many UTF-8 words at once; none may hold a line break."""
    if not words:
        return []
    looks = b"\n".join(words).translate(_BYTES).replace(b"rn", b"m").replace(b"vv", b"w")
    return looks.split(b"\n")
