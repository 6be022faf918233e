"""The bot's step: what a message leads to."""

from __future__ import annotations

import pytest

from resmi.engine.content import (
    Choice,
    Media,
)
from tests.bot.making import (
    always,
    candidate,
    offered,
    said,
    talk,
    verdict,
    words,
)

PHOTO = Media("image", "image/jpeg", provider_id="p")
VOICE = Media("voice", "audio/ogg", provider_id="v")


def tapped(option: str) -> Choice:
    return Choice(option, "")


# What the bot says first


def test_a_company_in_a_sentence_is_verified_at_once() -> None:
    step = said("min tolong cek dana contoh ya", verify=always(verdict()))
    assert "*PT Dana Contoh* ada di daftar dan berizin" in words(step)
    assert offered(step) == ["watch:e1:PT Dana Contoh", "agent", "more::licensed:e1:dana contoh"]


@pytest.mark.parametrize(
    ("status", "present", "absent"),
    [
        ("licensed", "berizin", "aman"),
        ("revoked", "sudah dicabut", "ilegal"),
        ("illegal", "ada di daftar entitas ilegal", "berizin."),
        ("unknown", "tidak ada di daftar kami", "penipu"),
        ("similar", "mirip bukan berarti sama", "ilegal"),
    ],
)
def test_each_status_is_told_in_its_own_words_with_source_and_date(
    status: str, present: str, absent: str
) -> None:
    step = said("dana contoh", verify=always(verdict(status)))  # type: ignore[arg-type]
    assert present in words(step)
    assert absent not in words(step)
    assert "Sumber: Daftar perusahaan berizin OKN, per 1 Maret 2026." in words(step)
    assert [one.status for one in step.verdicts] == [status]


@pytest.mark.parametrize("status", ["unknown", "similar", "revoked", "confirm", "ambiguous"])
@pytest.mark.parametrize("language", ["id", "en", "ko"])
def test_only_the_illegal_list_makes_anyone_illegal(status: str, language: str) -> None:
    answer = verdict(status, candidates=(candidate(),))  # type: ignore[arg-type]
    told = words(said("x", language=language, verify=always(answer))).lower()
    for accusation in ("entitas ilegal", "is illegal.", "on the list of illegal", "명단에 있어요"):
        assert accusation not in told


@pytest.mark.parametrize("status", ["licensed", "confirm", "unknown", "similar", "ambiguous"])
@pytest.mark.parametrize("language", ["id", "en", "ko"])
def test_nobody_is_ever_called_safe(status: str, language: str) -> None:
    answer = verdict(status, candidates=(candidate(),))  # type: ignore[arg-type]
    told = words(said("x", language=language, verify=always(answer))).lower()
    for praise in ("aman", "terpercaya", "safe", "trustworthy", "안전", "믿을 수 있"):
        assert praise not in told


def test_several_companies_get_one_answer_covering_each() -> None:
    both = always(verdict(), verdict("illegal", entity="e2", name="Cepat Kaya", query="cepat kaya"))
    step = said("dana contoh dan cepat kaya", verify=both)
    assert len(step.replies) == 1
    assert "*PT Dana Contoh*: ada di daftar dan berizin" in words(step)
    assert "*Cepat Kaya*: ada di daftar entitas ilegal" in words(step)
    assert len(step.verdicts) == 2


def test_a_company_named_twice_is_answered_once() -> None:
    step = said("dana contoh, dana contoh", verify=always(verdict(), verdict()))
    assert len(step.verdicts) == 1


def test_at_most_so_many_companies_are_answered_in_one_message() -> None:
    many = always(*(verdict(entity=f"e{n}", query=f"dana {n}") for n in range(9)))
    assert len(said("banyak", verify=many).verdicts) == 5


