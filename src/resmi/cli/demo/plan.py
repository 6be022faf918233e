"""Where a demo runs and with which settings."""

from __future__ import annotations

import os
import secrets
import socket
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from resmi.cli import secret
from resmi.config import environment
from resmi.registry.receipts import keyring

WEB_PORT = 8700
SIMULATOR_PORT = 8701
HOST = "127.0.0.1"


@dataclass(frozen=True, kw_only=True)
class Plan:
    """One demo: its folder and the ports it listens on, on loopback only."""

    home: Path
    web_port: int
    simulator_port: int

    @property
    def web(self) -> str:
        """The address of the desk."""
        return f"http://{HOST}:{self.web_port}"

    @property
    def simulator(self) -> str:
        """The address of the phone."""
        return f"http://{HOST}:{self.simulator_port}"

    @property
    def page(self) -> str:
        """The page with the phone beside the desk."""
        return f"{self.web}/demo/"


def home_for(chosen: Path | None, env: Mapping[str, str]) -> Path:
    """The demo's own folder, never that of an installation with real citizens."""
    if chosen:
        return chosen.expanduser().absolute()
    if env.get("RESMI_HOME"):
        return environment.home(env) / "demo"
    return environment.home(env, name="resmi-demo")


def free_port(preferred: int) -> int:
    """The preferred port of loopback when nobody listens there, else any free one."""
    for port in (preferred, 0):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((HOST, port))
            except OSError:
                continue
            return int(probe.getsockname()[1])
    raise OSError("no port of loopback is free")


def settings(plan: Plan, database_url: str, pack: Path) -> dict[str, str]:
    """The environment of the demo's processes: nothing of ours that begins with RESMI_."""
    secret.ensure_key(plan.home)
    keyring.ensure(plan.home / environment.RECEIPT_KEYS_FILE, datetime.now(UTC))
    outside = {name: value for name, value in os.environ.items() if not name.startswith("RESMI_")}
    return {
        **outside,
        "RESMI_MODE": "demo",
        "RESMI_HOME": str(plan.home),
        "RESMI_DATABASE_URL": database_url,
        "RESMI_PACK": str(pack),
        "RESMI_BASE_URL": plan.web,
        "RESMI_SIMULATOR_URL": plan.simulator,
        "RESMI_WHATSAPP_APP_SECRETS": secrets.token_hex(16),
        "RESMI_WHATSAPP_VERIFY_TOKEN": secrets.token_hex(16),
        "RESMI_WHATSAPP_TOKEN": secrets.token_hex(16),
        "RESMI_WHATSAPP_GRAPH_URL": f"{plan.simulator}/v26.0",
    }
