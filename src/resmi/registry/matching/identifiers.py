"""Domains, e-mail addresses, phone numbers, app packages and licence numbers as exact keys."""

from __future__ import annotations

import base64
import hashlib
import re
from array import array
from collections.abc import Iterable, Iterator
from typing import NamedTuple

import numpy as np

from resmi.language import legal_forms, normalising
from resmi.registry.matching import domains, packing
from resmi.registry.matching.budget import Budget
from resmi.registry.matching.packed import Dictionary, Parts
from resmi.registry.rules import Entry

_EMAIL = re.compile(r"[\w.+-]{1,64}@[\w-]+(?:\.[\w-]+)+")
_URL = re.compile(r"(?:https?://|www\.)[^\s<>\"'“”|]+", re.IGNORECASE)
_DOTTED = re.compile(r"(?<![\w@.])[A-Za-z0-9][\w-]*(?:\.[\w-]+)+(?:/[^\s<>\"'“”|]*)?")
_PHONE = re.compile(r"(?<![\w/.-])(?:\+|00)?\(?\d[\d\s().-]{6,18}\d(?![\w/])")
_LICENCE = re.compile(
    r"(?<![^\W_])[a-z]{1,8}[\s./-]{0,3}\d{1,7}(?:[\s./-]{0,2}[a-z0-9]{1,10}){1,6}", re.IGNORECASE
)
_MARKED = re.compile(r"[\d@/.]")
_DIGIT = re.compile(r"\d")
_NOT_DIGIT = re.compile(r"\D")
_LEADING = re.compile(r"[a-z]+")
_NOT_WORD = re.compile(r"[\W_]+")
_YEAR = re.compile(r"(?:19|20)\d\d$")
_SHARED_BY = 4  # a host named by more entities than this belongs to none of them
_MIN_LICENCE = 6
_FLAGS = {"u": 1 << 29, "h": 1 << 30, "d": 1 << 31}
_OWNER = (1 << 29) - 1
_LONGEST_STORED = 21
_HASH_BYTES = 15
_CANDIDATE_STEPS, _LICENCE_STEPS = 15, 250


class Found(NamedTuple):
    """An identifier in a text: kind (domain, email, phone, app, licence) and where it stands."""

    kind: str
    start: int
    end: int
    text: str


class Packing:
    """Collects the identifiers of a register. `country` is as for `Identifiers`."""

    def __init__(self, country: str = "62") -> None:
        self.country = country
        self._keys = packing.Pile()
        self._owners = array("I")
        self._licence_heads: set[str] = set()
        self._shapes: set[str] = set()

    def add(self, at: int, entry: Entry) -> None:
        """Takes in the identifiers of the entity at position `at`."""
        if entry.licence:
            squashed = _squash(entry.licence)
            self._shapes.add(_shape(squashed))
            if head := _LEADING.match(squashed):
                self._licence_heads.add(head.group())
        elif not (entry.website or entry.identifiers):
            return
        held: dict[str, int] = {}
        for key in self._found_by(entry):
            stored, flag = _stored(key)
            held[stored] = held.get(stored, 0) | flag
        for stored, flags in held.items():
            self._keys.append(stored.encode())
            self._owners.append(flags | at)

    def _found_by(self, entry: Entry) -> Iterator[str]:
        if len(licence := _squash(entry.licence)) >= _MIN_LICENCE:
            yield f"l:{licence}"
        if entry.website:
            yield from self._address_keys(entry.website)
        for kind, value in entry.identifiers:
            if kind == "domain" or kind == "url":
                yield from self._address_keys(value)
            elif kind == "email":
                yield f"e:{value.strip().lower()}"
            elif kind == "app":
                yield f"a:{value.strip().lower()}"
            elif kind == "phone" and (number := international(value, self.country)):
                yield f"p:{number}"

    def _address_keys(self, value: str) -> Iterator[str]:
        address = domains.parse(value)
        yield f"u:{address.whole}"
        for package in address.packages:
            yield f"a:{package}"
        if not address.shared:
            yield f"h:{address.host}"
            yield f"d:{address.domain}"

    def parts(self) -> Parts:
        """What `Identifiers` reads."""
        parts, order, _, _ = packing.dictionary("identifiers", self._keys.texts())
        owners = np.frombuffer(self._owners, dtype=np.uint32)[order]
        parts["identifiers.owners"] = np.ascontiguousarray(owners).data
        for name, held in (("heads", self._licence_heads), ("shapes", self._shapes)):
            parts[f"identifiers.{name}"] = memoryview("\n".join(sorted(held)).encode())
        return parts


