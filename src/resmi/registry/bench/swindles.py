"""Makes further names that no register holds, in other ways and other words than `stress`.

What swindlers do who know a licensed name: hang a role, product, place, number or sign on it, mix
two companies, give one the licence number of another, write it with hidden letters, register a
domain that looks alike. Every query is about something unlicensed: `licensed` is always wrong.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

from resmi.language.normalising import squash
from resmi.registry.bench.loading import Query
from resmi.registry.matching.naming import name_words
from resmi.registry.rules import Entry

_SENTENCES = (
    "{}",
    "{}?",
    "{}",
    "Assalamualaikum, nama saya Budi. Mau memastikan {} resmi terdaftar.",
    "permisi kak, nemu iklan {} di beranda, boleh dicek?",
    "{} ini kredibel kah",
    "dibilangin temen, {} cairnya cepet. legal?",
    "hati-hati gaes ada {} minta foto ktp",
    "min {} udh ada izin blm",
    "barusan dikirimin link sama {}",
    "Kami menerima surat perjanjian dari {}. Apakah sah?",
    "udah setor ke {} tapi gak balik2",
    "siapa sih yang punya {}",
    "Mohon penjelasan atas status hukum {}.",
    "cek {}",
    "{} terdaftar di OJK?",
    "apakah {} penipuan",
    "Dear team, is {} authorised to take deposits?",
    "got an email from {} saying my loan was approved",
    "{} - legit?",
    "would you lend to {} or stay away",
    "who runs {} and are they licensed",
    "my aunt joined {} last month, is it a scam?",
    "check {} for me please",
    "{} 믿을 만한가요?",
    "{}에 투자해도 되나요?",
    "어제 {}에서 대출 문자를 받았습니다",
    "{} 조회 부탁드려요",
    "{} 금융당국 등록 여부 확인해주세요",
    "halo {} 진짜예요? tolong dicek",
    "kak is {} safe ga",
)
_ROLES = (
    "admin", "CS", "customer service", "official", "resmi", "OJK", "helpdesk", "operator",
    "call center", "hotline", "agen", "mitra", "kantor pusat", "cabang", "sales", "marketing",
    "tim penagihan", "desk collection", "whatsapp", "center", "support", "care", "고객센터", "지점",
    "상담팀", "공식", "대리점", "본점", "representative", "branch", "headquarters", "team",
)  # fmt: skip
_PRODUCTS = (
    "pinjaman tunai", "KTA", "kur", "dana talangan", "emas digital", "robot trading", "cicilan 0%",
    "paylater", "bansos", "hibah", "undian", "gold", "prioritas", "token", "staking", "wallet",
    "credit line", "instant loan", "savings plan", "대출", "적금", "투자", "코인", "카드론",
)  # fmt: skip
_PLACES = (
    "Medan", "Cabang Bekasi", "Sleman", "Ternate", "Batam", "Kediri", "Singapore", "Busan", "Seoul",
    "Dubai", "서울", "부산", "Palangkaraya", "Kupang", "Hong Kong", "Asia Pacific",
)  # fmt: skip
_FORMS = ("Ltd.", "Inc", "Tbk", "Limited", "Corp.", "LLC", "Persero", "Co., Ltd", "주식회사")
_BETWEEN = (
    " ",
    " ",
    " ",
    " - ",
    ", ",
    " (",
    " | ",
    ": ",
    "_",
    "/",
    " & ",
    " – ",
    ". ",
    "-",
    " * ",
    " + ",
    " ~ ",
    "'s ",
    " @",
    "® ",
)
_EMOJI = ("💰", "✅", "🏦", "🔥", "⭐️")
_GLYPHS = str.maketrans("aeiocpsxyAEOPCTBHKM", "аеіосрѕхуАЕОРСТВНКМ")
_HIDDEN = ("\u200b", "\u200d", "\u2060", "\u00ad", "\ufeff")
_ENDS = ("-id.com", "-official.net", "loan.com", "cs.xyz", "-indonesia.info", "app.top", "1.co.id")


class _Known(NamedTuple):
    """What twists draw from: the licensed entities and the keys of all names."""

    licensed: list[Entry]
    keys: frozenset[str]


Twist = Callable[[random.Random, str, _Known], str]


def negatives(entries: Sequence[Entry], count: int, seed: int = 1) -> Iterator[Query]:
    """`count` queries about names made out of licensed ones, none itself registered."""
    pick = random.Random(f"swindles {seed}")
    known = _Known(
        [entry for entry in entries if entry.status == "licensed"],
        frozenset(
            "".join(name_words(name))
            for entry in entries
            for name in (entry.name, *(name for _, name in entry.names))
        ),
    )
    made = 0
    while made < count:
        entry = pick.choice(known.licensed)
        bare = " ".join(name_words(entry.name))
        name = pick.choice([*_names(entry), bare, bare.lower(), entry.name.upper()])
        twist = pick.choice(_TWISTS)
        twisted = twist(pick, name, known)
        if not twisted or known.keys & {"".join(name_words(twisted)), squash(twisted)}:
            continue
        made += 1
        text = pick.choice(_SENTENCES).format(twisted)
        yield Query(
            id=f"T{made}",
            text=text,
            kind=f"swindle_{twist.__name__.strip('_')}",
            expected="unknown",
            accepted=frozenset(("unknown", "similar", "ambiguous", "confirm", "illegal")),
            entities=frozenset(),
            embedded=text != twisted,
        )


def _names(entry: Entry) -> list[str]:
    return [entry.name, *(name for kind, name in entry.names if kind in ("brand", "alias"))]


def _joined(pick: random.Random, first: str, then: str) -> str:
    between = pick.choice(_BETWEEN)
    if "." in first and between == "/":
        between = " "  # or the word is a page of a licensed domain
    return f"{first}{between}{then}{')' if '(' in between else ''}"


def _added(pick: random.Random, name: str, word: str) -> str:
    """The word behind the name, sometimes behind a legal form too, or before it."""
    if pick.random() < 0.2:
        return f"{word} {name}"
    if pick.random() < 0.2:
        name = f"{name} {pick.choice(_FORMS)}"
    return _joined(pick, name, word)


def _role(pick: random.Random, name: str, known: _Known) -> str:
    return _added(pick, name, pick.choice(_ROLES))


def _product(pick: random.Random, name: str, known: _Known) -> str:
    return _added(pick, name, pick.choice(_PRODUCTS))


def _place(pick: random.Random, name: str, known: _Known) -> str:
    return _added(pick, name, pick.choice(_PLACES))


def _numeral(pick: random.Random, name: str, known: _Known) -> str:
    numeral = pick.choice(
        ("II", "III", "2.0", "365", "24 jam", "no. 1", "#1", "vol 2", "1945", "５")
    )
    return _joined(pick, name, numeral)


def _contact(pick: random.Random, name: str, known: _Known) -> str:
    number = f"08{pick.randrange(10**8, 10**10)}"
    return pick.choice(
        (f"admin {name} {number}", f"{name} WA {number}", f"CS {name} +62{number[1:]}")
    )


def _decorated(pick: random.Random, name: str, known: _Known) -> str:
    return f"{pick.choice(_EMOJI)} {name} {pick.choice(_ROLES)} {pick.choice(_EMOJI)}"


def _homoglyph(pick: random.Random, name: str, known: _Known) -> str:
    at = pick.randrange(len(name))
    changed = name[:at] + name[at:].translate(_GLYPHS)
    return changed if changed != name else ""


def _hidden(pick: random.Random, name: str, known: _Known) -> str:
    at = pick.randrange(1, len(name))
    if not (name[at - 1].isalnum() and name[at].isalnum()):
        return ""
    return f"{name[:at]}{pick.choice(_HIDDEN)}{name[at:]} {pick.choice(_ROLES)}"


def _turned(pick: random.Random, name: str, known: _Known) -> str:
    words = name_words(name)
    turned = pick.sample(words, len(words))
    return "" if turned == words else " ".join(turned)


def _mixed(pick: random.Random, name: str, known: _Known) -> str:
    words, others = name_words(name), name_words(pick.choice(known.licensed).name)
    if len(words) < 2 or len(others) < 2:
        return ""
    return " ".join([*words[: len(words) // 2 + 1], *others[len(others) // 2 :]])


def _foreign_licence(pick: random.Random, name: str, known: _Known) -> str:
    other = pick.choice(known.licensed)
    if not other.licence or squash(name) in map(squash, _names(other)):
        return ""
    return f"{name}{pick.choice((' izin ', ' no izin ', ', ', ' ('))}{other.licence}"


def _domain(pick: random.Random, name: str, known: _Known) -> str:
    return "".join(name_words(name)) + pick.choice(_ENDS) if name.isascii() else ""


def _initials(pick: random.Random, name: str, known: _Known) -> str:
    letters = "".join(word[0] for word in name_words(name)).upper()
    return f"{letters} {pick.choice((*_ROLES, *_PRODUCTS, *_PLACES))}" if len(letters) > 2 else ""


_TWISTS: tuple[Twist, ...] = (
    _role, _role, _product, _product, _place, _numeral, _contact, _decorated, _homoglyph, _hidden,
    _turned, _mixed, _foreign_licence, _domain, _initials,
)  # fmt: skip
