from __future__ import annotations

import sys
import unicodedata
from unittest import mock

import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from resmi.language import legal_forms, normalising
from resmi.registry.matching import lexicon, matcher, phrases
from resmi.registry.matching.budget import Budget
from resmi.registry.matching.lexicon import Sort
from resmi.registry.rules import Verdict
from tests.registry.making import entry, index_of

PARTS = (
    *("pelangi", "samudra", "cakra", "kencana", "teratai", "agung", "wira", "niaga", "jempol"),
    *("kapas", "mas", "mitra"),
)
WORDS = st.sampled_from(
    (
        *PARTS,
        *("pt", "cv", "bank", "bpr", "dana", "cepat", "resmi", "aman", "official", "apakah"),
        *("di", "min", "gak", "?", ",", ".", "-", "88", "@", "dari", "kami"),
    )
)
NAMES = (
    "PT Bank Pelangi Samudra",
    "PT BPR Cakra Kencana",
    "Teratai",
    "PT Wira Niaga Dana",
    "KapasPay",
)
INDEX = index_of(
    *(entry(name, key=name) for name in NAMES),
    entry("Dana Jempol - Pinjaman Cepat", status="illegal"),
    entry("Agung", status="illegal"),
)


@given(st.text(max_size=400))
@example("\x00\ud800"[:1])
@example("'; DROP TABLE x; --")
@example("\u202eRTL \u200b\ufeff")
def test_any_text_is_answered(text: str) -> None:
    for whole in (False, True):
        for verdict in INDEX.verify(text, whole=whole):
            assert verdict.query in unicodedata.normalize("NFC", text)


@given(st.lists(WORDS, max_size=12).map(" ".join))
def test_licensed_means_every_telling_word_belongs_to_the_one_entity(text: str) -> None:
    for verdict in INDEX.verify(text):
        if verdict.status != "licensed":
            continue
        assert not any(word.unsafe for word in normalising.words(verdict.query))
        said = [word for word in normalising.fold(verdict.query) if not legal_forms.is_form(word)]
        own = normalising.squash(verdict.name)
        assert own.endswith("".join(said)) or own == "".join(said)


@given(st.sampled_from(NAMES), st.lists(st.sampled_from(PARTS), min_size=1, max_size=3))
def test_words_added_to_a_name_never_keep_it_licensed(name: str, extra: list[str]) -> None:
    said = f"{name} {' '.join(extra)}"
    assume(normalising.squash(said) not in {normalising.squash(other) for other in NAMES})
    assert "licensed" not in {verdict.status for verdict in INDEX.verify(said)}


@given(st.sampled_from(NAMES), st.integers(0, 40), st.sampled_from("abcdefghijklmnopqrstuvwxyz"))
def test_a_letter_changed_is_never_licensed(name: str, at: int, letter: str) -> None:
    words = normalising.fold(name)
    bare = " ".join(word for word in words if not legal_forms.is_form(word))
    at %= len(bare)
    assume(bare[at] not in (letter, " "))
    said = bare[:at] + letter + bare[at + 1 :]
    assert "licensed" not in {verdict.status for verdict in INDEX.verify(said)}


@given(st.sampled_from(NAMES), st.sampled_from("аеорсіӏу"), st.integers(0, 40))
def test_a_foreign_letter_is_never_licensed(name: str, letter: str, at: int) -> None:
    at %= len(name)
    assume(name[at].isalpha())
    said = name[:at] + letter + name[at + 1 :]
    assert "licensed" not in {verdict.status for verdict in INDEX.verify(said)}


@given(st.sampled_from(NAMES))
def test_case_and_spacing_do_not_matter(name: str) -> None:
    for said in (
        name,
        name.lower(),
        name.upper(),
        name.title(),
        f"  {name}  ",
        name.replace(" ", "  "),
    ):
        (verdict,) = INDEX.verify(said)
        assert (verdict.status, verdict.entity) == ("licensed", name)


