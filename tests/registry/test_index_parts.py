from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from rapidfuzz.distance import OSA

from resmi.language import confusables
from resmi.registry.matching import domains, entries, identifiers, lexicon, packing
from resmi.registry.matching.budget import Budget
from resmi.registry.matching.building import Building
from resmi.registry.matching.entries import Entries
from resmi.registry.matching.identifiers import Identifiers
from resmi.registry.matching.keys import Keys
from resmi.registry.matching.lexicon import Sort
from resmi.registry.matching.naming import Names, Strength
from resmi.registry.matching.packed import Dictionary, Lists, Sieve, Table, Texts, digest
from tests.registry.making import entry

NUMBERS = st.integers(0, 2**32 - 1)
SMALL_WORDS = st.text("abcde", min_size=4, max_size=9)


def keys_of(*names: str) -> Keys:
    building = Building()
    for at, name in enumerate(names):
        building.add(at, entry(name))
    return Keys(building.parts())


def no_identifiers() -> Identifiers:
    return Identifiers(identifiers.Packing().parts())


def numbers_of(numbers: list[int]) -> packing.Numbers:
    return np.array(numbers, dtype=np.uint32)


@given(st.lists(st.tuples(st.integers(0, 20) | NUMBERS, st.integers(0, 1000))), NUMBERS)
def test_a_table_gives_back_what_was_put_in_and_nothing_else(
    pairs: list[tuple[int, int]], other: int
) -> None:
    given_numbers = numbers_of([number for number, _ in pairs])
    table = Table(packing.table("t", given_numbers, numbers_of([value for _, value in pairs])), "t")
    for number in {number for number, _ in pairs} | {other}:
        assert list(table.get(number)) == [value for one, value in pairs if one == number]


@given(st.lists(NUMBERS))
def test_a_sieve_never_denies_what_was_put_in(numbers: list[int]) -> None:
    sieve = Sieve(packing.sieve("s", numbers_of(numbers)), "s")
    assert all(map(sieve.may_hold, numbers))


