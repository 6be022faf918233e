"""Everyday words of messages about companies, in Indonesian, English and Korean.

The sort of a word decides what it may mean beside a company's name:

- FUNCTION: words that end a name wherever they stand outside one: pronouns, prepositions,
  particles, forms of address, verbs of asking and telling. Closed classes only: a word that a
  swindler could hang on a name ("official", "admin", "layanan") must never be here.
- CLAIM: "resmi", "aman", "legit": ends a name only where the sentence needs a predicate.
- KIND: what a company is called generically ("aplikasi X"); one may precede a name.
- EVERYDAY: open-class words that tell a story; beside a name they call for confirmation.
- LURE: words swindlers hang on names; beside a name they make it another name.
- NAME: everything else.
"""

from __future__ import annotations

import re
from typing import Final

from resmi.registry.matching import wordlists


class Sort:
    """What a word may be. Plain numbers: members of an enum take ten times as long to look up."""

    NAME: Final = 0
    FUNCTION: Final = 1
    CLAIM: Final = 2
    KIND: Final = 3
    EVERYDAY: Final = 4
    LURE: Final = 5
    FORM: Final = 6


_FUNCTION = wordlists.read("function")
_CLAIM = wordlists.read("claim")
LURES = wordlists.read("lure")
_KIND = wordlists.read("kind")
_EVERYDAY = wordlists.read("everyday")

_AMOUNT = re.compile(r"(?:rp)?\d+(?:jt|juta|rb|ribu|k|m|an|x|hari|bln|bulan|thn|tahun|persen)")
_UNITS = wordlists.read("units")
_CLITICS = ("nya", "kah", "lah", "pun", "ku", "mu")
_REPEATS = re.compile(r"([a-z])\1{2,}")
_VERB = re.compile(r"(?:di|meng|meny|men|mem|me)[a-z]{5,}(?:kan|i)?")
_STORY = re.compile(
    r"(?:di|me|mem|men|meng|meny|ber|ter|nge|ke|pe)[a-z]{4,}|[a-z]{4,}(?:nya|kan)|n[gy][aeiou][a-z]{2,}"
)

_STEMS_OF = re.compile(r"(.+?)(?:nya|kah|lah|pun|ku|mu)")
_NAMELIKE = wordlists.read("namelike")
_ORDINARY = wordlists.read("ordinary") | wordlists.inflected("english_verbs")
_TOLD = re.compile(
    r"[가-힣]+(?:요|니다|니까|는데|은데|던데|다고|라고|냐고|려고|지만|면서|어서|아서|해서|라서|거든|네요"
    r"|까요|나요|대요|래요|죠|으면|하면|려면|다는|라는|다면|하는|되는|있는|없는|같은|하던|었던|께서|한테서|에게서"
    r"|에서|에게|한테|부터|까지|처럼|보다|마다|밖에|조차|하게|하고|했고|을|를)"
)

_KOREAN_STEMS = tuple(wordlists.read("korean_stems"))
PARTICLES = (
    *("이라는데", "이라는", "이라고", "인가요", "이에요", "입니까", "입니다", "에서는", "에서"),
    *("이란", "라는", "라고", "한테", "에게", "으로", "이랑", "예요", "인가"),
    *(
        "은",
        "는",
        "이",
        "가",
        "을",
        "를",
        "의",
        "에",
        "와",
        "과",
        "랑",
        "도",
        "로",
        "만",
        "란",
        "측",
    ),
)
"""Endings that stand behind a Korean noun, longest first."""

_SORTS: dict[str, int] = {}
for _words, _sort in (
    (LURES, Sort.LURE),
    (_EVERYDAY, Sort.EVERYDAY),
    (_KIND, Sort.KIND),
    (_CLAIM, Sort.CLAIM),
    (_FUNCTION, Sort.FUNCTION),
):
    _SORTS.update(dict.fromkeys(_words, _sort))

CHANNELS = wordlists.read("channels")
"""Where offers are seen ("instagram")."""
TAGS = wordlists.read("tags")
"""Words that turn the claim before them into a question ("resmi gak")."""
ASKING = wordlists.read("asking")
"""Words that open a question a claim may end ("apakah X resmi")."""
OPPOSITES = wordlists.read("opposites")
"""What "or" may offer beside a claim ("legal atau bodong")."""
REGULATOR = "ojk"
REGULATING = wordlists.read("regulating")
"""Words the regulator is told of with ("terdaftar di OJK")."""
TRUTHS = frozenset(("benar", "betul", "sah", "valid", REGULATOR))
"""Claims that beside a name may as well be said of it ("X benar berada di …")."""
CUES = wordlists.read("cues")
"""Words a name readily follows."""


def sort_of(word: str) -> int:
    """The sort of a folded word that is no legal form."""
    known = _SORTS.get(word)
    if known is not None:
        return known
    if not word.isascii():
        return _korean(word)
    if _AMOUNT.fullmatch(word):
        return Sort.EVERYDAY
    return _inflected(word)


def plain_sort(word: str) -> int:
    """The sort of a word as it stands in the lists, without looking at its endings."""
    return _SORTS.get(word, Sort.NAME)


def is_unit(word: str) -> bool:
    """Whether a number before the word is an amount (5 juta, 3 hari)."""
    return word in _UNITS


def tells_story(word: str) -> bool:
    """Whether an unknown word has the shape of an Indonesian verb or possessive."""
    return _STORY.fullmatch(word) is not None and word not in _NAMELIKE


def is_verb(word: str) -> bool:
    """Whether an unknown word has the shape of an Indonesian verb of doing, rare among names."""
    return _VERB.fullmatch(word) is not None and word not in _NAMELIKE


def has_its_place(word: str) -> bool:
    """Whether an unknown word has the shape of a verb, or an ending that shows its place in a
    sentence."""
    return tells_story(word) if word.isascii() else _TOLD.fullmatch(word) is not None


def is_namelike(word: str) -> bool:
    """Whether the word has the shape of a verb but stands in names."""
    return word in _NAMELIKE


def is_hangul(word: str) -> bool:
    """Whether the word is written in Korean letters."""
    return "가" <= word[0] <= "힣"


def is_ordinary(word: str) -> bool:
    """Whether an unknown word belongs to ordinary speech and to no name."""
    if word in _NAMELIKE:
        return False
    if word in _ORDINARY:
        return True
    stem = _STEMS_OF.fullmatch(word)
    return stem is not None and stem.group(1) in _ORDINARY


def _inflected(word: str) -> int:
    """Slang lengthening ("yaaa") and clitics ("legalnya") of function words and claims."""
    short = _REPEATS.sub(r"\1", word)
    if short != word and len(short) > 1 and short in _SORTS:
        return _SORTS[short]
    for clitic in _CLITICS:
        if word.endswith(clitic):
            stem = _SORTS.get(word[: -len(clitic)], Sort.NAME)
            if stem in (Sort.FUNCTION, Sort.CLAIM, Sort.KIND):
                return stem
    return Sort.NAME


def _korean(word: str) -> int:
    if word.startswith(_KOREAN_STEMS):
        return Sort.FUNCTION
    for particle in PARTICLES:
        if word.endswith(particle) and (stem := _SORTS.get(word[: -len(particle)])):
            return stem
    return Sort.NAME
