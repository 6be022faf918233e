"""Reads `RESMI_…` environment variables. Takes a mapping, returns values or raises."""

from __future__ import annotations

import math
import os
import re
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import SplitResult, unquote, urlsplit

KEY_FILE = "secret-key"
RECEIPT_KEYS_FILE = "receipt-keys.json"
SHARED = Path(sys.prefix) / "share" / "resmi"
MEDIA_TYPES = (
    *("image/*", "audio/*", "video/*", "text/plain", "text/csv", "application/pdf"),
    *("application/zip", "application/msword", "application/vnd.ms-excel"),
    *("application/vnd.ms-powerpoint", "application/vnd.openxmlformats-officedocument.*"),
    "application/vnd.oasis.opendocument.*",
)
SHIPPED_PACKS = Path(__file__).resolve().parent.parent / "packs"


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


def count(env: Mapping[str, str], name: str, default: int = 0) -> int:
    """A whole number, 0 or more. Raises `WrongSetting` for anything else."""
    text = env.get(name, "").strip()
    if not text:
        return default
    if text.isascii() and text.isdecimal() and len(text) < 10:
        return int(text)
    raise WrongSetting(f"{name}={text!r} is no whole number: set it to 0, 1, 2 …")


def seconds(env: Mapping[str, str], name: str, default: float) -> float:
    """A span in seconds, 0 or more. Raises `WrongSetting` for anything else."""
    text = env.get(name, "").strip()
    if not text:
        return default
    try:
        value = float(text)
    except ValueError:
        value = -1.0
    if 0 <= value < math.inf:
        return value
    raise WrongSetting(f"{name}={text!r} is no number of seconds: set it to 15, say.")


_DATABASE_URL = re.compile(
    r"postgres(?:ql)?://(?P<places>[^/?#]*)(?P<path>/[^?#]*)?(?:\?(?P<query>[^#]*))?"
)
MAIL_SCHEMES = {
    "smtp": (25, False, False),
    "smtp+tls": (587, True, False),
    "smtps": (465, False, True),
}


def mail(url: str) -> dict[str, Any]:
    """Django's mail settings for `smtp://`, `smtp+tls://` or `smtps://user:password@host:port`.

    Without a URL nothing is sent. Raises `WrongSetting`.
    """
    if not url:
        return {"EMAIL_BACKEND": "django.core.mail.backends.dummy.EmailBackend"}
    parts = _apart(url, "RESMI_MAIL_URL")
    if parts.scheme not in MAIL_SCHEMES or not parts.hostname:
        raise WrongSetting(
            "RESMI_MAIL_URL must look like smtp+tls://user:password@mail.example:587 "
            f"(or begin with {', '.join(sorted(MAIL_SCHEMES))})."
        )
    port, tls, ssl = MAIL_SCHEMES[parts.scheme]
    return {
        "EMAIL_BACKEND": "django.core.mail.backends.smtp.EmailBackend",
        "EMAIL_HOST": parts.hostname,
        "EMAIL_PORT": _port(url, "RESMI_MAIL_URL") or port,
        "EMAIL_HOST_USER": unquote(parts.username or ""),
        "EMAIL_HOST_PASSWORD": unquote(parts.password or ""),
        "EMAIL_USE_TLS": tls,
        "EMAIL_USE_SSL": ssl,
    }


def sign_on(env: Mapping[str, str]) -> dict[str, Any]:
    """Single sign-on: `apps` as allauth wants them, and how accounts follow from a sign-in.

    `roles` maps a value of the claim to a role, in the order given. Raises `WrongSetting`.
    """
    url, client = env.get("RESMI_OIDC_URL", ""), env.get("RESMI_OIDC_CLIENT", "")
    if bool(url) != bool(client):
        raise WrongSetting("RESMI_OIDC_URL and RESMI_OIDC_CLIENT belong together: set both.")
    pairs = [word.rpartition("=") for word in words(env, "RESMI_OIDC_ROLES")]
    if any(not group or not role for group, _, role in pairs):
        raise WrongSetting("RESMI_OIDC_ROLES must look like counter=agent,chiefs=supervisor.")
    app = {
        "provider_id": "sso",
        "name": env.get("RESMI_OIDC_NAME") or "SSO",
        "client_id": client,
        "secret": env.get("RESMI_OIDC_SECRET", ""),
        "settings": {"server_url": url, "fetch_userinfo": True},
    }
    return {
        "apps": [app] if url else [],
        "claim": env.get("RESMI_OIDC_ROLE_CLAIM") or "groups",
        "roles": {group: role for group, _, role in pairs},
        "creates": flag(env, "RESMI_OIDC_CREATE"),
    }


def words(env: Mapping[str, str], name: str, default: tuple[str, ...] = ()) -> list[str]:
    """A comma-separated list; blanks round the items are dropped."""
    text = env.get(name, "")
    items = [item.strip() for item in text.split(",") if item.strip()]
    return items or list(default)


def home(env: Mapping[str, str], *, name: str = "resmi", root: bool | None = None) -> Path:
    """Where Resmi keeps its data: `RESMI_HOME`, else `name` in the XDG data directory.

    For root without either it is below `/var/lib`: the embedded PostgreSQL can't run as root, and
    its service account must not be let into root's own home. `root` is found out when not given.
    """
    if chosen := env.get("RESMI_HOME"):
        return Path(chosen).expanduser().absolute()
    if base := env.get("XDG_DATA_HOME"):
        return Path(base) / name
    if (os.geteuid() == 0) if root is None else root:
        return Path("/var/lib") / name
    return Path(env.get("HOME") or "~").expanduser() / ".local" / "share" / name


