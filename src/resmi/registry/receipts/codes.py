"""Receipt codes: short, unguessable, and wrong when mistyped. Pure.

A code is eleven Crockford base32 digits (55 bits, keyed BLAKE2b of where the answer was given) and
one check digit. Digits are 0-9 and A-Z without I, L, O and U; O reads as 0, I and L as 1. The check
digit is a weighted sum over the field of 32 elements with a different weight for every place, so
that any single wrong digit and any two swapped ones are noticed before a database is asked.
"""

from __future__ import annotations

import hashlib
import unicodedata

import msgspec

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
DIGITS = 11
LENGTH = DIGITS + 1
BITS = 5 * DIGITS
LONGEST_INPUT = 64

_VALUES = {digit: value for value, digit in enumerate(ALPHABET)}
_FIELD = 0b100101  # x^5 + x^2 + 1, primitive: the powers of 2 are 31 different weights
_READ_AS = str.maketrans({"O": "0", "I": "1", "L": "1"}) | dict.fromkeys(map(ord, "-‐‑–—_ .\t"))


class Mistyped(ValueError):
    """The text can't be a receipt's code: a digit is missing, too many, or wrong."""


def encode(number: int) -> str:
    """The code of a number below 2**55, most significant digit first."""
    values = [(number >> (5 * place)) & 31 for place in reversed(range(DIGITS))]
    return "".join(ALPHABET[value] for value in (*values, _check(values)))


def read(text: str) -> str:
    """The code somebody typed, in its one true form. Raises `Mistyped`."""
    typed = unicodedata.normalize("NFKC", text[:LONGEST_INPUT]).upper().translate(_READ_AS)
    values = [_VALUES[digit] for digit in typed if digit in _VALUES]
    if len(typed) != LENGTH or len(values) != LENGTH or _check(values[:-1]) != values[-1]:
        raise Mistyped(text[:LONGEST_INPUT])
    return typed


def shown(code: str) -> str:
    """A code in groups of four, as people read it: `7K2M-Q0ZD-41XF`."""
    return "-".join(code[at : at + 4] for at in range(0, len(code), 4))


def derive(secret: bytes, *where: int | str) -> str:
    """The code of an answer given at `where`. `secret` is 16 to 64 bytes."""
    place = "\x1f".join(str(part) for part in where).encode()
    digest = hashlib.blake2b(place, key=secret, digest_size=8, person=b"resmi receipt").digest()
    return encode(int.from_bytes(digest, "big") >> (64 - BITS))


class Book(msgspec.Struct, frozen=True):
    """The receipts of the answers that follow event `seq` of a conversation.

    Whatever uses a book writes at least one event, so that no two books are the same.
    """

    secret: bytes
    base_url: str
    conversation: int
    seq: int

    def code(self, number: int) -> str:
        """The code of the answer `number`, counted from 0; "" while receipts are off."""
        if not self.secret:
            return ""
        return derive(self.secret, "conversation", self.conversation, self.seq, number)

    def link(self, number: int) -> str:
        """Where the citizen finds it; "" while receipts are off or the address is not known."""
        code = self.code(number)
        return link(self.base_url, code) if code and self.base_url else ""


class Issuer(msgspec.Struct, frozen=True):
    """What a turn needs to name receipts before they are written. Without a secret: none."""

    secret: bytes = b""
    base_url: str = ""

    def shown(self, code: str) -> tuple[str, str]:
        """A code as people read it, and its address."""
        return shown(code), link(self.base_url, code)

    def book(self, conversation: int, seq: int) -> Book:
        """The receipts of the answers that follow event `seq`."""
        return Book(self.secret, self.base_url, conversation, seq)


def link(base_url: str, code: str) -> str:
    """The public page of a receipt."""
    return f"{base_url.rstrip('/')}/v/{shown(code)}"


def _check(values: list[int]) -> int:
    total = 0
    for value in values:
        total = _double(total ^ value)
    return total


def _double(value: int) -> int:
    value <<= 1
    return value ^ _FIELD if value & 32 else value
