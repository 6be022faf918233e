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


class Key(PublicKey, frozen=True, kw_only=True, omit_defaults=True):
    """A key with its private half, "" once it no longer signs."""

    private_key: str = ""


class Ring(msgspec.Struct, frozen=True, kw_only=True):
    """All keys there ever were, oldest first; the last one signs."""

    keys: tuple[Key, ...]

    @property
    def signing(self) -> Key:
        """The key that signs now."""
        return self.keys[-1]

    def public(self, issuer: str, withdrawn: tuple[Withdrawn, ...] = ()) -> KeySet:
        """What may be shown to everybody."""
        keys = tuple(
            PublicKey(
                id=key.id,
                public_key=key.public_key,
                created_at=key.created_at,
                retired_at=key.retired_at,
                revoked_at=key.revoked_at,
                revoked_reason=key.revoked_reason,
            )
            for key in self.keys
        )
        return KeySet(issuer=issuer, keys=keys, withdrawn=withdrawn)

    def signer(self) -> Ed25519PrivateKey:
        """Signs: about 50 µs a receipt."""
        return Ed25519PrivateKey.from_private_bytes(statements.unpack(self.signing.private_key))


def new_key(now: datetime) -> Key:
    """A key nobody has seen before."""
    private = Ed25519PrivateKey.generate()
    public = private.public_key().public_bytes_raw()
    return Key(
        id=statements.key_id(public),
        public_key=statements.pack(public),
        private_key=statements.pack(private.private_bytes_raw()),
        created_at=statements.timestamp(now),
    )


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
    fresh = _written(file, Ring(keys=(new_key(now),)))
    try:
        os.link(fresh, file)  # unlike a rename, it fails when another process was quicker
    except FileExistsError:
        return False
    finally:
        fresh.unlink()
    return True


def rotate(file: Path, now: datetime) -> Key:
    """Retires the key that signs and makes a new one, which is returned."""
    ring = load(file)
    retired = msgspec.structs.replace(
        ring.signing, private_key="", retired_at=statements.timestamp(now)
    )
    key = new_key(now)
    _replace(file, Ring(keys=(*ring.keys[:-1], retired, key)))
    return key


def revoke(file: Path, key_id: str, reason: str, now: datetime) -> Key:
    """Declares a key stolen; a new one signs if it was the current one. The key that signs now.

    Raises `LookupError` when no key has that id.
    """
    ring = load(file)
    if all(key.id != key_id for key in ring.keys):
        raise LookupError(key_id)
    at = statements.timestamp(now)
    keys = [
        msgspec.structs.replace(
            key, private_key="", revoked_at=key.revoked_at or at, revoked_reason=reason
        )
        if key.id == key_id
        else key
        for key in ring.keys
    ]
    if not keys[-1].private_key:
        keys.append(new_key(now))
    _replace(file, Ring(keys=tuple(keys)))
    return keys[-1]


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
