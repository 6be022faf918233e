from __future__ import annotations

import pytest

from resmi.registry.index import Index
from resmi.registry.rules import Verdict
from tests.registry.making import entry, index_of


@pytest.fixture(scope="module")
def index() -> Index:
    return index_of(
        entry(
            "PT Bank Pelangi Samudra Tbk",
            key="L1",
            licence="KEP-12/D.05/2021",
            names=(("brand", "PelangiPay"), ("former", "PT Bank Jingga Lama")),
            identifiers=(("domain", "https://www.pelangipay.co.id/masuk"),),
        ),
        entry("PT BPR Cakra Kencana", key="L2"),
        entry("PT BPR Teratai Agung Niaga", key="L3"),
        entry("PT BPR Teratai Agung Utama", key="L4"),
        entry("Bank Of Merapi, National Association", key="L5"),
        entry("PT Bank Pembangunan Daerah Kalimantan Barat", key="L6"),
        entry("하늘무지개은행", key="L7"),
        entry("PT Wira Usaha Gadai", key="R1", status="revoked"),
        entry(
            "Dana Jempol - Pinjaman Kilat",
            key="X1",
            status="illegal",
            identifiers=(
                ("url", "https://apkcontoh.example/app/com.jempol.dana"),
                ("phone", "0812 3456 7890"),
                ("email", "cs.jempol@gmail.com"),
                ("domain", "dana-jempol.top"),
            ),
        ),
        entry("Uang Saya", key="X2", status="illegal"),
        entry("Teratai Hijau", key="L8"),
        entry("TeratAi Hijau", key="X3", status="illegal"),
    )


def one(index: Index, text: str, *, whole: bool = False) -> Verdict:
    (verdict,) = index.verify(text, whole=whole)
    return verdict


@pytest.mark.parametrize(
    "text",
    [
        "PT Bank Pelangi Samudra Tbk",
        "bank pelangi samudra",
        "BANK PELANGI SAMUDRA??",
        "Bank Pelangi Samudra, PT",
        "P.T. Bank Pelangi Samudra (Persero), Tbk.",
        "bankpelangi samudra",
        "bank pe langi samudra",
        "PelangiPay",
        "PTPelangi Pay",
        "pelangi pay",
        "apakah bank pelangi samudra resmi",
        "min bank pelangi samudra aman ga?",
        "Saya ditawari pinjaman oleh Bank Pelangi Samudra, itu legal?",
        "is Bank Pelangi Samudra legit or not",
        "Does Bank Pelangi Samudra have a licence?",
        "Bank Pelangi Samudra 등록된 회사인가요?",
    ],
)
def test_an_exact_name_is_licensed_alone_and_in_sentences(index: Index, text: str) -> None:
    verdict = one(index, text)
    assert (verdict.status, verdict.entity) == ("licensed", "L1")
    assert verdict.legal_name == "PT Bank Pelangi Samudra Tbk"
    assert (verdict.source, verdict.as_of, verdict.version) == ("Test register", "2026-01-31", 7)


@pytest.mark.parametrize(
    "text",
    ["하늘무지개은행", "하늘무지개은행은 등록된 회사인가요?", "하늘무지개은행이 정식 은행이에요?"],
)
def test_a_korean_name_is_found_with_its_particle(index: Index, text: str) -> None:
    assert one(index, text).status == "licensed"


def test_the_verdict_tells_the_name_said_and_the_legal_one(index: Index) -> None:
    verdict = one(index, "apakah pelangi pay resmi?")
    assert (verdict.name, verdict.legal_name) == ("PelangiPay", "PT Bank Pelangi Samudra Tbk")


@pytest.mark.parametrize(
    "text",
    [
        "Bank Perkreditan Rakyat Cakra Kencana",
        "bank perekonomian rakyat cakra kencana",
        "PT BPR Cakra Kencana",
    ],
)
def test_long_and_short_bank_types_are_one(index: Index, text: str) -> None:
    assert one(index, text).status == "licensed"


