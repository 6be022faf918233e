"""Rate limits per visitor, counted in the database so that every web process counts along.

A visitor is an IPv4 address or an IPv6 /64 (what one household or phone gets). Behind proxies the
setting `RESMI_PROXIES` says how many of them to trust in `X-Forwarded-For`.
"""

from __future__ import annotations

import hashlib
import ipaddress
import math

import msgspec
from django.conf import settings
from django.db import connection
from django.http import HttpRequest

FORGET_AFTER = "1 hour"


class Limit(msgspec.Struct, frozen=True, kw_only=True):
    """At most `burst` requests at once and `per_minute` on average, counted under `name`."""

    name: str
    burst: int
    per_minute: int

    @property
    def retry_after_s(self) -> int:
        """Seconds until a refused visitor may ask again."""
        return math.ceil(60 / self.per_minute)


# Generous, because thousands of phones share one address of a mobile operator.
PAGES = Limit(name="pages", burst=120, per_minute=60)
RECEIPTS = Limit(name="receipts", burst=120, per_minute=60)
ISSUING = Limit(name="issuing", burst=20, per_minute=10)
REPORTING = Limit(name="reporting", burst=10, per_minute=5)
PROGRAMS = Limit(name="programs", burst=240, per_minute=120)

_TAKE = """
    INSERT INTO api_visitor AS v (key, tokens, at)
    VALUES (%(key)s, %(burst)s - 1, clock_timestamp())
    ON CONFLICT (key) DO UPDATE SET
        tokens = least(%(burst)s, v.tokens
                       + extract(epoch FROM clock_timestamp() - v.at) * %(rate)s) - 1,
        at = clock_timestamp()
    WHERE least(%(burst)s, v.tokens
                + extract(epoch FROM clock_timestamp() - v.at) * %(rate)s) >= 1
    RETURNING xmax = 0
"""
_FORGET = """
    DELETE FROM api_visitor WHERE key IN (
        SELECT key FROM api_visitor WHERE at < clock_timestamp() - %s::interval
        ORDER BY at LIMIT 100 FOR UPDATE SKIP LOCKED)
"""


def take(request: HttpRequest, limit: Limit) -> bool:
    """Counts a request; False when the visitor has to wait."""
    values: dict[str, str | float] = {
        "key": _key(address_of(request), limit.name),
        "burst": float(limit.burst),
        "rate": limit.per_minute / 60,
    }
    with connection.cursor() as cursor:
        cursor.execute(_TAKE, values)
        row = cursor.fetchone()
        if row and row[0]:  # somebody new: a good moment to forget who left
            cursor.execute(_FORGET, [FORGET_AFTER])
    return row is not None


def address_of(request: HttpRequest) -> str:
    """The visitor's address, or network for IPv6; "" when it can't be told."""
    hops = [*request.headers.get("X-Forwarded-For", "").split(","), request.META["REMOTE_ADDR"]]
    hop = hops[max(0, len(hops) - 1 - settings.PROXIES)]
    try:
        address = ipaddress.ip_address(hop.strip())
    except ValueError:
        return ""
    if isinstance(address, ipaddress.IPv6Address):
        if address.ipv4_mapped:
            return str(address.ipv4_mapped)
        return str(ipaddress.ip_network((address, 64), strict=False))
    return str(address)


def _key(address: str, name: str) -> str:
    secret = hashlib.blake2b(settings.SECRET_KEY.encode(), person=b"resmi visitors").digest()
    return hashlib.blake2b(f"{name} {address}".encode(), key=secret, digest_size=16).hexdigest()
