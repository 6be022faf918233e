"""Keys for single purposes, derived from the installation's secret key."""

from __future__ import annotations

import base64
import hashlib

from django.conf import settings


def derived(purpose: str) -> bytes:
    """32 bytes for `purpose`, as URL-safe base64; the same as long as the secret key is."""
    secret = hashlib.blake2b(settings.SECRET_KEY.encode(), digest_size=32).digest()
    made = hashlib.blake2b(purpose.encode(), key=secret, digest_size=32).digest()
    return base64.urlsafe_b64encode(made)