@pytest.mark.parametrize(
    "text",
    [
        "Bank Pelangi Samudra official",
        "bank pelangi samudra dana cepat",
        "Agen Bank Pelangi Samudra",
        "Bank Pelangi Samudra 88",
        "apakah Bank Pelangi Samudra Resmi terdaftar di OJK?",
        "bank pelangi samudra - pinjaman kilat",
        "Bank Pelangi Samudra, Cepat Cair",
        "Koperasi Bank Pelangi Samudra",
        "CV Bank Pelangi Samudra",
        "Bank Pelаngi Samudra",
        "B4nk Pelangi Samudra",
        "Bank Pe\u200blangi Samudra",
        "Bank Pe\u0336langi Samudra",
        "Bank Pelangi Samudra\u0332",
        "CVPelangi Pay",
        "UD'Bank Pelangi Samudra",
        "Bank Pelangi S@mudra",
        "pelangipay.co.id dana kilat",
    ],
)
def test_an_imitation_is_similar_and_names_whom_it_imitates(index: Index, text: str) -> None:
    verdict = one(index, text)
    assert verdict.status == "similar"
    assert "L1" in {candidate.entity for candidate in verdict.candidates}
    assert not verdict.entity


@pytest.mark.parametrize(
    "text",
    [
        "bank pelngi samudra",
        "bank pelangi samudar",
        "Bank Jingga Lama",
        "bank pelangi samudra nasabahnya banyak",
        "Bank Pelangi Samudra, Reborn",
        "apakah bank pelangi",
    ],
)
def test_what_differs_is_asked_back_and_never_vouched_for(index: Index, text: str) -> None:
    verdict = one(index, text)
    assert (verdict.status, verdict.entity) == ("confirm", "L1")
    assert verdict.candidates[0].differs


def test_a_misspelt_name_that_holds_function_words_is_found_across_them(index: Index) -> None:
    assert one(index, "apakah bank of meraip, national association resmi?").entity == "L5"


def test_a_regional_bank_is_found_by_its_everyday_short_form(index: Index) -> None:
    verdict = one(index, "bank kalbar aman ga?")
    assert (verdict.status, verdict.entity) == ("confirm", "L6")


def test_a_family_name_asks_which_one(index: Index) -> None:
    verdict = one(index, "BPR Teratai Agung resmi gak?")
    assert verdict.status == "ambiguous"
    assert {candidate.entity for candidate in verdict.candidates} == {"L3", "L4"}


def test_a_name_on_both_lists_is_ambiguous(index: Index) -> None:
    assert one(index, "teratai hijau").status == "ambiguous"


def test_a_revoked_licence_is_told(index: Index) -> None:
    assert one(index, "apakah wira usaha gadai resmi?").status == "revoked"


@pytest.mark.parametrize(
    "text",
    [
        "Dana Jempol",
        "dana jmpol",
        "saya pinjam di danajempol, aman?",
        "D4na Jempol",
        "dana jempol cepat cair",
        "com.jempol.dana",
        "https://apkcontoh.example/app/com.jempol.dana",
        "+62 812-3456-7890",
        "ditelpon 081234567890 katanya pinjaman",
        "cs.jempol@gmail.com",
        "www.dana-jempol.top",
        "cek https://dana-jempol.top/daftar?x=1 dong",
    ],
)
def test_an_illegal_offer_is_recognised_however_it_is_named(index: Index, text: str) -> None:
    assert "illegal" in {verdict.status for verdict in index.verify(text)}


@pytest.mark.parametrize(
    "text",
    [
        "halo min",
        "selamat pagi",
        "terima kasih banyak",
        "uang saya hilang di bank",
        "ok",
        "1",
        "bank",
        "apakah bank aman?",
        "perusahaan ini resmi?",
        "apa itu ojk",
        "mau pinjam uang dimana yang aman",
        "bagaimana cara cek pinjol ilegal?",
        "saya sudah transfer 2 juta kemarin, tolong bantu",
        "I want to report a fake lender",
        "상담원 연결해 주세요",
        "saya mau tanya apakah aman",
        "보이스피싱 문의 드려요",
        "hello, can you help me please?",
        "👍",
        "",
        "   ",
    ],
)
def test_a_text_without_a_company_has_no_verdict(index: Index, text: str) -> None:
    assert index.verify(text) == ()


