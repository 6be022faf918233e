"""Web addresses: host, registrable domain, app package.

The registrable domain is the part somebody buys ("p2p.contoh.co.id" → "contoh.co.id"), by the
Public Suffix List; only the suffixes met in our countries and the commonest elsewhere are listed.
On shared hosts (app stores, social networks, site builders) the domain says nothing about whose
page it is.
"""

from __future__ import annotations

import re
from typing import NamedTuple
from urllib.parse import parse_qsl

from resmi.registry.matching import wordlists

_SECOND_LEVEL = wordlists.read("second_level")
_SHARED = wordlists.read("shared")
_CASELESS = wordlists.read("caseless")
_TLDS = wordlists.read("tlds")
_WORDLIKE_TLDS = wordlists.read("wordlike_tlds")
_PACKAGE_HEADS = wordlists.read("package_heads")
_PACKAGE = re.compile(r"[a-z][\w-]*(?:\.[\w-]+)+")
_LABEL = re.compile(r"[a-z0-9](?:[a-z0-9_-]*[a-z0-9])?")
_STORE_PAGE = "play.google.com/store/apps/details?"
_ENDINGS = (".html", ".htm", ".apk", ".php")


class Address(NamedTuple):
    """An address taken apart, everything lower case. `whole` is host and path."""

    whole: str
    host: str
    domain: str
    packages: tuple[str, ...]

    @property
    def shared(self) -> bool:
        """Whether many unrelated pages live on this host."""
        return self.domain in _SHARED

    @property
    def label(self) -> str:
        """The bought part of the domain without its suffix."""
        return self.domain.split(".", 1)[0]


def parse(text: str) -> Address:
    """Takes an address apart; scheme, "www." and a trailing slash do not count."""
    rest = text.strip().lower()
    rest = rest.split("://", 1)[-1]
    rest = rest.removeprefix("www.").rstrip("/.,;)")
    host, _, path = rest.partition("/")
    host = host.partition("?")[0].partition(":")[0].rstrip(".")
    return Address(rest, host, registrable(host), tuple(_packages(path)))


def page(text: str) -> tuple[str, str]:
    """Host and path of one page; two addresses are surely one page when these are the same.

    On shared hosts the path counts as written, for "bit.ly/AbC" and "bit.ly/abc" are two people's;
    but for those known to take capitals for small letters.
    """
    address = parse(text)
    path = address.whole.partition("/")[2]
    if path and address.shared and address.domain not in _CASELESS:
        path = text.strip().rstrip("/.,;)")[-len(path) :]
    return address.host, path


def sold(address: Address) -> str:
    """The app a page of the app store offers; "" for every other page, whatever it names."""
    if not address.whole.startswith(_STORE_PAGE):
        return ""
    query = address.whole.removeprefix(_STORE_PAGE).partition("#")[0]
    offered = [value for name, value in parse_qsl(query) if name == "id"]
    return offered[0] if len(offered) == 1 else ""


def registrable(host: str) -> str:
    """The part of a host somebody buys."""
    labels = host.split(".")
    size = 3 if ".".join(labels[-2:]) in _SECOND_LEVEL else 2
    return ".".join(labels[-size:])


def is_host(text: str) -> bool:
    """Whether a dotted word is a host name under a top-level domain we know."""
    labels = text.lower().split(".")
    return (
        len(labels) > 1
        and labels[-1] in _TLDS
        and all(_LABEL.fullmatch(label) for label in labels)
        and len(labels[-2]) > 1
    )


def is_doubtful(host: str) -> bool:
    """Whether the dotted word may as well be two words with the blank forgotten ("this.is")."""
    return host.rsplit(".", 1)[-1].lower() in _WORDLIKE_TLDS


def is_package(text: str) -> bool:
    """Whether a dotted word looks like the package name of an app (com.contoh.dana)."""
    lower = text.lower()
    head = lower.split(".", 1)[0]
    return bool(_PACKAGE.fullmatch(lower)) and head in _PACKAGE_HEADS


def _packages(path: str) -> list[str]:
    found = []
    for part in re.split(r"[/?&=]", path):
        for ending in _ENDINGS:
            part = part.removesuffix(ending)
        dots = part.count(".")
        if dots and _PACKAGE.fullmatch(part) and (dots > 1 or part.split(".")[0] in _PACKAGE_HEADS):
            found.append(part)
    return found
