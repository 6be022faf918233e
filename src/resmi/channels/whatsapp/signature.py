"""Proof that a webhook comes from Meta: `X-Hub-Signature-256` over the exact bytes of the body.

The header is `sha256=` and the hex HMAC-SHA256 of the body with the app secret (Meta, "Create a
webhook endpoint"). Bodies carry escapes such as `\\/`, so only the bytes received can be verified,
never a re-serialised JSON.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Iterable

PREFIX = "sha256="
_FORM = re.compile(r"\s*sha256=[0-9a-f]{64}\s*", re.IGNORECASE | re.ASCII)


def sign(secret: str, body: bytes) -> str:
    """The header value that signs `body`."""
    return PREFIX + hmac.digest(secret.encode(), body, hashlib.sha256).hex()


def is_well_formed(header: str) -> bool:
    """Whether the header could sign anything at all; told without the body."""
    return _FORM.fullmatch(header) is not None


def is_genuine(secrets: Iterable[str], body: bytes, header: str) -> bool:
    """Whether `header` signs `body` with any of the secrets; in time that tells nothing.

    Several secrets let an operator rotate: add the new one, switch at Meta, drop the old one. With
    no secret nothing is genuine.
    """
    given = header.strip().lower().encode("utf-8", "replace")
    # Every secret is tried, so that the time taken doesn't say which one matched.
    matches = [hmac.compare_digest(sign(secret, body).encode(), given) for secret in secrets]
    return any(matches)
