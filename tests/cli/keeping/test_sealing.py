"""The encrypted stream: what goes in comes out, and nothing else is believed."""

from __future__ import annotations

from io import BytesIO

import pytest
from hypothesis import given
from hypothesis import strategies as st

from resmi.cli.keeping import members, sealing
from resmi.cli.keeping.sealing import PIECE, Opener, Sealer, Unreadable

WORDS = "correct horse battery"
CHEAP = 2


def sealed(*parts: bytes) -> bytes:
    file = BytesIO()
    sealer = Sealer(file, WORDS, cost=CHEAP)
    for part in parts:
        sealer.write(part)
    sealer.finish()
    return file.getvalue()


def opened(data: bytes, count: int, words: str = WORDS) -> bytes:
    return Opener(BytesIO(data), words).read(count)


@pytest.mark.parametrize("size", [0, 1, PIECE - 1, PIECE, PIECE + 1, 2 * PIECE, 2 * PIECE + 7])
def test_what_goes_in_comes_out_whatever_its_length(size: int) -> None:
    plain = bytes(range(256)) * (size // 256 + 1)
    assert opened(sealed(plain[:size]), size) == plain[:size]


@given(st.lists(st.binary(max_size=50)))
def test_how_it_was_cut_does_not_matter(parts: list[bytes]) -> None:
    whole = b"".join(parts)
    assert opened(sealed(*parts), len(whole)) == whole


def test_the_same_twice_looks_different() -> None:
    assert sealed(b"same") != sealed(b"same")
    assert b"same" not in sealed(b"same")


def test_another_passphrase_opens_nothing() -> None:
    with pytest.raises(Unreadable, match="passphrase"):
        opened(sealed(b"hello"), 5, "wrong horse battery")


@given(st.data())
def test_any_changed_byte_is_noticed(data: st.DataObject) -> None:
    plain = b"x" * 100
    whole = bytearray(sealed(plain))
    place = data.draw(st.integers(0, len(whole) - 1))
    whole[place] ^= data.draw(st.integers(1, 255))
    with pytest.raises(Unreadable):
        opened(bytes(whole), len(plain))


@pytest.mark.parametrize("left", [1, PIECE, 2 * (PIECE + sealing.TAG)])
def test_a_file_cut_off_is_noticed(left: int) -> None:
    plain = b"x" * (3 * PIECE)
    whole = sealed(plain)
    start = len(whole) - len(plain) - 3 * sealing.TAG
    with pytest.raises(Unreadable):
        opened(whole[: start + left], len(plain))


def test_pieces_can_not_be_swapped() -> None:
    plain = b"a" * PIECE + b"b" * PIECE + b"c"
    whole, piece = sealed(plain), PIECE + sealing.TAG
    start = len(whole) - 2 * piece - 1 - sealing.TAG
    one, two, rest = (
        whole[start:][:piece],
        whole[start + piece :][:piece],
        whole[start + 2 * piece :],
    )
    with pytest.raises(Unreadable):
        opened(whole[:start] + two + one + rest, len(plain))


@pytest.mark.parametrize("data", [b"", b"hello", sealing.MAGIC, sealing.MAGIC + b"\0\0\0\5{}{}{"])
def test_other_files_are_no_backups(data: bytes) -> None:
    with pytest.raises(Unreadable):
        Opener(BytesIO(data), WORDS)


def test_a_header_can_not_ask_for_more_memory_than_we_have() -> None:
    huge = sealing.Header(salt=b"s" * 16, prefix=b"p" * 7, cost=1 << 30)
    encoded = sealing.msgspec.json.encode(huge)
    data = sealing.MAGIC + len(encoded).to_bytes(4, "big") + encoded
    with pytest.raises(Unreadable, match="header"):
        Opener(BytesIO(data), WORDS)


@given(st.dictionaries(st.text(max_size=20), st.lists(st.binary(max_size=30)), max_size=4))
def test_members_come_out_by_name_and_in_order(contents: dict[str, list[bytes]]) -> None:
    contents.pop("", None)
    file = BytesIO()
    sealer = Sealer(file, WORDS, cost=CHEAP)
    for name, parts in contents.items():
        members.write(sealer, name, parts)
    members.end(sealer)
    sealer.finish()
    opener = Opener(BytesIO(file.getvalue()), WORDS)
    found = [(name, b"".join(parts)) for name, parts in members.read(opener)]
    assert found == [(name, b"".join(parts)) for name, parts in contents.items()]
