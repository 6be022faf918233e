"""`resmi translations`: extracts, checks and compiles what the screens say."""

from __future__ import annotations

import json as json_module
from typing import Annotated

import typer

from resmi.cli import catalogs

app = typer.Typer()

Json = Annotated[bool, typer.Option("--json", help="Print JSON instead of words.")]


@app.callback()
def root() -> None:
    """Translations of the screens. English is the source; Indonesian and Korean are files."""


@app.command()
def sync() -> None:
    """Brings the catalogues up to date with the sources: new texts in, unused texts out.

    Example: resmi translations sync
    """
    texts = catalogs.wanted()
    for language in catalogs.LANGUAGES:
        catalogs.sync(language, texts)
        left = [
            problem
            for problem in catalogs.problems(language, texts)
            if problem.kind == "untranslated"
        ]
        print(f"{catalogs.path_of(language)}: {len(texts)} places, {len(left)} to translate")


@app.command()
def check(json: Json = False) -> None:
    """Says what is missing, untranslated, fuzzy, unused or has other placeholders; then exits 1.

    Example: resmi translations check --json
    """
    texts = catalogs.wanted()
    found = [
        problem for language in catalogs.LANGUAGES for problem in catalogs.problems(language, texts)
    ]
    if json:
        print(json_module.dumps([vars(problem) for problem in found], ensure_ascii=False))
    else:
        for problem in found:
            print(problem)
        if not found:
            print("All texts are translated.")
    raise typer.Exit(1 if found else 0)


@app.command(name="compile")
def compile_all() -> None:
    """Writes the binary catalogues that Django reads (not kept in the repository).

    Example: resmi translations compile
    """
    for language in catalogs.LANGUAGES:
        print(catalogs.compile_catalog(language))
