"""The words invented company names are put together from.

`FIRST` and `SECOND` make coined proper names (Lintasora, Kartavina) that read as Indonesian and
belong to nobody; the rest are the ordinary words companies of each kind add to theirs.
"""

from __future__ import annotations

from dataclasses import dataclass

FIRST = (
    "Linta", "Karta", "Sukma", "Talu", "Kira", "Bena", "Cakra", "Laksa", "Prana", "Waska",
    "Naya", "Rimba", "Sagara", "Tirna", "Ranca", "Jalu", "Mahi", "Pura", "Gandi", "Seba",
    "Walu", "Kenda", "Malaya", "Banyu", "Cenda", "Dipa", "Elang", "Giri", "Halu", "Inda",
    "Jenar", "Kamba", "Lenta", "Mega", "Nirma", "Panca", "Rasu", "Sanja", "Tanju", "Warna",
)  # fmt: skip
SECOND = (
    "sora", "vina", "dhira", "gara", "loka", "nira", "wangi", "tava", "ranta", "sena",
    "daya", "vira", "lestu", "mukti", "pada", "rupa", "kanta", "lingga", "vara", "sari",
    "dana", "bawa", "kena", "lipa", "meru", "nusa", "puspa", "rati", "suma", "tala",
)  # fmt: skip
VIRTUES = (
    "Sejahtera", "Mandiri", "Utama", "Makmur", "Lestari", "Bersama", "Abadi", "Sentosa",
    "Nusantara", "Persada", "Perkasa", "Jaya", "Mulia", "Gemilang", "Harmoni", "Raya",
)  # fmt: skip
TOWNS = (
    "Wanasari", "Karangjati", "Sukamaju", "Banyuasri", "Cibentang", "Ranuwening", "Lembahsari",
    "Tanjungrejo", "Gunungmekar", "Rawaindah", "Pasirjaya", "Kedungwaru",
)  # fmt: skip
BAIT = (
    "Kilat", "Cepat Cair", "Instan", "Tanpa Jaminan", "Langsung Cair", "Untung Harian",
    "Bunga Ringan", "Cuan Pasti", "Dana Darurat", "Mudah Cair", "Profit Plus", "Tunai Ekspres",
)  # fmt: skip


@dataclass(frozen=True)
class Kind:
    """A kind of licence: how many holders, how they are named, and what the licence covers.

    In `patterns`, {coined}, {virtue} and {town} are filled in; the legal form comes before.
    """

    code: str
    count: int
    patterns: tuple[str, ...]
    scope: str
    form: str = "PT"
    branded: bool = False


KINDS = (
    Kind("BU", 70, ("Bank {coined}", "Bank {coined} {virtue}", "Bank {coined} Syariah"),
         "Bank umum: simpanan, kredit dan pembayaran"),
    Kind("BPR", 1120, ("BPR {coined} {virtue}", "BPR {coined} {town}", "BPR Artha {coined}"),
         "Bank perekonomian rakyat: simpanan dan kredit di wilayahnya"),
    Kind("BPRS", 130, ("BPRS {coined} {virtue}", "BPR Syariah {coined}"),
         "Bank perekonomian rakyat syariah: simpanan dan pembiayaan"),
    Kind("PD", 60, ("BPR {coined} {town}",), "Bank perekonomian rakyat milik daerah", "Perumda"),
    Kind("P2P", 110,
         ("{coined} Dana {virtue}", "Dana {coined} {virtue}", "Pinjam {coined} {virtue}"),
         "Layanan pendanaan bersama berbasis teknologi informasi (P2P lending)", branded=True),
    Kind("ASR", 130,
         ("Asuransi {coined} {virtue}", "Asuransi Jiwa {coined}", "Asuransi Umum {coined}"),
         "Perusahaan asuransi"),
    Kind("EFK", 110, ("{coined} Sekuritas", "{coined} Sekuritas Indonesia"),
         "Perantara pedagang efek dan penjamin emisi efek"),
    Kind("MI", 90, ("{coined} Aset Manajemen", "{coined} Manajemen Investasi"),
         "Manajer investasi"),
    Kind("PP", 150, ("{coined} Finance", "{coined} Multi Finance", "{coined} {virtue} Pembiayaan"),
         "Perusahaan pembiayaan"),
    Kind("GD", 110, ("Gadai {coined}", "Gadai {coined} {virtue}"), "Usaha pergadaian"),
    Kind("LKM", 140, ("LKM {coined} {town}", "LKM {coined} {virtue}"),
         "Lembaga keuangan mikro di kabupatennya", "Koperasi"),
    Kind("ITSK", 60, ("{coined} Digital {virtue}", "Agregasi {coined}"),
         "Inovasi teknologi sektor keuangan: agregator produk", branded=True),
    Kind("MV", 20, ("{coined} Ventura", "Modal {coined} Ventura"), "Perusahaan modal ventura"),
)  # fmt: skip
REVOKED = 240
ILLEGAL = 460
REASONS = (
    "Izin usaha dicabut atas permintaan perusahaan.",
    "Izin usaha dicabut: modal minimum tidak dipenuhi.",
    "Izin usaha dicabut: kegiatan usaha tidak dijalankan.",
    "Izin usaha dicabut setelah penggabungan usaha.",
)
OFFENCES = (
    "Pinjaman daring tanpa izin.",
    "Penawaran investasi tanpa izin dengan janji imbal hasil tetap.",
    "Meniru nama lembaga berizin.",
    "Gadai tanpa izin.",
    "Perdagangan aset tanpa izin.",
)
