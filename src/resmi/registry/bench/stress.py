"""Makes names that no register holds out of names one does, as swindlers do, and asks about them.

Every query here is about something unlicensed: `licensed` is always wrong. The wording was written
without looking at the matcher's word lists.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Sequence

from resmi.language.normalising import squash
from resmi.registry.bench.loading import Query
from resmi.registry.matching.naming import name_words
from resmi.registry.rules import Entry

_BARE = "{}"
_TEMPLATES = (
    _BARE,
    "{}",
    "{}?",
    "apa {} sudah punya lisensi dari otoritas?",
    "kemarin saya dikasih brosur {}, itu beneran ada?",
    "numpang tanya, {} tuh terpercaya atau nggak",
    "mau pinjam di {} tapi takut",
    "anak saya bekerja di {}, perusahaannya diawasi siapa?",
    "ada yang pernah pakai {}?",
    "sodara ane ditipu {} gan, bisa dilaporin?",
    "barusan ditelpon orang yang mengaku dari {}",
    "{} itu aman buat nabung?",
    "tolong bantu cek apakah {} masuk daftar",
    "bener ga {} diawasi",
    "Dengan hormat, kami ingin memastikan status {}.",
    "emang {} resmi",
    "{} legalkah?",
    "dapat wa dari {} disuruh bayar admin dulu",
    "jadi agen {} syaratnya apa",
    "saya nasabah {}, saldo saya hilang",
    "invest di {} untungnya 10% per bulan, masuk akal?",
    "kantor {} di mana ya",
    "rekomendasi dong, {} atau yang lain",
    "pinjaman dari {} cair ke rekening saya padahal tidak minta",
    "Is {} a registered lender?",
    "can I trust {}",
    "Somebody from {} keeps calling me about a loan",
    "please look up {} for me",
    "does {} have a permit",
    "I sent money to {} yesterday. Are they real?",
    "{} 등록된 업체인가요?",
    "{}에서 전화가 왔는데 믿어도 되나요",
    "혹시 {} 정식 업체 맞나요?",
    "{} 라는 곳에서 투자 권유를 받았어요",
)
_SUFFIXES = (
    "cabang surabaya", "express", "pusat", "jaya", "corp", "utama", "help center", "resmi", "aman",
    "official store", "investama", "dua", "unit mikro", "ventura", "gadai", "crypto", "AI", "plus",
    "peduli umat", "call center", "tanpa jaminan", "lunak", "pinjol", "reborn", "indo", "asli",
    "verified", "bunga rendah", "untuk umkm", "layanan konsumen", "jakarta", "kita", "2", "99",
    "bitcoin", "legal", "terpercaya", "VIP", "telegram", "kredit tanpa agunan", "syariah", "net",
)  # fmt: skip
_PREFIXES = (
    "layanan", "tim", "kspps", "grup", "saudara", "info pinjaman", "hadiah", "undian", "marketing",
    "komunitas", "CV", "KSP", "yayasan", "mitra resmi", "bantuan", "promo", "new", "the real",
    "aplikasi pinjaman", "arisan", "asosiasi", "bursa", "super", "kurir", "gerai", "cicilan",
)  # fmt: skip
_PARTS = (
    "cakra", "bumi", "surya", "lestari", "wira", "tirta", "kencana", "mega", "panca", "adi",
    "nirwana", "graha", "cahaya", "persada", "buana", "samudra", "permai", "inti", "kirana",
    "bina", "agung", "citra", "rejeki", "kumala", "arunika",
)  # fmt: skip
_GLYPHS = {
    "a": "аα4@",
    "e": "её3",
    "o": "о0",
    "i": "іı1l",
    "c": "с",
    "p": "р",
    "s": "ѕ5$",
    "n": "ո",
}

Twist = Callable[[random.Random, str, list[str]], str]


def negatives(entries: Sequence[Entry], count: int, seed: int = 1) -> Iterator[Query]:
    """`count` queries about names one twist away from a licensed name, none itself registered."""
    pick = random.Random(seed)
    for made, (kind, name) in enumerate(names(entries, count, seed), 1):
        text = pick.choice(_TEMPLATES).format(name)
        yield Query(
            id=f"S{made}",
            text=text,
            kind=f"stress_{kind}",
            expected="unknown",
            accepted=frozenset(("unknown", "similar", "ambiguous", "confirm", "illegal")),
            entities=frozenset(),
            embedded=text != name,
        )


def names(entries: Sequence[Entry], count: int, seed: int = 1) -> Iterator[tuple[str, str]]:
    """`count` names, each with the kind of its twist."""
    pick = random.Random(seed)
    licensed = [entry for entry in entries if entry.status == "licensed"]
    taken = {"".join(name_words(name)) for entry in entries for name in _names(entry)}
    made = 0
    while made < count:
        entry = pick.choice(licensed)
        name = _said(pick, entry)
        twist = pick.choice(_TWISTS)
        twisted = twist(pick, name, name.split())
        if not twisted or taken & {"".join(name_words(twisted)), squash(twisted)}:
            continue
        made += 1
        yield twist.__name__.strip("_"), _cased(pick, twisted)


def _names(entry: Entry) -> list[str]:
    return [entry.name, *(name for _, name in entry.names)]


def _said(pick: random.Random, entry: Entry) -> str:
    brands = [name for kind, name in entry.names if kind in ("brand", "alias")]
    return pick.choice([entry.name, " ".join(name_words(entry.name)), *brands])


def _cased(pick: random.Random, name: str) -> str:
    return pick.choice([name, name, name.lower(), name.lower(), name.title(), name.upper()])


def _suffix(pick: random.Random, name: str, words: list[str]) -> str:
    return f"{name}{pick.choice((' ', ' ', ' ', ' - ', ', '))}{pick.choice(_SUFFIXES)}"


def _prefix(pick: random.Random, name: str, words: list[str]) -> str:
    return f"{pick.choice(_PREFIXES)} {name}"


def _both(pick: random.Random, name: str, words: list[str]) -> str:
    return f"{pick.choice(_PREFIXES)} {name} {pick.choice(_SUFFIXES)}"


def _swapped_word(pick: random.Random, name: str, words: list[str]) -> str:
    if len(words) < 3:
        return ""
    at = pick.randrange(1, len(words))
    return " ".join([*words[:at], pick.choice(_PARTS), *words[at + 1 :]])


def _inserted_word(pick: random.Random, name: str, words: list[str]) -> str:
    at = pick.randrange(len(words) + 1)
    return " ".join([*words[:at], pick.choice(_PARTS), *words[at:]])


def _number(pick: random.Random, name: str, words: list[str]) -> str:
    return f"{name} {pick.choice((7, 21, 24, 69, 88, 123, 2025, 777))}"


def _glyph(pick: random.Random, name: str, words: list[str]) -> str:
    places = [at for at, letter in enumerate(name.lower()) if letter in _GLYPHS]
    if not places:
        return ""
    at = pick.choice(places)
    return name[:at] + pick.choice(_GLYPHS[name[at].lower()]) + name[at + 1 :]


def _glued(pick: random.Random, name: str, words: list[str]) -> str:
    return name.replace(" ", "") + pick.choice(("ku", "id", "pro", "24", "go", "plus", "x", "vip"))


def _typo(pick: random.Random, name: str, words: list[str]) -> str:
    name = " ".join(name_words(name))
    at = pick.randrange(len(name))
    letter = pick.choice("abcdefghijklmnopqrstuvwxyz")
    return pick.choice((name[:at] + name[at + 1 :], name[:at] + letter + name[at + 1 :]))


_TWISTS: tuple[Twist, ...] = (
    _suffix, _suffix, _prefix, _prefix, _both, _swapped_word, _inserted_word, _number, _glyph,
    _glued, _typo,
)  # fmt: skip
