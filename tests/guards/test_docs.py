"""What the documents name is there: commands, settings, addresses, files, roles."""

from __future__ import annotations

import importlib
import re
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from django.urls import Resolver404, resolve
from typer.main import get_command

from resmi.agency import rules
from resmi.cli import main
from tests.guards import sources

DOCS = [
    path
    for path in sources.tracked()
    if path.suffix == ".md" and path.parts[-2] in {sources.ROOT.name, "docs", "adr"}
]
COMMAND = re.compile(r"(?:^|[`(/]|\b(?:sudo|exec) )resmi ([a-z][^`#|\n]*)")
SETTING = re.compile(r"RESMI_[A-Z0-9_]*[A-Z0-9]")
WORD = re.compile(r"[a-z][a-z0-9-]*")


@cache
def _command(name: str) -> Any:
    found = main.BY_NAME.get(name)
    return get_command(importlib.import_module(found.module).app) if found else None


def _lines(text: str) -> list[str]:
    """Lines with those that go on joined, as a shell reads them; sentences over their line too."""
    joined = re.sub(r"\\\n\s*", "", text)
    return re.sub(r"`(resmi [^`\n]*)\n", r"`\1 ", joined).splitlines()


def _wrong(words: list[str]) -> str:
    """The first word of a command line that means nothing; "" when all is there."""
    command = _command(words[0])
    if command is None:
        return words[0]
    for word in words[1:]:
        inner = getattr(command, "commands", None)
        if inner is None:
            break
        if not WORD.fullmatch(word):
            return ""
        if word not in inner:
            return word
        command = inner[word]
    known = {"--help"} | {
        name for one in command.params for name in (*one.opts, *one.secondary_opts)
    }
    used = [word.partition("=")[0] for word in words if word.startswith("--")]
    return next((one for one in used if one not in known), "")


def _named(path: Path) -> list[list[str]]:
    return [
        found.rstrip(".,:;)").split()
        for line in _lines(path.read_text())
        for found in COMMAND.findall(line.strip())
    ]


@pytest.mark.parametrize("path", DOCS, ids=sources.name)
def test_every_command_and_option_in_the_documents_is_there(path: Path) -> None:
    wrong = {" ".join(words): _wrong(words) for words in _named(path)}
    assert {line: word for line, word in wrong.items() if word} == {}


def test_commands_are_found_in_the_documents() -> None:
    assert sum(len(_named(path)) for path in DOCS) > 60
    assert _wrong(["backup", "x.bak", "--pasphrase-file", "y"]) == "--pasphrase-file"
    assert _wrong(["retention", "sett"]) == "sett"


def test_every_command_for_people_is_in_the_documents() -> None:
    told = {words[0] for path in DOCS for words in _named(path)}
    assert {one.name for one in main.COMMANDS if not one.hidden} - told == set()


def test_every_setting_in_the_documents_is_read_somewhere() -> None:
    read = {
        name
        for path in sources.tracked()
        if path.suffix in {".py", ".sh", ""} and path.stat().st_size < 200_000
        for name in SETTING.findall(path.read_bytes().decode(errors="replace"))
    }
    told = {name for path in DOCS for name in SETTING.findall(path.read_text())}
    assert told - read == set()


def test_every_role_may_what_the_table_says() -> None:
    """`docs/people.md` names all roles, and what each may that not all may."""
    text = (sources.ROOT / "docs/people.md").read_text()
    rows = [
        [cell.strip() for cell in line.strip("|").split("|")]
        for line in text.splitlines()
        if line.startswith("| ") and line.count("|") == len(rules.ROLES) + 2
    ]
    (head, *told) = rows
    assert set(head[1:]) == set(rules.ROLES)
    table = {
        row[0]: {role for role, cell in zip(head[1:], row[1:], strict=True) if cell} for row in told
    }
    holders = {
        permission: {role for role, may in rules.ROLES.items() if permission in may}
        for permission in rules.PERMISSIONS - {"use_account", "see_all_queues"}
    }
    assert sorted(map(sorted, table.values())) == sorted(map(sorted, holders.values()))


@pytest.mark.parametrize("path", DOCS, ids=sources.name)
def test_links_files_and_addresses_in_the_documents_lead_somewhere(path: Path) -> None:
    text = path.read_text()
    links = {path.parent / link for link in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", text)}
    named = re.findall(r"`((?:src|docs|deploy|tests/\w+|scripts)/[\w./-]+)`", text)
    files = links | {sources.ROOT / name for name in named}
    assert {one for one in files if not one.exists()} == set()
    for address in re.findall(r"(?<![\w.])/(?:floor|desk|staff|audit)/[a-z/]*", text):
        try:
            resolve(address)
        except Resolver404:
            pytest.fail(f"{address} leads nowhere")