class Identifiers:
    """Looks identifiers up. `country` is the calling code numbers without one belong to."""

    def __init__(self, parts: Parts, country: str = "62") -> None:
        self.country = country
        self._held = Dictionary(parts, "identifiers")
        self._owners = parts["identifiers.owners"]
        self._licence_heads = _lines(parts["identifiers.heads"])
        self._shapes = _lines(parts["identifiers.shapes"])

    def _get(self, key: str) -> tuple[int, ...]:
        stored, flag = _stored(key)
        held = [self._owners[row] for row in self._held.rows(_bytes(stored))]
        return tuple([one & _OWNER for one in held if one & flag == flag])

    def _holds(self, key: str) -> bool:
        return bool(self._get(key))

    def extract(self, text: str, budget: Budget) -> list[Found]:
        """The identifiers in a text, in order, none overlapping another; as many as the budget
        lasts for."""
        if not _MARKED.search(text):
            return []
        found: list[Found] = []
        taken = bytearray(len(text))
        for one in self._candidates(text, budget):
            if not budget.spend(_CANDIDATE_STEPS):
                break
            if one.end > one.start and not any(taken[one.start : one.end]):
                taken[one.start : one.end] = b"\x01" * (one.end - one.start)
                found.append(one)
        return sorted(found, key=lambda one: one.start)

    def _candidates(self, text: str, budget: Budget) -> Iterator[Found]:
        if "@" in text:
            yield from _matches("email", _EMAIL, text)
        if "/" in text or "." in text:
            yield from _matches("domain", _URL, text)
            for one in _matches("domain", _DOTTED, text):
                if sorted_one := self._dotted(one):
                    yield sorted_one
        if _DIGIT.search(text):
            yield from self._licences(text, budget)
            for one in _matches("phone", _PHONE, text):
                if self._is_phone(one.text):
                    yield one

    def _dotted(self, one: Found) -> Found | None:
        host = one.text.split("/", 1)[0]
        if self._holds(f"a:{one.text.lower()}"):
            return one._replace(kind="app")
        if legal_forms.is_form(host.partition(".")[0].lower()):
            return None
        if domains.is_host(host):
            doubtful = domains.is_doubtful(host) and "/" not in one.text
            known = self._holds(f"d:{domains.registrable(host.lower())}")
            return one if known or not doubtful else None
        if domains.is_package(one.text):
            return one._replace(kind="app")
        return one if self._holds(f"h:{host.lower()}") else None

    def _is_phone(self, text: str) -> bool:
        digits = _NOT_DIGIT.sub("", text)
        if not 8 <= len(digits) <= 15:
            return False
        marked = text.startswith(("+", "0")) or digits.startswith((self.country, "8"))
        return marked or self._holds(f"p:{international(text, self.country)}")

    def _licences(self, text: str, budget: Budget) -> Iterator[Found]:
        at = 0
        while match := _LICENCE.search(text, at):
            head = _LEADING.match(_squash(match.group()))
            if head is None or head.group() not in self._licence_heads:
                # a name that ends in a number may stand before it ("Contoh 32 izin KEP-1/2021")
                at = match.start() + (len(head.group()) if head else 1)
                budget.left -= 1
                continue
            at = match.end()
            if not budget.spend(_LICENCE_STEPS):
                return
            yield from self._longest_licence(text, match.start(), match.end())

    def _longest_licence(self, text: str, start: int, end: int) -> Iterator[Found]:
        """The longest stretch from `start` that is a licence number or has the shape of one."""
        ends = [end, *(start + at.start() for at in re.finditer(r"\b", text[start:end]))]
        stretches = sorted({text[start:stop] for stop in ends if stop > start}, key=len)
        for stretch in reversed(stretches):
            squashed = _squash(stretch)
            if self._holds(f"l:{squashed}"):
                yield Found("licence", start, start + len(stretch), stretch)
                return
        for stretch in reversed(stretches):
            squashed = _squash(stretch)
            if _shape(squashed) in self._shapes and _YEAR.search(squashed):
                yield Found("licence", start, start + len(stretch), stretch)
                return

    def find(self, one: Found) -> tuple[int, ...]:
        """The entities an identifier belongs to."""
        lower = one.text.lower()
        if one.kind == "licence":
            return self._get(f"l:{_squash(one.text)}")
        if one.kind == "phone":
            return self._get(f"p:{international(one.text, self.country)}")
        if one.kind == "app":
            return self._get(f"a:{lower}")
        if one.kind == "email":
            return self._get(f"e:{lower}") or self._by_address(
                domains.parse(lower.rpartition("@")[2])
            )
        return self._by_address(domains.parse(one.text))

    def is_own(self, one: Found, at: int) -> bool:
        """Whether an address is a page of the entity's, and does not only name an app of theirs."""
        if one.kind != "domain":
            return True
        address = domains.parse(one.text)
        held = (
            self._get(f"u:{address.whole}"),
            self._get(f"h:{address.host}"),
            () if address.shared else self._get(f"d:{address.domain}"),
            self._get(f"a:{domains.sold(address)}"),
        )
        return any(at in owners for owners in held)

    def _by_address(self, address: domains.Address) -> tuple[int, ...]:
        keys: Iterable[str] = (
            f"u:{address.whole}",
            *(f"a:{package}" for package in address.packages),
            f"h:{address.host}",
        )
        for key in keys:
            if held := self._get(key):
                return held
        if address.shared:
            return ()
        held = self._get(f"d:{address.domain}")
        return held if len(held) <= _SHARED_BY else ()


