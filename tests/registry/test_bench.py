from __future__ import annotations

import csv
import os
import random
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from resmi.registry.bench import growing, loading, peers, scoring, stress, swindles, wording
from resmi.registry.bench.loading import Query
from resmi.registry.rules import Candidate, Status, Verdict
from tests.registry.making import entry, index_of

DATA = Path(os.environ.get("RESMI_TEST_DATA", Path(__file__).parents[2].parent / "shared" / "data"))


def query(expected: str, *, accepted: str = "", entities: str = "", kind: str = "exact") -> Query:
    return Query(
        id="Q1",
        text="x",
        kind=kind,
        expected=expected,
        accepted=frozenset((expected, *accepted.split())),
        entities=frozenset(entities.split()),
        embedded=False,
    )


def verdict(status: Status, entity: str = "", *candidates: str) -> Verdict:
    offered = tuple(Candidate(entity=one, name=one, status="licensed") for one in candidates)
    return Verdict(
        status=status, query="x", source="", as_of="", version=0, entity=entity, candidates=offered
    )


@pytest.mark.parametrize(
    ("asked", "given", "right"),
    [
        (query("licensed", entities="A"), verdict("licensed", "A"), True),
        (query("licensed", entities="A"), verdict("confirm", "A"), True),
        (query("licensed", entities="A"), verdict("licensed", "B"), False),
        (query("licensed", entities="A"), verdict("similar", "", "A"), False),
        (query("unknown"), verdict("similar", "", "A"), True),
        (query("unknown"), verdict("confirm", "A"), False),
        (query("unknown", accepted="ambiguous"), verdict("ambiguous", "", "A"), True),
        (query("illegal"), verdict("unknown"), False),
        (query("ambiguous", entities="A B"), verdict("ambiguous", "", "C"), False),
        (query("ambiguous", entities="A B"), verdict("ambiguous", "", "B", "C"), True),
    ],
)
def test_answers_are_scored_as_a_person_would(asked: Query, given: Verdict, right: bool) -> None:
    assert scoring.is_right(asked, *scoring.answer((given,))) is right


def test_a_warning_outweighs_an_approval_and_silence_is_unknown() -> None:
    assert scoring.answer((verdict("licensed", "A"), verdict("illegal", "B")))[0] == "illegal"
    assert scoring.answer(())[0] == "unknown"


def test_a_false_licensed_is_counted() -> None:
    score = scoring.score(
        lambda _: (verdict("licensed", "A"),), [query("unknown"), query("illegal")]
    )
    assert (score.false_licensed, score.negatives, score.false_licensed_rate) == (2, 2, 1.0)


def test_a_register_in_the_public_layout_is_read(tmp_path: Path) -> None:
    _write(
        tmp_path / "licensed_entities.csv",
        "entity_id name legal_form kinds brand aliases former_names ticker licence_no licence_date"
        " business_type website os owner as_of sources",
        {"entity_id": "L1", "name": "PT Pelangi", "aliases": "PePe|Pela", "as_of": "2026-01-01"},
    )
    _write(
        tmp_path / "illegal_entities.csv",
        "entity_id name aliases web email phone last_input_date",
        {"entity_id": "X1", "name": "Jempol", "phone": "0812|0813"},
    )
    licensed, illegal = loading.entries(tmp_path)
    assert licensed.names == (("alias", "PePe"), ("alias", "Pela"))
    assert illegal.identifiers == (("phone", "0812"), ("phone", "0813"))


def test_a_missing_file_or_column_is_named(tmp_path: Path) -> None:
    with pytest.raises(loading.Layout, match=r"licensed_entities\.csv is missing"):
        loading.entries(tmp_path)
    _write(tmp_path / "q.csv", "query_id query", {"query_id": "1"})
    with pytest.raises(loading.Layout, match="no column 'query_kind'"):
        loading.queries(tmp_path / "q.csv")


def _write(file: Path, columns: str, row: dict[str, str]) -> None:
    with file.open("w", newline="") as stream:
        writer = csv.DictWriter(stream, columns.split())
        writer.writeheader()
        writer.writerow(row)


_FIRST = ("Pelangi", "Samudra", "Kapas", "Teratai", "Cakra", "Kencana", "Wira")
_THEN = ("Niaga", "Mandala", "Gemilang", "Buana", "Lestari", "Adiguna", "Pratama")


@pytest.mark.parametrize("negatives", [stress.negatives, swindles.negatives])
def test_stress_questions_are_never_licensed_in_a_small_register(
    negatives: Callable[..., Iterator[Query]],
) -> None:
    entries = [
        entry("PT Bank Pelangi Samudra", licence="KEP-1/D.05/2021"),
        entry("PT BPR Cakra Kencana", licence="KEP-2/D.05/2022"),
        entry("KapasPay"),
    ]
    wrong: list[tuple[Query, str]] = []
    score = scoring.score(index_of(*entries).verify, list(negatives(entries, 1500)), wrong)
    assert not [query.text for query, status in wrong if status == "licensed"]
    assert score.negatives == 1500


def test_names_are_found_in_sentences_of_any_wording() -> None:
    entries = [entry(f"PT Bank {first} {then}") for first in _FIRST for then in _THEN]
    entries += [
        entry(f"{first}{then} Jempol", status="illegal") for first in _FIRST for then in _THEN
    ]
    index = index_of(*entries)
    said = wording.wordings()
    assert len(said.tuning) + len(said.held_out) >= 60
    for sentences in said:
        questions = list(wording.questions(index, entries, sentences, each=3))
        score = scoring.score(index.verify, questions)
        assert score.false_licensed == 0
        assert score.licensed_found >= 0.9


def test_peers_answer_the_same_questions() -> None:
    entries = [entry("PT Bank Pelangi Samudra"), entry("Dana Jempol", status="illegal")]
    for _, ask in peers.peers(entries):
        assert scoring.answer(ask("apakah bank pelangi samudra resmi?"))[0] == "licensed"
        assert scoring.answer(ask("zzz qqq"))[0] == "unknown"


def test_a_grown_register_is_measured() -> None:
    (grown,) = growing.grow([200])
    assert grown.names == 200
    assert 0 < grown.p50_us <= grown.p99_us


def test_growing_is_the_same_for_the_same_seed() -> None:
    first, second = (list(growing.synthetic(20, random.Random(3))) for _ in range(2))
    assert first == second


@pytest.mark.slow
@pytest.mark.skipif(not (DATA / "registry_queries").is_dir(), reason="no test data here")
def test_the_promises_hold_on_the_public_questions() -> None:
    entries = loading.entries(DATA / "ojk_registry")
    queries = loading.queries(DATA / "registry_queries" / "queries.csv")
    score = scoring.score(index_of(*entries).verify, queries)
    assert score.false_licensed == 0
    assert score.licensed_found >= 0.98
    assert score.licensed_found_in_sentences >= 0.95
    assert score.licensed_asserted_clean >= 0.99
    assert score.illegal_recall >= 0.98
    assert score.unknown_correct >= 0.97
    assert score.ambiguous_recall >= 0.85
