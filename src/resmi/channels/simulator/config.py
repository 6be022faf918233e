"""How one simulator is set up, and the refusal to run beside real citizens."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec


class Timing(msgspec.Struct, frozen=True, kw_only=True):
    """Virtual seconds between steps. `auto_read` is when citizens read unasked; None: never."""

    sent: float = 0.1
    delivered: float = 0.3
    read: float = 0.4
    failed: float = 0.3
    review: float = 2.0
    auto_read: float | None = None


class Config(msgspec.Struct, frozen=True, kw_only=True):
    """Everything a simulator needs to know.

    `token`: the only access token accepted; empty accepts any but an expired one.
    `verify_token`: when set, the webhook is registered by Meta's GET challenge at the start.
    `frame_ancestors`: origins that may show the phone page in a frame.
    `clock_rate`: virtual seconds per real second; 0 stands still until advanced.
    `country`: dial code put before a `to` that has no plus sign.
    `keep`: file in which the world outlives the process; empty: it ends with it.
    `base_url`: how Resmi reaches this server, for media links; empty: from host and port.
    """

    host: str = "127.0.0.1"
    port: int = 8089
    webhook_url: str = ""
    app_secret: str = "simulator"  # noqa: S105 - signs nothing but play
    verify_token: str = ""
    token: str = ""
    phone_number_id: str = "109876543210001"
    waba_id: str = "209876543210001"
    portfolio_id: str = "309876543210001"
    display_number: str = "622130001500"
    business_name: str = "Resmi"
    country: str = "62"
    frame_ancestors: tuple[str, ...] = ()
    clock_rate: float = 1.0
    start_at: float | None = None
    base_url: str = ""
    keep: str = ""
    timing: Timing = Timing()
    personas: bool = True
    webhook_timeout: float = 20.0

    def own_url(self) -> str:
        """The address under which this server's media are fetched, without a closing slash."""
        return self.base_url.rstrip("/") or f"http://{self.host}:{self.port}"


class NotInProduction(Exception):
    """The simulator was started where real citizens are served; the text says what to do."""


def check_mode(env: Mapping[str, str]) -> None:
    """Raises `NotInProduction` unless `RESMI_MODE` is `demo` or `test`; unset is production."""
    mode = env.get("RESMI_MODE", "production")
    if mode not in ("demo", "test"):
        raise NotInProduction(
            f"The WhatsApp simulator does not run in mode {mode!r}: simulated citizens must never "
            "meet real data. Set RESMI_MODE=demo (or test) and a database of its own."
        )
