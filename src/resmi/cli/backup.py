"""`resmi backup`: everything into one encrypted, proved file."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Annotated

import typer

from resmi.cli.keeping import passphrases, saving
from resmi.cli.trouble import Trouble
from resmi.config import embedded

app = typer.Typer()

Passphrase = Annotated[
    Path | None,
    typer.Option(exists=True, dir_okay=False, help="File whose first line is the passphrase."),
]


@app.command()
def backup(
    file: Annotated[Path, typer.Argument(dir_okay=False, help="The file to write.")],
    passphrase_file: Passphrase = None,
    trial: Annotated[bool, typer.Option(help="Prove it by restoring it aside.")] = True,
    files: Annotated[
        bool, typer.Option(help="Citizens' files too; leave out what is saved otherwise.")
    ] = True,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace the file.")] = False,
) -> None:
    """Saves database, files and keys as of one moment, encrypted; nothing needs to stop for it.

    The file is restored into a throw-away database and compared before it gets its name.
    Example: resmi backup /backups/resmi-monday.bak --passphrase-file /etc/resmi/backup-passphrase
    """
    passphrase = passphrases.find(passphrase_file, os.environ)
    if file.exists() and not overwrite:
        raise Trouble(f"{file} exists already: choose another name, or give --overwrite.")
    if not file.parent.is_dir():
        raise Trouble(f"the folder {file.parent} does not exist.")
    url = embedded.ensure_database_url()
    saving.save(file, passphrase, url=url, env=os.environ, trial=trial, files=files, tell=tell)
    print(f"{file}: {file.stat().st_size / 1_000_000:,.1f} MB, encrypted.")
    if os.environ.get("RESMI_SECRET_KEY"):
        print("RESMI_SECRET_KEY stands in the environment and is not in it: keep it yourself.")
    if not files:
        print(
            "Citizens' files are not in it: keep a copy of them for as long as you keep this file."
        )


def tell(words: str) -> None:
    """Says how far it is, on standard error."""
    print(words, file=sys.stderr, flush=True)
