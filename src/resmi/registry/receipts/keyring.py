"""The keys receipts are signed with, in one file that only this account can read.

One key signs; retired and revoked ones stay as public halves, so that old receipts can be checked.
The private half of a key that no longer signs is erased. The file is replaced as a whole.
"""

from __future__ import annotations

import os
import tempfile
from datetime import datetime
from pathlib import Path

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from resmi.registry.receipts import statements
from resmi.registry.receipts.statements import KeySet, PublicKey, Withdrawn


class Unusable(Exception):
    """The key file can't be used; the text says why and what to do."""


class Ring(msgspec.Struct, frozen=True, kw_only=True):
    """All keys there ever were, oldest first; the last one signs.

    `keys` are public halves only. `private_key` belongs to the last and stands apart from them, so
    that whatever shows a key can't show it.
    """

    keys: tuple[PublicKey, ...]
    private_key: str

    @property
    def signing(self) -> PublicKey:
        """The key that signs now."""
        return self.keys[-1]

    def public(self, issuer: str, withdrawn: tuple[Withdrawn, ...] = ()) -> KeySet:
        """What may be shown to everybody."""
        return KeySet(issuer=issuer, keys=self.keys, withdrawn=withdrawn)

    def signer(self) -> Ed25519PrivateKey:
        """Signs: about 50 µs a receipt. Raises `ValueError` when it is not the last key's."""
        private = Ed25519PrivateKey.from_private_bytes(statements.unpack(self.private_key))
        if statements.key_id(private.public_key().public_bytes_raw()) != self.keys[-1].id:
            raise ValueError("the private key is not that of the last key")
        return private


def new_ring(now: datetime, old: tuple[PublicKey, ...] = ()) -> Ring:
    """A ring that signs with a key nobody has seen before; `old` ones stay."""
    private = Ed25519PrivateKey.generate()
    public = private.public_key().public_bytes_raw()
    key = PublicKey(
        id=statements.key_id(public),
        public_key=statements.pack(public),
        created_at=statements.timestamp(now),
    )
    return Ring(keys=(*old, key), private_key=statements.pack(private.private_bytes_raw()))


def load(file: Path) -> Ring:
    """The keys in `file`. Raises `FileNotFoundError`, or `Unusable` when they can't be used."""
    try:
        ring = msgspec.json.decode(file.read_bytes(), type=Ring)
        ring.signer()
    except PermissionError as error:
        raise Unusable(
            f"{file} may not be read by this account: run Resmi as the file's owner."
        ) from error
    except (ValueError, IndexError) as error:
        raise Unusable(f"{file} is damaged: bring it back from a backup ({error}).") from error
    return ring


def ensure(file: Path, now: datetime) -> bool:
    """Makes the file with a first key, unless there is one; whether it did."""
    if file.exists():
        return False
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    fresh = _written(file, new_ring(now))
    try:
        os.link(fresh, file)  # unlike a rename, it fails when another process was quicker
    except FileExistsError:
        return False
    finally:
        fresh.unlink()
    return True


def rotate(file: Path, now: datetime) -> PublicKey:
    """Retires the key that signs, erases its private half, and returns the new one."""
    ring = load(file)
    retired = msgspec.structs.replace(ring.signing, retired_at=statements.timestamp(now))
    fresh = new_ring(now, (*ring.keys[:-1], retired))
    _replace(file, fresh)
    return fresh.signing


def revoke(file: Path, key_id: str, reason: str, now: datetime) -> PublicKey:
    """Declares a key stolen; a new one signs if it was the current one. The key that signs now.

    Raises `LookupError` when no key has that id.
    """
    ring = load(file)
    if all(key.id != key_id for key in ring.keys):
        raise LookupError(key_id)
    at = statements.timestamp(now)
    keys = tuple(
        msgspec.structs.replace(key, revoked_at=key.revoked_at or at, revoked_reason=reason)
        if key.id == key_id
        else key
        for key in ring.keys
    )
    stolen_now = ring.signing.id == key_id
    ring = new_ring(now, keys) if stolen_now else msgspec.structs.replace(ring, keys=keys)
    _replace(file, ring)
    return ring.signing


def _replace(file: Path, ring: Ring) -> None:
    _written(file, ring).replace(file)


def _written(file: Path, ring: Ring) -> Path:
    """A new file beside `file`, safe on disk, readable by this account only."""
    handle, name = tempfile.mkstemp(dir=file.parent, prefix=f".{file.name}.")
    with os.fdopen(handle, "wb") as out:
        out.write(msgspec.json.format(msgspec.json.encode(ring), indent=2) + b"\n")
        out.flush()
        os.fsync(out.fileno())
    return Path(name)
