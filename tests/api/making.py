"""Makes what the public pages show. Every name is invented."""

from __future__ import annotations

from datetime import UTC, date, datetime
from io import BytesIO

from resmi.registry import services
from tests.registry.making import csv_of

NOW = datetime(2026, 3, 3, 10, 0, tzinfo=UTC)

LICENSED = {
    "id": "L1",
    "name": "PT Dana Sejahtera Contoh",
    "licence_no": "KEP-12/D.05/2020",
    "licence_date": "2020-05-04",
    "scope": "Layanan pendanaan bersama",
    "website": "danasejahtera.example",
}
REVOKED = {"id": "L2", "name": "PT Kredit Lama Contoh", "status": "revoked", "note": "Bangkrut"}
OTHER = {"id": "L3", "name": "PT Sinar Kredit Contoh", "licence_no": "KEP-13/D.05/2021"}
ILLEGAL = {"id": "I1", "name": "Pinjam Kilat Makmur", "status": "illegal", "note": "Tanpa izin"}

HOLDERS = csv_of(LICENSED, REVOKED, OTHER)
WARNINGS = csv_of(ILLEGAL)


def publish(*lists: bytes, as_of: date = date(2026, 3, 1)) -> None:
    """Puts lists in force: the first is the register, the second the warning list."""
    for source, content in zip(("Register of Examples", "Warning List"), lists, strict=False):
        services.import_csv(
            actor=None,
            file=BytesIO(content),
            source=source,
            authority="Authority of Examples",
            as_of=as_of,
        )
    services.forget_index()