@pytest.mark.parametrize(
    ("language", "told"),
    [
        ("id", "Baru 5 nama pertama yang saya periksa. Silakan kirim nama setelah dana 4"),
        ("en", "only the first 5 names. Please send the ones after dana 4"),
        ("ko", "처음 5개 이름만 확인했어요. dana 4 다음 이름부터는"),
    ],
)
def test_names_left_out_are_not_dropped_in_silence(language: str, told: str) -> None:
    some = [verdict(entity=f"e{n}", query=f"dana {n}") for n in range(9)]
    assert told in words(said("banyak", language=language, verify=always(*some)))
    assert told not in words(said("banyak", language=language, verify=always(*some[:5])))


@pytest.mark.parametrize(
    ("language", "told"),
    [
        ("id", "Saya baru memeriksanya sampai *dana 1*"),
        ("en", "I looked at it only up to *dana 1*"),
        ("ko", "“dana 1”까지만 확인했어요"),
    ],
)
def test_a_text_not_read_to_its_end_is_not_passed_off_as_read(language: str, told: str) -> None:
    some = [verdict(entity=f"e{n}", query=f"dana {n}") for n in range(9)]
    cut = {"language": language, "complete": lambda _text: False}
    assert words(said("dana 1", verify=always(some[1]), **cut)).count(told) == 1
    assert words(said("banyak", verify=always(*some[:2]), **cut)).count(told) == 1
    assert told not in words(said("dana 1", language=language, verify=always(some[1])))
    several = words(said("banyak", verify=always(*some), **cut))  # says already where to go on
    assert "dana 4" in several
    assert told.replace("dana 1", "dana 4") not in several


def test_a_strange_address_beside_a_licence_is_not_passed_over() -> None:
    link = verdict("unknown", query="https://cair-cepat.example.xyz")
    for text in ("PT Dana Contoh https://cair-cepat.example.xyz", "cek dana contoh dong"):
        step = said(text, verify=always(verdict(), link))
        assert [one.status for one in step.verdicts] == ["licensed", "unknown"]
        assert "cair-cepat.example.xyz" in words(step)


@pytest.mark.parametrize(
    "beside",
    ["PT Kilau Mapan", "cs@kilau.xyz", "kilau.xyz/cair", "KEP-99/D.05/2022", "0812 345 678"],
)
def test_what_the_register_lacks_is_told_beside_a_licence(beside: str) -> None:
    other = verdict("unknown", query=beside)
    step = said("PT Kilau Mapan dan dana contoh", verify=always(other, verdict()))
    assert [one.status for one in step.verdicts] == ["unknown", "licensed"]


@pytest.mark.parametrize(
    "beside", ["dong", "Koperasi kami mendapat proposal", "PT kami ditawari", "Jl.Raya"]
)
def test_everyday_words_beside_a_licence_are_passed_over(beside: str) -> None:
    step = said("cek dana contoh dong", verify=always(verdict(), verdict("unknown", query=beside)))
    assert [one.status for one in step.verdicts] == ["licensed"]


def test_confirm_marks_what_differs_and_asks() -> None:
    nearly = verdict(
        "confirm",
        query="dana cotoh",
        candidates=(candidate(name="PT Dana Contoh", differs=("cotoh",)),),
    )
    step = said("dana cotoh", verify=always(nearly))
    assert "Di daftar: PT Dana *Contoh*" in words(step)
    assert "Yang berbeda: cotoh" in words(step)
    assert offered(step) == ["pick:e1", "pick:", "agent"]
    assert "dan berizin" not in words(step)


def test_confirming_answers_with_what_the_register_says_now() -> None:
    nearly = verdict("confirm", candidates=(candidate(),))
    asked = said("dana cotoh", verify=always(nearly)).dialogue
    step = said(tapped("pick:e1"), asked, verify=always(verdict("revoked")))
    assert [one.status for one in step.verdicts] == ["revoked"]


def test_confirming_a_company_that_left_the_register_since_does_not_vouch_for_it() -> None:
    nearly = verdict("confirm", candidates=(candidate(),))
    asked = said("dana cotoh", verify=always(nearly)).dialogue
    gone = verdict("unknown", query="PT Dana Contoh", version=5)
    step = said(tapped("pick:e1"), asked, verify=always(gone))
    assert [(one.status, one.version) for one in step.verdicts] == [("unknown", 5)]


