"""Reads `RESMI_…` environment variables. Pure: takes a mapping, returns values or raises."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit


class WrongSetting(Exception):
    """A setting is missing or malformed; the text names it and says how to mend it."""


def flag(env: Mapping[str, str], name: str, default: bool = False) -> bool:
    """A yes/no setting. Raises `WrongSetting` for anything but 1/0, true/false, yes/no, on/off."""
    word = env.get(name, "").strip().lower()
    if not word:
        return default
    if word in ("1", "true", "yes", "on"):
        return True
    if word in ("0", "false", "no", "off"):
        return False
    raise WrongSetting(f"{name}={word!r} is neither yes nor no: set it to 1 or 0.")


def words(env: Mapping[str, str], name: str, default: tuple[str, ...] = ()) -> list[str]:
    """A comma-separated list; blanks round the items are dropped."""
    text = env.get(name, "")
    items = [item.strip() for item in text.split(",") if item.strip()]
    return items or list(default)


def home(env: Mapping[str, str]) -> Path:
    """Where Resmi keeps its data: `RESMI_HOME`, else the XDG data directory."""
    if chosen := env.get("RESMI_HOME"):
        return Path(chosen).expanduser().resolve()
    base = env.get("XDG_DATA_HOME") or str(Path(env.get("HOME", "/var/lib")) / ".local/share")
    return Path(base) / "resmi"


def database(url: str) -> dict[str, Any]:
    """Django's description of the database at a `postgresql://…` URL. Raises `WrongSetting`."""
    parts = urlsplit(url)
    if parts.scheme not in ("postgresql", "postgres"):
        raise WrongSetting(
            "RESMI_DATABASE_URL must begin with postgresql:// "
            "(PostgreSQL 15 or newer is the only database)."
        )
    query = dict(parse_qsl(parts.query))
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(parts.path.lstrip("/")) or "postgres",
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": query.pop("host", "") or unquote(parts.hostname or ""),
        "PORT": str(parts.port or ""),
        "OPTIONS": query,
    }
