"""The key file: made once, private, rotated and revoked without losing the past."""

from __future__ import annotations

import stat
from datetime import timedelta
from pathlib import Path

import msgspec
import pytest

from resmi.registry.receipts import keyring, statements
from tests.registry.receipts.making import ISSUER, NOW, ring, signed

LATER = NOW + timedelta(days=30)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "home" / "receipt-keys.json"


def test_the_file_is_made_once_and_only_its_owner_may_read_it(file: Path) -> None:
    assert keyring.ensure(file, NOW)
    first = file.read_bytes()
    assert not keyring.ensure(file, LATER)
    assert file.read_bytes() == first
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert [path.name for path in file.parent.iterdir()] == [file.name]


def test_after_a_rotation_a_new_key_signs_and_the_old_one_still_vouches(file: Path) -> None:
    keyring.ensure(file, NOW)
    old = keyring.load(file)
    keyring.rotate(file, LATER)
    now = keyring.load(file)
    assert now.signing.id != old.signing.id
    assert statements.judge(signed(old), now.public(ISSUER)).genuine
    assert statements.judge(signed(now), now.public(ISSUER)).genuine


def test_the_private_half_of_a_retired_key_is_erased(file: Path) -> None:
    keyring.ensure(file, NOW)
    secret = keyring.load(file).private_key
    keyring.rotate(file, LATER)
    assert secret not in file.read_text()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_revoking_the_key_that_signs_puts_a_new_one_in_its_place(file: Path) -> None:
    keyring.ensure(file, NOW)
    stolen = keyring.load(file)
    now_signs = keyring.revoke(file, stolen.signing.id, "stolen laptop", LATER)
    now = keyring.load(file)
    assert now.signing.id == now_signs.id != stolen.signing.id
    assert stolen.private_key not in file.read_text()
    judged = statements.judge(signed(stolen), now.public(ISSUER))
    assert (judged.outcome, judged.reason) == ("revoked_key", "stolen laptop")


def test_revoking_a_retired_key_leaves_the_signing_key(file: Path) -> None:
    keyring.ensure(file, NOW)
    old = keyring.load(file).signing
    current = keyring.rotate(file, LATER)
    assert keyring.revoke(file, old.id, "found in a backup", LATER).id == current.id


def test_revoking_a_key_nobody_knows_changes_nothing(file: Path) -> None:
    keyring.ensure(file, NOW)
    before = file.read_bytes()
    with pytest.raises(LookupError):
        keyring.revoke(file, "0" * 16, "?", LATER)
    assert file.read_bytes() == before


def test_what_is_published_holds_no_private_half(file: Path) -> None:
    keyring.ensure(file, NOW)
    now = keyring.load(file)
    shown = msgspec.json.encode(now.public(ISSUER)).decode()
    assert now.signing.public_key in shown
    assert now.private_key not in shown


def test_a_private_half_that_is_not_the_last_keys_is_refused(file: Path) -> None:
    keyring.ensure(file, NOW)
    swapped = msgspec.structs.replace(keyring.load(file), private_key=ring().private_key)
    file.write_bytes(msgspec.json.encode(swapped))
    with pytest.raises(keyring.Unusable):
        keyring.load(file)


@pytest.mark.parametrize("content", [b"", b"{}", b'{"keys": []}', b"\xff"])
def test_a_damaged_file_is_refused_in_words(file: Path, content: bytes) -> None:
    file.parent.mkdir()
    file.write_bytes(content)
    with pytest.raises(keyring.Unusable, match="damaged"):
        keyring.load(file)