def test_choosing_one_of_several_tells_its_standing_now() -> None:
    both = (candidate(), candidate(entity="e2"))
    asked = said("dana contoh", verify=always(verdict("ambiguous", candidates=both))).dialogue
    since = (candidate(status="revoked"), candidate(entity="e2"))
    now = always(verdict("ambiguous", candidates=since, version=5))
    step = said(tapped("pick:e1"), asked, verify=now)
    assert [(one.status, one.version) for one in step.verdicts] == [("revoked", 5)]


def test_confirming_never_asserts_what_was_typed_only_what_is_registered() -> None:
    nearly = verdict("confirm", query="dana cotoh", candidates=(candidate(),))
    asked = said("dana cotoh", verify=always(nearly)).dialogue
    step = said(tapped("pick:e1"), asked)
    assert [one.query for one in step.verdicts] == ["PT Dana Contoh"]


def test_denying_a_candidate_leaves_the_name_unfound() -> None:
    nearly = verdict("confirm", query="dana cotoh", candidates=(candidate(),))
    asked = said("dana cotoh", verify=always(nearly)).dialogue
    step = said(tapped("pick:"), asked)
    assert "“dana cotoh” yang Anda maksud tidak ada" in words(step)
    assert step.verdicts == ()


def test_ambiguous_lists_at_most_eight_candidates_a_way_out_and_a_person() -> None:
    many = tuple(candidate(entity=f"e{n}", name=f"PT Dana {n}") for n in range(12))
    step = said("dana", verify=always(verdict("ambiguous", candidates=many)))
    assert len(offered(step)) == 10
    assert offered(step)[-2:] == ["pick:", "agent"]


def test_a_typed_number_chooses_among_candidates() -> None:
    both = (candidate(), candidate(entity="e2", name="Dana Contoh", status="illegal"))
    asked = said("dana contoh", verify=always(verdict("ambiguous", candidates=both))).dialogue
    step = said("2", asked)
    assert [(one.status, one.entity) for one in step.verdicts] == [("illegal", "e2")]


def test_a_number_beyond_the_options_chooses_nothing() -> None:
    asked = said("menu").dialogue
    assert said("4", asked).verdicts == ()
    assert "belum paham" in words(said("4", asked))


def test_a_typed_title_of_an_option_counts_as_the_option() -> None:
    assert "Apa nama perusahaannya" in words(talk("menu", "periksa perusahaan"))


def test_ids_decide_whatever_the_title_says() -> None:
    step = said(Choice("agent", "Periksa perusahaan"))
    assert step.handover is not None


def test_a_candidate_no_longer_on_offer_is_refused() -> None:
    step = said(tapped("pick:e1"))
    assert "tidak berlaku" in words(step)
    assert step.verdicts == ()


def test_confirm_without_a_candidate_is_told_as_unknown() -> None:
    step = said("x", verify=always(verdict("confirm", entity="", candidates=())))
    assert "tidak ada di daftar kami" in words(step)


def test_formatting_marks_in_a_name_do_not_reach_the_message() -> None:
    step = said(
        "cek dana contoh", verify=always(verdict("unknown", query="*Dana*\n_Contoh_\u202e"))
    )
    assert "“Dana Contoh”" in words(step)


def test_a_company_with_a_wish_is_told_briefly_and_the_wish_followed() -> None:
    step = said("saya mau lapor dana contoh", verify=always(verdict("illegal")))
    assert "*PT Dana Contoh*: ada di daftar entitas ilegal" in words(step)
    assert step.dialogue["slots"]["offer_name"] == "dana contoh"
    assert step.dialogue["at"] == "offer_contact"


def test_a_company_whose_name_is_a_courtesy_is_still_verified() -> None:
    legal = always(verdict(query="selesai", name="PT Selesai"))
    assert said("selesai", verify=legal).verdicts != ()


# Reports
