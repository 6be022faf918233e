"""`resmi restore`: an installation from a backup."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import psycopg
import typer

from resmi.cli.backup import Passphrase, tell
from resmi.cli.keeping import passphrases, restoring, saving
from resmi.cli.trouble import Trouble
from resmi.config import embedded

app = typer.Typer()


@app.command()
def restore(
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="The backup.")],
    passphrase_file: Passphrase = None,
    replace: Annotated[
        bool, typer.Option("--replace", help="Also where there is data; it is kept aside.")
    ] = False,
    only_try: Annotated[
        bool, typer.Option("--only-try", help="Prove that it can be restored; change nothing.")
    ] = False,
) -> None:
    """Puts a backup in the place of this installation's database, files and keys.

    It is unpacked and proved beside them first. Stop Resmi before.
    Example: resmi restore /backups/resmi-monday.bak --passphrase-file /etc/resmi/backup-passphrase
    """
    passphrase = passphrases.find(passphrase_file, os.environ)
    url = embedded.ensure_database_url()
    try:
        if only_try:
            manifest = saving.try_out(file, passphrase, url=url, tell=tell)
        else:
            manifest = restoring.restore(
                file, passphrase, url=url, env=os.environ, replace=replace, tell=tell
            )
    except (OSError, psycopg.Error) as error:
        raise Trouble(f"{file} was not restored: {str(error).splitlines()[0]}") from error
    print(f"As of {manifest.made_at:%Y-%m-%d %H:%M:%S} UTC.")
    if not only_try:
        print("Next: resmi init (brings tables up to date), then start Resmi.")
