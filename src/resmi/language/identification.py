"""Which of our languages a citizen writes: Indonesian, English or Korean.

Everyday words decide; only longer texts without any go to the statistical model. Names of companies
carry no language, so a text that is mainly a name keeps the language of the talk.
"""

from __future__ import annotations

import re
from functools import cache

from lingua import Language, LanguageDetector, LanguageDetectorBuilder

DEFAULT = "id"


def _listed(words: str) -> frozenset[str]:
    return frozenset(words.split())


_ID = _listed(
    """
    ada adalah aja aku anda apa apakah apkh aq atau bagaimana bagus baik bang banget bapak
    begitu belum benar beneran berapa bgmn bgt bisa blm boleh bosku bs buat bukan cek dah
    dalam dan dapat dari dek dengan di dia dong dr dulu dgn gak ga gan gimana gk gmn gw halo
    hai harus hari ibu ini itu iya izin jadi jangan jg jgn juga kah kak kalau kalo kami kamu
    kapan karena kasih katanya ke kena kenapa kita klo knp kok kpd lagi lah lalu lewat mau
    maaf makasih malam masih mas mba mbak menipu mereka minta mohon nanya nggak ngga nih
    oleh pada pagi pak pakai perusahaan permisi pinjol punya saja sama sampai sangat saya
    sdh sebagai sekarang selamat semua seperti siang siapa sih sore sudah supaya sy tadi
    tahu tanya tapi tau tdk telah teman temen terdaftar terima tidak tlg tolong tp trs tuh
    udah udh untuk utk wkwk ya yaa yang yg yuk
    """
)
_EN = _listed(
    """
    a about after again am an and any anyone are aren't ask at be because been but by can
    can't check company could did didn't do does doesn't don't for from get go good got had
    has have he hello help her here hey hi him his how i i'm if in is isn't it it's its just
    know let like licensed legit make many may me money morning my need no not now of on one
    or our out please real really said scam she should so some someone tell thank thanks
    that the their them then there these they thing this those to today was want wasn't we
    were what when where which who why will with would yes you your
    """
)
_WEAK = _listed("a am an and at by for in of on one the to di dan hari kami kita semua")
_ALONE = _listed(
    """
    halo hai makasih terima kasih tolong permisi maaf iya ya tidak bukan selamat hello hi
    hey thanks thank please yes no sorry
    """
)
_HANGUL = re.compile(r"[\u1100-\u11ff\u3130-\u318f\uac00-\ud7a3]+")
_LATIN = re.compile(r"[a-z]+(?:'[a-z]+)?")
_MINIMUM_WORDS = 5
_CONFIDENCE = 0.9
_LONGEST = 400  # characters looked at: enough to tell, and bounds the time


def identify(text: str, current: str) -> str:
    """The language of `text`: "id", "en" or "ko".

    Short or uncertain texts keep `current` (the language of the talk, "" when none yet); without
    one they count as Indonesian.
    """
    kept = current or DEFAULT
    sample = text[:_LONGEST].lower().replace("’", "'")
    found = _LATIN.findall(sample)
    indonesian, english = _weight(found, _ID), _weight(found, _EN)
    if korean := _HANGUL.findall(sample):
        return "ko" if len(korean) * 2 > max(indonesian, english) else kept
    if not found:
        return kept
    if decided := _by_words(found, indonesian, english):
        return decided
    if len(found) < _MINIMUM_WORDS or _looks_like_name(text[:_LONGEST]):
        return kept
    return _by_model(sample, kept)


def _weight(found: list[str], closed: frozenset[str]) -> int:
    """Two for an everyday word, one for a word that names also hold ("Bank of America")."""
    return sum(1 if word in _WEAK else 2 for word in found if word in closed)


def _by_words(found: list[str], indonesian: int, english: int) -> str:
    if indonesian == english:
        return ""
    language, most = ("id", indonesian) if indonesian > english else ("en", english)
    least = min(indonesian, english)
    if most >= 4 and most > least + 1:
        return language
    short = len(found) <= 3 and any(word in _ALONE for word in found)
    return language if short and least == 0 else ""


def _looks_like_name(text: str) -> bool:
    """Most words begin with a capital or are all capitals, as names are written."""
    written = re.findall(r"[^\W\d_]+", text)
    return sum(1 for word in written if word[0].isupper()) * 2 > len(written)


def _by_model(sample: str, kept: str) -> str:
    best = _detector().compute_language_confidence_values(sample)[0]
    if best.value < _CONFIDENCE:
        return kept
    return "en" if best.language == Language.ENGLISH else "id"


@cache
def _detector() -> LanguageDetector:
    return LanguageDetectorBuilder.from_languages(Language.INDONESIAN, Language.ENGLISH).build()
