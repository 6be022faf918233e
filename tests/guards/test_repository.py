"""Nothing of a machine, a registry or a secret gets into the repository."""

from __future__ import annotations

import re

from tests.guards import sources

MACHINE = re.compile(r"/(?:home|Users)/\w+/|/work/(?:main|shared)|/root/")
INDEXES = re.compile(
    r"--(?:extra-)?index-url|--find-links|\[\[?tool\.uv\.index|registry\.npmjs|simple/"
)
KEYS = re.compile(r"-----BEGIN [A-Z ]*PRIVATE KEY-----|EAA[A-Za-z0-9]{40,}|AKIA[0-9A-Z]{16}")
SELF = "tests/guards/test_repository.py"


def _found(pattern: re.Pattern[str]) -> dict[str, str]:
    found = {}
    for path in sources.tracked():
        if sources.name(path) == SELF or path.stat().st_size > 2_000_000:
            continue
        match = pattern.search(path.read_bytes().decode(errors="replace"))
        if match:
            found[sources.name(path)] = match.group()
    return found


def test_no_paths_of_a_machine() -> None:
    assert _found(MACHINE) == {}


def test_no_package_index_is_named() -> None:
    assert _found(INDEXES) == {}


def test_no_keys() -> None:
    assert _found(KEYS) == {}


def test_compiled_catalogues_are_not_kept() -> None:
    assert [path for path in sources.tracked() if path.suffix == ".mo"] == []