def test_everyday_words_are_a_name_when_they_are_all_that_is_said(index: Index) -> None:
    assert one(index, "Uang Saya").status == "illegal"
    assert one(index, "saya pinjam dari Uang Saya").status == "illegal"


@pytest.mark.parametrize(
    "text", ["PT Gunung Kapas Abadi", "Kapasindo", "apakah Kapasindo terdaftar?"]
)
def test_an_unregistered_name_is_unknown(index: Index, text: str) -> None:
    assert one(index, text).status == "unknown"


def test_the_whole_text_is_a_name_when_the_asker_says_so(index: Index) -> None:
    verdict = one(index, "pinjaman online", whole=True)
    assert (verdict.status, verdict.query) == ("unknown", "pinjaman online")


def test_every_mention_has_its_own_verdict(index: Index) -> None:
    verdicts = index.verify(
        "Bank Pelangi Samudra, Dana Jempol dan PT Gunung Kapas Abadi resmi gak?"
    )
    assert [verdict.status for verdict in verdicts] == ["licensed", "illegal", "unknown"]


@pytest.mark.parametrize(
    "text",
    ["KEP-12/D.05/2021", "kep 12 d05 2021", "nomor izin kep12/d.052021 punya siapa"],
)
def test_a_licence_number_finds_its_holder_however_it_is_typed(index: Index, text: str) -> None:
    assert (one(index, text).status, one(index, text).entity) == ("licensed", "L1")


def test_an_unknown_licence_number_is_unknown(index: Index) -> None:
    assert one(index, "cek izin KEP-13/D.05/2021").status == "unknown"


def test_a_name_with_somebody_elses_licence_number_is_exposed(index: Index) -> None:
    verdict = one(index, "PT Gunung Kapas Abadi izin KEP-12/D.05/2021 asli?")
    assert verdict.status == "similar"
    assert verdict.candidates[0].entity == "L1"
    assert verdict.candidates[0].differs == ("licence number",)


def test_a_number_at_the_end_of_a_name_does_not_hide_somebody_elses_licence_number() -> None:
    index = index_of(entry("PT BPR Kapas 32"), entry("PT Pelangi", licence="KEP-12/D.05/2021"))
    assert one(index, "BPR Kapas 32 izin KEP-12/D.05/2021").status == "similar"


def test_a_name_with_its_own_licence_number_is_licensed(index: Index) -> None:
    assert one(index, "Bank Pelangi Samudra (KEP-12/D.05/2021)").status == "licensed"


@pytest.mark.parametrize(
    "text", ["pelangipay.co.id", "https://app.pelangipay.co.id/x", "cs@pelangipay.co.id aman gak"]
)
def test_an_address_under_the_registered_domain_is_licensed(index: Index, text: str) -> None:
    assert one(index, text).status == "licensed"


@pytest.mark.parametrize(
    "text",
    ["pelangipay-kredit.com", "pelangipay.top", "pelangipoy.co.id", "pelangipay.co.id.xyz.top"],
)
def test_a_domain_that_imitates_a_brand_is_not(index: Index, text: str) -> None:
    assert one(index, text).status in {"similar", "unknown"}


def test_a_line_of_code_or_sql_is_no_company(index: Index) -> None:
    for text in ("'; DROP TABLE entity; --", "<script>alert(1)</script>", "{{7*7}}"):
        assert {verdict.status for verdict in index.verify(text)} <= {"unknown"}


def test_an_empty_register_answers_unknown() -> None:
    assert one(index_of(), "PT Gunung Kapas Abadi").status == "unknown"