def _matches(kind: str, pattern: re.Pattern[str], text: str) -> Iterator[Found]:
    for match in pattern.finditer(text):
        said = match.group().rstrip(".,;:!?)")
        yield Found(kind, match.start(), match.start() + len(said), said)


def _squash(text: str) -> str:
    if text.isascii():
        return _NOT_WORD.sub("", text).lower()
    return "".join(normalising.fold(text))


def _shape(squashed: str) -> str:
    return re.sub(r"\d+", "9", re.sub(r"[a-z]+", "a", squashed))


def international(text: str, country: str) -> str:
    """A phone number in international form (E.164 without the plus); "" if it is none."""
    digits = _NOT_DIGIT.sub("", text)
    if text.lstrip(" (").startswith("+"):
        number = digits
    elif digits.startswith("00"):
        number = digits[2:]
    elif digits.startswith("0"):
        number = country + digits[1:]
    elif digits.startswith(country):
        number = digits
    else:
        number = country + digits
    number = (
        number.replace(f"{country}0", country, 1) if number.startswith(f"{country}0") else number
    )
    return number if 9 <= len(number) <= 15 else ""


def _stored(key: str) -> tuple[str, int]:
    """Under what a key is stored and with what flag: an address that is at once a page, its host
    and its domain is stored once, and of a long one a hash nobody can forge."""
    flag = _FLAGS.get(key[0], 0)
    stored = "w" + key[1:] if flag else key
    if len(stored) <= _LONGEST_STORED:
        return stored, flag
    hashed = hashlib.blake2b(_bytes(stored), digest_size=_HASH_BYTES).digest()
    return "#" + base64.b64encode(hashed).decode(), flag


def _lines(held: memoryview) -> frozenset[str]:
    return frozenset(held.tobytes().decode().split("\n")) if held else frozenset()


def _bytes(key: str) -> bytes:
    """Half a surrogate pair, as broken JSON may hold, matches nothing instead of failing."""
    return key.encode("utf-8", "surrogatepass")
