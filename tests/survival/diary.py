"""What the scenarios of this run killed and found, for the table that is printed at the end."""

from __future__ import annotations

import json
import os
from collections import Counter
from pathlib import Path

from tests.survival.ledger import Ledger

FILE = "RESMI_SURVIVAL_DIARY"


def note_kill(scenario: str, victim: str, moment: str) -> None:
    """Something was killed, or broken, at this moment."""
    _write({"scenario": scenario, "victim": victim, "moment": moment})


def note_ledger(scenario: str, found: Ledger) -> None:
    """The books of a scenario were drawn up."""
    _write(
        {
            "scenario": scenario,
            "messages": found.stored,
            "answered": found.answered,
            "open": found.open,
            "unknown": found.deliveries.get("unknown", 0),
            "lost": found.lost,
        }
    )


def note_fact(scenario: str, fact: str) -> None:
    """Something measured, in words."""
    _write({"scenario": scenario, "fact": fact})


def table(text: str) -> str:
    """The diary as a Markdown table: one line a scenario."""
    scenarios: dict[str, list[dict[str, object]]] = {}
    for line in text.splitlines():
        entry = json.loads(line)
        scenarios.setdefault(str(entry["scenario"]), []).append(entry)
    head = "| scenario | what was killed or broken, and when | messages | lost | measured |"
    lines = [head, "|---|---|---|---|---|"]
    for name, entries in scenarios.items():
        kills = Counter(
            f"{one['victim']} {one['moment']}".strip() for one in entries if "victim" in one
        )
        books = [one for one in entries if "messages" in one]
        cells = [
            name,
            "; ".join(f"{what} ×{n}" if n > 1 else what for what, n in kills.items()),
            str(books[-1]["messages"]) if books else "",
            str(books[-1]["lost"]) if books else "",
            "; ".join(dict.fromkeys(str(one["fact"]) for one in entries if "fact" in one)),
        ]
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)


def _write(entry: dict[str, object]) -> None:
    if name := os.environ.get(FILE):
        with Path(name).open("a", encoding="utf-8") as book:
            book.write(json.dumps(entry) + "\n")