WORST = (
    "a " * 2048,
    "apakah " * 600,
    "Bank Pelangi Samudra, " * 190,
    "pelngi samdra " * 290,
    "dana cepat online " * 230,
    "😀" * 4096,
    "é" * 4096,
    "1" * 4096,
    "1 2 3 4 " * 512,
    "a.b.c.d@e.f " * 340,
    "http://x.co/" * 340,
    "kep-1/d.05/2021 " * 256,
    "(" * 4096,
    "PT " * 1365,
    "한국은행이 " * 680,
    "\n" * 4096,
    "".join(chr(point) for point in range(0x400, 0x1400)),
    ", ".join(f"{first} {second}" for first in PARTS for second in PARTS),
    "\n".join(f"PT {first[1:]} {second}" for first in PARTS for second in PARTS),
    "resmi, " * 580,
    "samudra kencana niaga " * 180,
    " ".join(f"pelangi{at}-pinjaman-cepat.com" for at in range(140)),
    " ".join(f"KEP-{at}/D.05/2021" for at in range(250)),
    "dana.jempol@contoh-pelangi.co.id, " * 120,
    "'; DROP TABLE entity; -- " * 160,
    "".join(map(chr, range(32))) * 128,
    "аpаkаh bаnk pеlаngi " * 200,
)
MOST_CALLS = 150_000  # of functions, in one answer; 10 of them take about a microsecond


def _calls(text: str) -> int:
    """How many functions answering calls: work counted, not timed."""
    count = 0

    def see(frame: object, event: str, argument: object) -> None:
        nonlocal count
        count += event in ("call", "c_call")

    before = sys.getprofile()
    sys.setprofile(see)
    try:
        INDEX.verify(text)
    finally:
        sys.setprofile(before)
    return count


@pytest.mark.parametrize("text", WORST)
def test_the_worst_text_is_answered_with_bounded_work(text: str) -> None:
    assert _calls(text) < MOST_CALLS


@settings(deadline=None, max_examples=30)
@given(
    st.lists(st.sampled_from([text[:600] for text in WORST]) | st.text(max_size=50), max_size=12)
)
def test_any_mix_of_bad_texts_is_answered_with_bounded_work(parts: list[str]) -> None:
    assert _calls(" ".join(parts)) < MOST_CALLS


def _with_steps(steps: int, text: str) -> tuple[tuple[Verdict, ...], Budget]:
    """The answer within so many steps, and the budget it leaves."""
    budget = Budget(steps)
    with mock.patch.object(matcher, "Budget", return_value=budget):
        return INDEX.verify(text), budget


@settings(deadline=None)
@given(
    st.integers(0, 40_000),
    st.lists(st.sampled_from(NAMES) | WORDS, min_size=1, max_size=12).map(", ".join),
)
def test_a_message_not_looked_at_to_its_end_vouches_for_nobody(steps: int, text: str) -> None:
    verdicts, budget = _with_steps(steps, text)
    if budget.ended:
        assert "licensed" not in {verdict.status for verdict in verdicts}
    else:
        assert verdicts == INDEX.verify(text)


def test_a_name_found_as_the_steps_end_is_asked_back() -> None:
    text = "apakah Bank Pelangi Samudra resmi? " + "tolong dijawab ya " * 30
    assert _with_steps(52_000, text)[0][0].status == "licensed"
    statuses = {
        verdict.status for steps in range(40_000)[::250] for verdict in _with_steps(steps, text)[0]
    }
    assert statuses == {"confirm", "licensed"}


JUNK = st.text("bcdfghklmnprstvwxyz", min_size=5, max_size=12)


@given(st.lists(WORDS, max_size=8).map(" ".join), JUNK, st.booleans())
def test_junk_never_makes_anything_licensed(text: str, junk: str, before: bool) -> None:
    assume("licensed" not in {verdict.status for verdict in INDEX.verify(text)})
    said = f"{junk} {text}" if before else f"{text} {junk}"
    assert "licensed" not in {verdict.status for verdict in INDEX.verify(said)}


@given(st.sampled_from(NAMES), JUNK, st.booleans())
def test_an_unexplained_word_beside_a_name_never_leaves_it_licensed(
    name: str, junk: str, before: bool
) -> None:
    said = f"{junk} {name}" if before else f"{name} {junk}"
    assert "licensed" not in {verdict.status for verdict in INDEX.verify(said)}