def test_a_sieve_denies_most_of_the_rest() -> None:
    put_in = numbers_of(list(range(0, 2**32, 2**32 // 1000)))
    sieve = Sieve(packing.sieve("s", put_in), "s")
    assert sum(map(sieve.may_hold, range(7, 2**32, 2**32 // 997))) < 300


@given(st.lists(st.binary(max_size=20)))
def test_texts_come_back_in_order(texts: list[bytes]) -> None:
    held = Texts(packing.texts("t", texts), "t")
    assert [held[at] for at in range(len(held))] == texts


@given(st.lists(st.binary(max_size=3) | st.binary(max_size=40)), st.binary(max_size=3))
def test_a_dictionary_finds_each_text_in_the_rows_it_was_given(
    texts: list[bytes], other: bytes
) -> None:
    parts, order, _, _ = packing.dictionary("d", texts)
    held = Dictionary(parts, "d")
    for text in {*texts, other}:
        given_at = [int(order[row]) for row in held.rows(text)]
        assert given_at == [at for at, one in enumerate(texts) if one == text]
        assert (held.row(text) >= 0) == (text in texts)


@given(st.lists(st.binary(max_size=40)), st.integers(0, 2**32 - 1))
def test_digests_of_many_are_those_of_each(texts: list[bytes], family: int) -> None:
    found = packing.Column(texts).digests(families=family)
    assert list(found) == [digest(text, family) for text in texts]


@given(st.lists(st.text(st.characters(exclude_characters="\n", codec="utf-8"))))
def test_looks_of_many_words_are_those_of_each(words: list[str]) -> None:
    found = confusables.skeletons([word.encode() for word in words])
    assert [look.decode() for look in found] == [confusables.skeleton(word) for word in words]


@given(st.lists(st.text("abé한0", min_size=1, max_size=20)), st.text("abé한0", max_size=20))
def test_the_reach_of_a_text_denies_no_key(names: list[str], beside: str) -> None:
    keys = keys_of(*names)
    for name in names:
        for key in Names(entry(name)).keys:
            assert keys.is_key(key)
            assert keys.reach(key + beside) >= len(key)


def test_lists_hold_rising_positions_by_row() -> None:
    held = Lists(packing.lists("l", numbers_of([2, 0, 2]), numbers_of([5, 6, 7]), 3), "l")
    assert [list(held.get(row)) for row in range(3)] == [[6], [], [5, 7]]


def test_entries_come_back_as_they_were() -> None:
    collected = entries.Packing()
    given_entries = [
        entry("PT Bank Pelangi", names=(("brand", "PePe"),), licence="X-1/2020"),
        entry("Dana Jempol", status="illegal", identifiers=(("phone", "0812"),)),
        entry("Wira", status="revoked"),
    ]
    for one in given_entries:
        collected.append(one)
    packed = Entries(collected.parts(), list(collected.lists))
    assert list(packed) == given_entries
    assert packed[-1].status == packed.status(2) == "revoked"
    assert [packed.is_illegal(at) for at in range(3)] == [False, True, False]


@given(st.lists(SMALL_WORDS, min_size=1, max_size=8, unique=True), SMALL_WORDS)
def test_near_keys_are_exactly_those_one_edit_away(names: list[str], asked: str) -> None:
    keys = keys_of(*names)
    expected = {name for name in names if name != asked and OSA.distance(name, asked) == 1}
    assert set(keys.near(asked, Budget())) == expected


@given(st.lists(SMALL_WORDS, min_size=1, max_size=8, unique=True), SMALL_WORDS)
def test_a_key_finds_its_entities_only(names: list[str], asked: str) -> None:
    held = {at for at, _ in keys_of(*names).find(asked)}
    assert held == {at for at, name in enumerate(names) if name == asked}


def test_keys_say_how_firmly_they_stand_for_an_entity() -> None:
    names = Names(
        entry("PT BPR Cakra Kencana", names=(("former", "BPR Lama Sekali"), ("brand", "CaKe")))
    )
    assert names.keys["bprcakrakencana"] == Strength.FULL
    assert names.keys["cake"] == Strength.FULL
    assert names.keys["bprlamasekali"] == Strength.FORMER
    assert names.keys["cakrakencana"] == Strength.SHORT
    assert Names(entry("PT Bank Niaga Raya Indonesia")).keys["bankniagaraya"] == Strength.CUT


def test_an_illegal_title_is_known_by_its_head_too() -> None:
    names = Names(entry("Duit Jempol - Pinjaman Cepat", status="illegal"))
    assert names.keys == {"duitjempolpinjamancepat": Strength.FULL, "duitjempol": Strength.HEAD}


def test_words_in_common_are_found_across_names() -> None:
    keys = keys_of("PT BPR Teratai Agung", "PT BPR Teratai Indah", "PT Agung Wira")
    assert keys.holding(["bpr", "teratai"]) == [0, 1]
    assert keys.holding(["teratai", "wira"]) == []
    assert keys.frequency("agung") == 2


@pytest.mark.parametrize(
    ("text", "domain"),
    [
        ("https://www.contoh.co.id/masuk?x=1", "contoh.co.id"),
        ("p2p.contoh.co.id", "contoh.co.id"),
        ("http://m.contoh.com:8080/", "contoh.com"),
        ("contoh.id", "contoh.id"),
    ],
)
def test_the_registrable_domain_is_what_somebody_buys(text: str, domain: str) -> None:
    assert domains.parse(text).domain == domain


def test_an_app_store_address_names_the_app_and_not_the_store() -> None:
    address = domains.parse("https://play.google.com/store/apps/details?id=com.contoh.dana")
    assert address.packages == ("com.contoh.dana",)
    assert address.shared


@pytest.mark.parametrize(
    "text",
    ["resmi.di", "this.is", "a.n", "Rp5.000.000", "dr.budi", "pt.contoh", "terima kasih.halo"],
)
def test_words_with_a_dot_between_are_no_address(text: str) -> None:
    assert no_identifiers().extract(text, Budget()) == []


@pytest.mark.parametrize(
    "text",
    ["0812-3456-7890", "+62 812 3456 7890", "62 81234567890", "(0812) 34567890", "081234567890"],
)
def test_a_phone_number_is_one_however_it_is_written(text: str) -> None:
    assert identifiers.international(text, "62") == "6281234567890"


def test_an_amount_is_no_phone_number() -> None:
    assert no_identifiers().extract("transfer 2.000.000 ke rekening 1234567890123", Budget()) == []


@pytest.mark.parametrize("word", ["yaaaa", "legalnya", "apakah", "등록된", "회사인가요"])
def test_everyday_words_are_known_in_slang_and_with_endings(word: str) -> None:
    assert lexicon.sort_of(word) != Sort.NAME


@given(
    st.lists(st.sampled_from(["contoh.id", "p2p.contoh.id", "contoh.id/" + "x" * 60]), max_size=4)
)
def test_addresses_are_found_by_page_host_and_domain(addresses: list[str]) -> None:
    collected = identifiers.Packing()
    for at, address in enumerate(addresses):
        collected.add(at, entry(str(at), identifiers=(("domain", address),)))
    held = identifiers.Identifiers(collected.parts())
    for address in addresses:
        one = identifiers.Found("domain", 0, len(address), address)
        assert held.find(one) == tuple(at for at, other in enumerate(addresses) if other == address)
    strange = identifiers.Found("domain", 0, 0, "contoh.id/" + "x" * 59)
    hosts = tuple(at for at, other in enumerate(addresses) if not other.startswith("p2p"))
    domain = tuple(range(len(addresses)))
    assert held.find(strange) == (hosts or domain)
