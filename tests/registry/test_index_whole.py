from __future__ import annotations

from resmi.registry.index import Index
from resmi.registry.rules import Entry

INDEX = Index([Entry(id="L1", name="PT Dana Contoh", status="licensed")], version=1)


def test_a_name_given_as_such_is_one_mention_whatever_words_stand_in_it() -> None:
    (verdict,) = INDEX.verify("  Entah Siapa Makmur ", whole=True)
    assert (verdict.status, verdict.query) == ("unknown", "Entah Siapa Makmur")


def test_two_known_companies_given_at_once_stay_two() -> None:
    found = INDEX.verify("PT Dana Contoh dan Entah Makmur", whole=True)
    assert "PT Dana Contoh" in {verdict.name for verdict in found}