def static_files(env: Mapping[str, str]) -> Path:
    """Where what browsers load is collected: `RESMI_STATIC`, else beside the installed packages."""
    chosen = env.get("RESMI_STATIC")
    return Path(chosen).expanduser().absolute() if chosen else SHARED / "static"


def storage(url: str) -> dict[str, Any]:
    """Django's storage of citizens' files: a folder, or `s3://key:secret@host:port/bucket`.

    `s3+http://` is for a store without HTTPS on the same network; without a key the machine's own
    rights count; `?region=` where the store wants one. Raises `WrongSetting`.
    """
    if not url:
        return {"BACKEND": "django.core.files.storage.FileSystemStorage"}
    parts = _apart(url, "RESMI_STORAGE")
    bucket = parts.path.strip("/")
    if parts.scheme not in ("s3", "s3+http") or not parts.hostname or not bucket:
        raise WrongSetting("RESMI_STORAGE must look like s3://key:secret@host/bucket?region=…")
    port = _port(url, "RESMI_STORAGE")
    scheme = "http" if parts.scheme == "s3+http" else "https"
    options: dict[str, Any] = {
        "bucket_name": bucket,
        "endpoint_url": f"{scheme}://{parts.hostname}" + (f":{port}" if port else ""),
        "file_overwrite": False,
        "querystring_auth": True,
        "default_acl": None,
        "addressing_style": "path",
        "region_name": _query(parts.query).get("region") or None,
    }
    if parts.username:
        options["access_key"] = unquote(parts.username)
        options["secret_key"] = unquote(parts.password or "")
    return {"BACKEND": "storages.backends.s3.S3Storage", "OPTIONS": options}


def scanner(env: Mapping[str, str]) -> str:
    """Where clamd listens: `tcp://host:port` or `unix:///path`, empty for none.

    Raises `WrongSetting` for anything else.
    """
    address = env.get("RESMI_CLAMAV", "").strip()
    parts = _apart(address, "RESMI_CLAMAV")
    right = parts.hostname if parts.scheme == "tcp" else parts.scheme == "unix" and parts.path
    if address and not right:
        raise WrongSetting("RESMI_CLAMAV must look like tcp://127.0.0.1:3310 or unix:///path.")
    return address


def pack(env: Mapping[str, str]) -> Path:
    """The folder of the pack: `RESMI_PACK`, else the finance pack that comes with Resmi."""
    return Path(env.get("RESMI_PACK") or SHIPPED_PACKS / "finance").expanduser().absolute()


def secret_key(env: Mapping[str, str], folder: Path) -> str:
    """`RESMI_SECRET_KEY`, else what `resmi init` wrote into `folder`, else nothing.

    Raises `WrongSetting` when the file is there but may not be read.
    """
    if given := env.get("RESMI_SECRET_KEY"):
        return given
    try:
        return (folder / KEY_FILE).read_text().strip()
    except FileNotFoundError:
        return ""
    except PermissionError as error:
        raise WrongSetting(
            f"The secret key in {folder / KEY_FILE} may not be read by this account: run Resmi as "
            "its owner, or set RESMI_SECRET_KEY."
        ) from error


def receipt_keys(env: Mapping[str, str], folder: Path) -> Path:
    """The file of the keys receipts are signed with."""
    return Path(env.get("RESMI_RECEIPT_KEYS") or folder / RECEIPT_KEYS_FILE).expanduser()


def database(url: str) -> dict[str, Any]:
    """Django's description of the database at a `postgresql://…` URL. Raises `WrongSetting`.

    Several hosts, `postgresql://user@one,two:5433/resmi?target_session_attrs=read-write`, are a
    server and those that can take its place: whichever accepts writes is used.
    """
    parts = database_parts(url)
    query = _query(parts.query)
    account, _, places = parts.netloc.rpartition("@")
    user, _, password = account.partition(":")
    hosts, ports = _hosts(places)
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(parts.path.lstrip("/")) or "postgres",
        "USER": unquote(user),
        "PASSWORD": unquote(password),
        "HOST": query.pop("host", "") or hosts,
        "PORT": query.pop("port", "") or ports,
        "OPTIONS": query,
    }


def database_parts(url: str) -> SplitResult:
    """The URL of a database taken apart. Raises `WrongSetting` if it is not one of PostgreSQL.

    `urlsplit` won't do: in some releases of Python it refuses several hosts, one of them in
    brackets.
    """
    found = _DATABASE_URL.fullmatch(url)
    if found is None:
        raise WrongSetting(
            "RESMI_DATABASE_URL must begin with postgresql:// "
            "(PostgreSQL 15 or newer is the only database)."
        )
    return SplitResult("postgresql", found["places"], found["path"] or "", found["query"] or "", "")


def _hosts(places: str) -> tuple[str, str]:
    """Hosts and their ports, as libpq lists them; no ports when none is named."""
    hosts, ports = [], []
    for place in places.split(","):
        found = _apart(f"//{place}", "RESMI_DATABASE_URL")
        hosts.append(unquote(found.hostname or ""))
        ports.append(str(_port(found.geturl(), "RESMI_DATABASE_URL") or ""))
    return ",".join(hosts), ",".join(ports) if any(ports) else ""


def _query(text: str) -> dict[str, str]:
    """The options after the question mark. As in libpq, a plus sign is itself and not a blank."""
    pairs = (pair.partition("=") for pair in text.split("&") if pair)
    return {unquote(name): unquote(value) for name, _, value in pairs}


def _apart(address: str, name: str) -> SplitResult:
    try:
        return urlsplit(address)
    except ValueError as error:
        raise WrongSetting(f"{name} is not an address: {error}.") from error


def _port(url: str, name: str) -> int | None:
    try:
        return urlsplit(url).port
    except ValueError as error:
        raise WrongSetting(f"{name} names an impossible port: {error}.") from error