@given(st.sampled_from(NAMES), st.sampled_from(("", " Palsu", " " * 50)), st.booleans())
def test_a_text_longer_than_is_read_vouches_for_nobody(name: str, rest: str, whole: bool) -> None:
    for text in (
        f"{name}{rest}".ljust(4097),
        f"{' ' * (4096 - len(name))}{name}{rest or 'x'}",
        f"{name}, {'dan ' * 700}",
    ):
        answer = INDEX.answer(text, whole=whole)
        assert not answer.complete
        assert "licensed" not in {verdict.status for verdict in answer.verdicts}


def test_a_name_longer_than_is_read_is_unknown() -> None:
    answer = INDEX.answer("Teratai ".ljust(5000, "a"), whole=True)
    assert [verdict.status for verdict in answer.verdicts] == ["unknown"]


def test_of_two_hundred_names_the_first_are_answered_in_order() -> None:
    made = [f"{first} {second} {at}" for at, first in enumerate(PARTS) for second in PARTS]
    index = index_of(*(entry(f"PT {name}", key=name) for name in made))
    for between in (", ", "\n"):
        answer = index.answer(between.join(made * 2))
        assert not answer.complete
        assert [verdict.entity for verdict in answer.verdicts][:10] == made[:10]


def test_no_word_that_ends_a_name_is_also_a_lure() -> None:
    assert not {word for word in lexicon.LURES if lexicon.sort_of(word) == Sort.FUNCTION}


def test_no_bank_type_ends_a_name() -> None:
    assert not {word for word in phrases.BANK_TYPES if lexicon.sort_of(word) == Sort.FUNCTION}


HUNG_ON = (
    *("admin", "CS", "customer service", "official", "resmi", "OJK", "helpdesk", "operator"),
    *("call center", "hotline", "agen", "mitra", "kantor pusat", "cabang", "sales", "marketing"),
    *("tim penagihan", "desk collection", "whatsapp", "center", "support", "care", "team"),
    *("petugas lapangan", "kurir", "reseller", "franchise", "outlet", "kios", "gerai", "unit"),
    *("headquarters", "representative", "branch", "department", "division", "desk", "manager"),
    *("pinjaman tunai", "KTA", "dana talangan", "emas digital", "paylater", "bansos", "hibah"),
    *("token", "staking", "wallet", "credit line", "savings plan", "lending club", "II", "III"),
    *("IV", "2.0", "365", "88", "24 jam", "no. 1", "#1", "0812-3456-7890", "+62 812 3456 7890"),
    *("Medan", "Ternate", "Dubai", "Singapore", "Cabang Bekasi", "Asia Pacific", "Reborn", "New"),
    *(
        "고객센터",
        "지점",
        "상담팀",
        "공식",
        "대리점",
        "본점",
        "서울",
        "대출",
        "적금",
        "투자",
        "코인",
    ),
)
BEHIND = st.sampled_from((" ", ", ", " - ", " – ", " (", ": ", " | ", "/", ". ", " & ", "-", ".. "))
EXPLAINED = st.sampled_from(("", " Ltd.", " Tbk", " Inc.", " Corp.", " Limited", " Persero", " PT"))


@settings(max_examples=400)
@given(st.sampled_from(NAMES), EXPLAINED, BEHIND, st.sampled_from(HUNG_ON))
@example("PT Wira Niaga Dana", " Ltd.", " - ", "call center")
def test_no_role_branch_number_or_product_behind_a_name_leaves_it_licensed(
    name: str, form: str, between: str, word: str
) -> None:
    said = f"{name}{form}{between}{word}"
    assert "licensed" not in {verdict.status for verdict in INDEX.verify(said)}


@settings(max_examples=300)
@given(
    st.sampled_from(NAMES),
    st.sampled_from([word for word in HUNG_ON if word[0].isalpha()]),
    st.sampled_from(
        ("{}", "cek {}", "{} penipu?", "apakah {} penipuan", "is {} safe", "어제 {}에서")
    ),
)
def test_no_role_branch_or_product_before_a_name_leaves_it_licensed(
    name: str, word: str, sentence: str
) -> None:
    assume(not (word == "resmi" and sentence.startswith("apakah")))  # "apakah resmi Contoh"
    said = sentence.format(f"{word} {name}")
    assert "licensed" not in {verdict.status for verdict in INDEX.verify(said)}
