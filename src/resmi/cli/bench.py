"""`resmi bench`: measures, and prints the measurements as JSON."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Annotated, Any

import msgspec
import typer

from resmi.cli.growth import command as growth
from resmi.cli.pipeline import command as pipeline
from resmi.cli.pipeline import flooding, idle
from resmi.cli.screens import command as screens
from resmi.cli.trouble import Trouble
from resmi.registry.bench import (
    growing,
    loading,
    odd,
    peers,
    scoring,
    stress,
    swindles,
    wording,
)
from resmi.registry.index import Index
from resmi.registry.rules import Entry

app = typer.Typer()
_PEERS_ASKED = 1200
app.command()(pipeline.pipeline)
app.command()(flooding.flood)
app.command()(screens.desk)
app.command()(growth.growth)
app.command()(idle.idle)


@app.callback()
def group() -> None:
    """Measures how good and how fast this installation's code is."""


_Register = Annotated[Path, typer.Option(help="Folder with the register's CSVs.")]
_Queries = Annotated[
    Path, typer.Option(help="CSV of labelled queries (may be gzipped), or the folder it is in.")
]
_AsJson = Annotated[bool, typer.Option("--json", help="Answer as JSON.")]
_WithPeers = Annotated[bool, typer.Option("--peers", help="Ask common matchers too.")]
_Stressed = Annotated[
    int, typer.Option("--stress", help="Negatives to ask of each of two generators.")
]
_Worded = Annotated[bool, typer.Option("--wording", help="Ask in sentences nobody tuned to.")]
_Scale = Annotated[str, typer.Option(help="Sizes of synthetic registers: 3000,30000.")]


@app.command()
def verify(
    register: _Register,
    queries: _Queries,
    as_json: _AsJson = False,
    with_peers: _WithPeers = False,
    stressed: _Stressed = 0,
    worded: _Worded = False,
    scale: _Scale = "",
) -> None:
    """Asks the matcher labelled questions about a register and scores the answers.

    Example: resmi bench verify --register data/register --queries data/queries.csv --json
    """
    try:
        entries = loading.entries(register)
        asked = loading.queries(queries)
    except loading.Layout as error:
        raise Trouble(str(error)) from error
    sizes = _sizes(scale)
    index, report = _measured(entries, asked)
    if stressed:
        report |= _stress(index, entries, stressed)
    if worded:
        report["wording"] = _worded(index, entries)
    if with_peers:
        report["peers"] = _peers(index, entries, asked)
    if sizes:
        report["scale"] = [msgspec.to_builtins(grown) for grown in growing.grow(sizes)]
    _tell(report, as_json)


def _sizes(scale: str) -> list[int]:
    try:
        sizes = [int(size) for size in scale.split(",") if size.strip()]
    except ValueError:
        sizes = [0]
    if any(size < 1 for size in sizes):
        raise Trouble(f"--scale takes whole numbers with commas between them, not {scale!r}.")
    return sizes


def _measured(entries: list[Entry], asked: list[loading.Query]) -> tuple[Index, dict[str, Any]]:
    """The index built from the entries and mapped from a file, and its scores on the questions."""
    begin = time.process_time()
    built = Index(entries)
    build_s = time.process_time() - begin
    index, open_s = growing.shelved(built)
    names = sum(1 + len(entry.names) for entry in entries)
    measured = growing.Measured(
        names=names,
        build_s=round(build_s, 3),
        open_s=round(open_s, 3),
        bytes_per_name=round(index.nbytes / names, 1),
    )
    scores = msgspec.to_builtins(scoring.score(index.verify, asked))
    oddest = {"worst_odd_ms": odd.slowest(index, entries)}
    return index, scores | msgspec.to_builtins(measured) | oddest


def _stress(index: Index, entries: list[Entry], count: int) -> dict[str, Any]:
    """The scores on so many generated negatives of either kind."""
    return {
        name: _brief(scoring.score(index.verify, list(made(entries, count))))
        for name, made in (("stress", stress.negatives), ("swindles", swindles.negatives))
    }


def _worded(index: Index, entries: list[Entry]) -> dict[str, Any]:
    """The scores on names in sentences that may be looked at while building, and in others."""
    return {
        name: _brief(scoring.score(index.verify, list(wording.questions(index, entries, said))))
        for name, said in wording.wordings()._asdict().items()
    }


def _peers(index: Index, entries: list[Entry], asked: list[loading.Query]) -> dict[str, Any]:
    """The peers' scores beside our own on an even sample: some peers take 30 ms a query."""
    sample = asked[:: max(1, len(asked) // _PEERS_ASKED)]
    own = scoring.score(index.verify, sample)
    return {
        "resmi": _brief(own),
        **{name: _brief(scoring.score(ask, sample)) for name, ask in peers.peers(entries)},
    }


def _brief(score: scoring.Score) -> dict[str, Any]:
    return {key: value for key, value in msgspec.to_builtins(score).items() if key != "by_kind"}


def _tell(report: dict[str, Any], as_json: bool) -> None:
    if as_json:
        print(msgspec.json.encode(report).decode())
        return
    for key, value in report.items():
        if not isinstance(value, dict | list):
            print(f"{key:28} {value:.4f}" if isinstance(value, float) else f"{key:28} {value}")
