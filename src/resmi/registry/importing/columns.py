"""Whose column is whose: a foreign heading → our columns, foreign words → our words. Pure.

A mapping is `{their column: our column}`. What it leaves open stands in the options:
`status` (what standing on the list means when no column says it) and `prefix` (put before ids).
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping, Sequence
from datetime import date

import msgspec

from resmi.language import normalising
from resmi.registry import reading
from resmi.registry.errors import Problem
from resmi.registry.errors import gettext_noop as _

Mapping_ = Mapping[str, str]
FIELDS = (*reading.COLUMNS, *reading.OPTIONAL)
_WORDS: dict[str, str] = {
    "id": "id|no|nomor|entity id|product id|kode|kode entitas|lei|번호|등록번호|식별자"
    "|registration id",
    "name": "name|nama|nama perusahaan|nama entitas|nama lembaga|nama penyelenggara|nama pujk"
    "|nama bank|company|company name|entity|entity name|legal name|institution|perusahaan|entitas"
    "|penyelenggara|회사명|상호|업체명|기관명|이름",
    "status": "status|status izin|licence status|license status|keterangan status|상태|인가상태",
    "legal_form": "legal form|badan hukum|bentuk badan hukum|bentuk usaha|법인형태",
    "licence_no": "licence no|license no|licence number|license number|nomor izin|no izin"
    "|nomor surat izin|nomor tanda berizin|surat tanda berizin|registration no|registration number"
    "|nomor registrasi|no registrasi|인가번호|허가번호",
    "licence_date": "licence date|license date|tanggal izin|tanggal berizin|tanggal surat"
    "|tanggal terdaftar|date|인가일|등록일|허가일",
    "scope": "scope|business type|jenis usaha|jenis kegiatan|kegiatan usaha|jenis layanan"
    "|bidang usaha|activity types|activity type|activities|업종|업무범위",
    "website": "website|web|url|situs|situs web|laman|alamat website|홈페이지|웹사이트",
    "aliases": "aliases|alias|nama lain|also known as|ticker|kode saham|다른 이름|별칭",
    "brands": "brands|brand|merek|merk|nama platform|platform|nama aplikasi"
    "|nama sistem elektronik|app name|브랜드|서비스명|앱명",
    "former_names": "former names|former name|nama lama|nama sebelumnya|previous name"
    "|구상호|이전 이름",
    "emails": "emails|email|e mail|surel|alamat email|이메일",
    "phones": "phones|phone|telephone|telepon|no telepon|nomor telepon|hp|전화|전화번호",
    "app_packages": "app packages|app package|package|package name|id aplikasi|앱 패키지",
    "note": "note|notes|keterangan|catatan|remarks|remark|description|press release|비고|설명",
    "owner": "owner|pemilik|investment manager|manajer investasi|소유자|운용사",
}  # fmt: skip
_KNOWN = {word: field for field, words in _WORDS.items() for word in words.split("|")}
_STATUS_WORDS = {
    "licensed": "licensed|berizin|terdaftar|izin|aktif|active|registered|authorised|authorized"
    "|legal|terdaftar dan berizin|인가|등록|정상",
    "revoked": "revoked|dicabut|cabut izin|izin dicabut|pencabutan izin usaha|tidak berlaku"
    "|cancelled|canceled|expired|inactive|취소|말소",
    "illegal": "illegal|ilegal|unlicensed|tidak berizin|tanpa izin|unauthorised|unauthorized"
    "|waspada|불법|미등록",
}  # fmt: skip
_STATUSES = {word: status for status, words in _STATUS_WORDS.items() for word in words.split("|")}
_JOINED_BY = dict.fromkeys(reading.LISTS, "|")
_ONE_ONLY = ("id", "name", "status", "licence_date")
_DAY_FIRST = re.compile(r"(\d{1,2})[-/. ](\d{1,2}|[^\W\d_]+)[-/. ,]+(\d{4})")
_MONTHS = (
    ("jan", "januari", "january"), ("feb", "peb", "februari", "pebruari", "february"),
    ("mar", "maret", "march"), ("apr", "april"), ("mei", "may"), ("jun", "juni", "june"),
    ("jul", "juli", "july"), ("agu", "agt", "ags", "aug", "agustus", "august"),
    ("sep", "sept", "september"), ("okt", "oct", "oktober", "october"),
    ("nov", "nop", "november", "nopember"), ("des", "dec", "desember", "december"),
)  # fmt: skip
_MONTH = {name: at for at, names in enumerate(_MONTHS, start=1) for name in names}
_SEPARATORS = re.compile(r"[;\n]")


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """How records become rows. `places` maps our column to the positions of theirs."""

    places: dict[str, tuple[int, ...]]
    status: str = ""
    prefix: str = ""


def word(heading: str) -> str:
    """A heading as it is compared: lower case, without punctuation."""
    return " ".join(re.findall(r"[^\W_]+", heading.lower()))


def guess(heading: Sequence[str]) -> dict[str, str]:
    """Our best mapping of a heading; a column nobody knows is left out."""
    mapping: dict[str, str] = {}
    taken: set[str] = set()
    for column in heading:
        field = _KNOWN.get(word(column), "")
        if field and not (field in _ONE_ONLY and field in taken):
            mapping[column] = field
            taken.add(field)
    return mapping


def is_own(heading: Sequence[str]) -> bool:
    """Whether a heading is that of our own CSV."""
    return set(reading.COLUMNS) <= {column.strip().lower() for column in heading}


def fits(mapping: Mapping_, heading: Sequence[str]) -> bool:
    """Whether a saved mapping can be used again: all its columns are there, under their names."""
    return bool(mapping) and set(mapping) <= set(heading)


def problems(mapping: Mapping_, heading: Sequence[str], options: Mapping_) -> list[Problem]:
    """What is wrong with a mapping; empty when the file can be read with it."""
    found = [
        Problem(1, column, _("This column stands twice: keep one of them."))
        for column in sorted({column for column in heading if heading.count(column) > 1})
        if column in mapping
    ]
    given = [field for column, field in mapping.items() if column in heading]
    if "name" not in given:
        found.append(Problem(1, "name", _("No column is named as the name: choose one.")))
    for field in _ONE_ONLY:
        if given.count(field) > 1:
            message = _("Two columns are named as this: choose one.")
            found.append(Problem(1, field, message))
    if "status" not in given and options.get("status") not in reading.STATUSES:
        message = _("No column holds the status: say what standing on this list means.")
        found.append(Problem(1, "status", message))
    return found


def plan(mapping: Mapping_, heading: Sequence[str], options: Mapping_) -> Plan:
    """A checked mapping, made ready for a heading."""
    places: dict[str, tuple[int, ...]] = {}
    for at, column in enumerate(heading):
        if field := mapping.get(column):
            places[field] = (*places.get(field, ()), at)
    return Plan(
        places=places, status=options.get("status", ""), prefix=options.get("prefix", "").strip()
    )


def fields(plan: Plan, record: Sequence[str]) -> dict[str, str]:
    """A record in our columns and words. Without an id column the name and licence make one."""
    found = {
        field: _JOINED_BY.get(field, "; ").join(filter(None, (record[at] for at in places)))
        for field, places in plan.places.items()
    }
    for field in reading.LISTS:
        if field in found:
            found[field] = _SEPARATORS.sub("|", found[field])
    found["status"] = status(found.get("status", "")) or plan.status
    if day := found.get("licence_date"):
        found["licence_date"] = iso_date(day)
    if not found.get("id"):
        found["id"] = made_id(found.get("name", ""), found.get("licence_no", ""))
    found["id"] = plan.prefix + found["id"]
    return found


def status(given: str) -> str:
    """Our word for a status; a word nobody knows stays, to be refused with its row."""
    return _STATUSES.get(word(given), given)


def iso_date(given: str) -> str:
    """A date as year-month-day. The day stands before the month, as in Indonesia."""
    text = given.strip()
    if re.match(r"\d{4}-\d\d-\d\d[T ]", text):
        return text[:10]
    match = _DAY_FIRST.fullmatch(text)
    if match is None:
        return text
    day, month, year = match.groups()
    number = int(month) if month.isdecimal() else _MONTH.get(month.lower(), 0)
    try:
        return date(int(year), number, int(day)).isoformat()
    except ValueError:
        return text


def made_id(*parts: str) -> str:
    """A stable id for an entity whose list gives none."""
    key = "\x1f".join(normalising.squash(part) or part for part in parts)
    return hashlib.blake2b(key.encode(), digest_size=8).hexdigest() if parts[0] else ""