@pytest.fixture(scope="module")
def online() -> Index:
    return index_of(
        entry(
            "PT Kilau Dana Teknologi",
            key="L1",
            names=(("brand", "Kilaucash"), ("brand", "Kilau Go"), ("brand", "Kilau.id")),
            identifiers=(("domain", "https://kilau.co.id/"), ("app", "id.co.kilau.app")),
        ),
        entry("PT Bank Kilau Asia", key="L2"),
        entry(
            "Koperasi Kilau Jaya",
            key="L3",
            identifiers=(("domain", "https://kilaujaya.business.site"),),
        ),
    )


@pytest.mark.parametrize(
    "text",
    ["kilau.cash", "https://kilau.cash", "kilau.go", "bankkilau.asia", "apakah kilau.cash resmi?"],
)
def test_an_address_is_not_licensed_because_it_reads_like_a_name(online: Index, text: str) -> None:
    statuses = {verdict.status for verdict in online.verify(text)}
    assert statuses <= {"similar", "confirm"}


def test_a_name_registered_with_its_dot_is_licensed(online: Index) -> None:
    assert one(online, "apakah Kilau.id resmi?").entity == "L1"
    assert one(online, "kil au.id").entity == "L1"
    assert one(online, "PT.Bank Kilau Asia").status == "licensed"


@pytest.mark.parametrize(
    "text",
    [
        "https://lain.example.com/id.co.kilau.app.apk",
        "lain.com/download?id=id.co.kilau.app",
        "https://sites.google.com/view/id.co.kilau.app",
        "https://play.google.com/store/apps/details?id=com.lain.dana&referrer=id.co.kilau.app",
        "https://play.google.com/store/apps/details?id=com.lain.dana&id=id.co.kilau.app",
    ],
)
def test_a_page_that_only_names_an_app_is_not_licensed(online: Index, text: str) -> None:
    assert one(online, text).status == "similar"


@pytest.mark.parametrize(
    "text",
    [
        "https://play.google.com/store/apps/details?id=id.co.kilau.app&hl=id",
        "https://kilau.co.id/unduh/id.co.kilau.app.apk",
        "id.co.kilau.app",
    ],
)
def test_an_app_in_the_store_and_on_its_own_page_is_licensed(online: Index, text: str) -> None:
    assert one(online, text).status == "licensed"


@pytest.mark.parametrize(
    "text",
    [
        "https://kilau.co.id:80@lain.com/masuk",
        "https://kilau.co.id,x@lain.com",
        "https://kilau.co.id%2Emasuk@lain.com",
        "https://lain.com/x@kilau.co.id",
        "lain.com/?ke=https://kilau.co.id",
        "lain.com#kilau.co.id",
        "kilau.co.id\u200b.lain.com",
        "kilau.co.id\u2024lain.com",
        "kilau.co.id\u2011masuk.com",
        "kilau.co.id\\@lain.com",
        "cs@kilau.co.id@lain.com",
    ],
)
def test_an_address_made_up_of_a_registered_one_is_not_licensed(online: Index, text: str) -> None:
    for asked in (text, f"apakah {text} resmi?"):
        assert "licensed" not in {verdict.status for verdict in online.verify(asked)}


@pytest.mark.parametrize(
    "text",
    [
        "Situs:kilau.co.id",
        "(kilau.co.id)",
        "*kilau.co.id*,apakah resmi?",
        "kilau.co.id?",
        "kilau.co.id?ref=wa#atas",
        "http://kilau.co.id:8080/masuk",
        "mailto:cs@kilau.co.id",
        "\u200ekilau.co.id\u200e",
        "kilau.co.id!apakah resmi",
    ],
)
def test_an_address_among_marks_and_words_is_licensed(online: Index, text: str) -> None:
    assert "licensed" in {verdict.status for verdict in online.verify(text)}


def test_the_neighbour_at_a_builder_of_sites_is_not_licensed(online: Index) -> None:
    assert one(online, "kilaujaya.business.site").entity == "L3"
    assert one(online, "lain.business.site").status != "licensed"
