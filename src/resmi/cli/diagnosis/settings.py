"""The settings: what is missing, wrong, or misspelt. Pure."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from resmi.cli.diagnosis.finding import Finding, error, ok, warning
from resmi.config import catalogue, environment
from resmi.config.environment import WrongSetting

MODES = ("production", "demo", "test")
LOOPBACK = ("127.0.0.1", "localhost", "::1")
KEY_LENGTH = 50
GRAPH_URL = "https://graph.facebook.com/v26.0"


def examine(env: Mapping[str, str]) -> Iterator[Finding]:
    """Every setting that can be judged without touching the machine, but for the key file."""
    yield from misspelt(env)
    yield mode(env)
    yield secret_key(env)
    yield time_zone(env)
    yield https_flag(env)
    if env.get("RESMI_MODE", "production") == "production":
        yield base_url(env)
        yield simulator(env)
    yield from whatsapp(env)
    yield alarms(env)


def misspelt(env: Mapping[str, str]) -> Iterator[Finding]:
    """Variables that look like settings and are none."""
    for name in sorted(env):
        if name.startswith("RESMI_") and name not in catalogue.NAMES:
            near = difflib.get_close_matches(name, catalogue.NAMES, n=1)
            mend = f"Did you mean {near[0]}?" if near else "Remove it; docs/settings.md lists all."
            yield warning("settings", f"{name} is not a setting and is ignored", mend)


def mode(env: Mapping[str, str]) -> Finding:
    """Production, demo or test."""
    chosen = env.get("RESMI_MODE", "production")
    if chosen in MODES:
        return ok("mode", chosen)
    return error(
        "mode", f"RESMI_MODE={chosen!r} is unknown", f"Set it to one of {', '.join(MODES)}."
    )


def secret_key(env: Mapping[str, str]) -> Finding:
    """What signs sessions is there and can't be guessed."""
    try:
        key = environment.secret_key(env, environment.home(env))
    except WrongSetting as wrong:
        return error("secret key", "can't be read", str(wrong))
    if not key:
        return error("secret key", "there is none", "Run: resmi init (it makes one)")
    if len(key) < KEY_LENGTH:
        return warning(
            "secret key",
            f"is only {len(key)} characters long",
            f"Use at least {KEY_LENGTH} random characters, or unset RESMI_SECRET_KEY and run "
            "resmi init.",
        )
    return ok("secret key", "is set")


def time_zone(env: Mapping[str, str]) -> Finding:
    """The agency's time zone exists."""
    name = env.get("RESMI_TIME_ZONE", "Asia/Jakarta")
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        mend = "Set RESMI_TIME_ZONE to a name such as Asia/Jakarta."
        return error("time zone", f"{name!r} is not known to this machine", mend)
    return ok("time zone", name)


def https_flag(env: Mapping[str, str]) -> Finding:
    """RESMI_HTTPS is yes or no, and yes in production."""
    production = env.get("RESMI_MODE", "production") == "production"
    try:
        on = environment.flag(env, "RESMI_HTTPS", default=production)
    except WrongSetting as wrong:
        return error("https", str(wrong), "Set RESMI_HTTPS to 1 or 0.")
    if production and not on:
        return warning(
            "https",
            "cookies travel in the clear",
            "Put a proxy with HTTPS before Resmi and remove RESMI_HTTPS=0.",
        )
    return ok("https", "on" if on else "off")


def base_url(env: Mapping[str, str]) -> Finding:
    """WhatsApp delivers only to a public HTTPS address, and Django answers only known names."""
    url = env.get("RESMI_BASE_URL", "")
    if not url:
        return error(
            "base url", "RESMI_BASE_URL is not set", "Set it: RESMI_BASE_URL=https://your.domain"
        )
    parts = urlsplit(url)
    if parts.scheme != "https":
        return error("base url", f"{url} is not https", "WhatsApp delivers to https only.")
    hosts = environment.words(env, "RESMI_HOSTS", LOOPBACK)
    if not any(_answers(host, parts.hostname or "") for host in hosts):
        mend = f"Set RESMI_HOSTS={parts.hostname}"
        return error("base url", f"{parts.hostname} is not among RESMI_HOSTS", mend)
    return ok("base url", url)


def _answers(host: str, name: str) -> bool:
    """Django's meaning of an allowed host: exact, `.suffix`, or `*`."""
    if host.startswith("."):
        return name == host[1:] or name.endswith(host)
    return host in ("*", name)


def simulator(env: Mapping[str, str]) -> Finding:
    """No simulated citizens beside real ones."""
    if env.get("RESMI_SIMULATOR_URL"):
        return error(
            "simulator",
            "RESMI_SIMULATOR_URL is set in production",
            "Unset it, or set RESMI_MODE=demo with a database of its own.",
        )
    host = urlsplit(env.get("RESMI_WHATSAPP_GRAPH_URL", GRAPH_URL)).hostname or ""
    if host in LOOPBACK:
        return error(
            "simulator",
            f"RESMI_WHATSAPP_GRAPH_URL points to this machine ({host}) in production",
            "Unset it: messages then go to WhatsApp.",
        )
    return ok("simulator", "off")


def whatsapp(env: Mapping[str, str]) -> Iterator[Finding]:
    """The three secrets of a WhatsApp number; without any of them there is no number yet."""
    wanted = {
        "RESMI_WHATSAPP_APP_SECRETS": "App dashboard → Settings → Basic → App secret.",
        "RESMI_WHATSAPP_VERIFY_TOKEN": "Make one up; register the webhook with the same.",
        "RESMI_WHATSAPP_TOKEN": "Business settings → System users → Generate token.",
    }
    missing = [name for name in wanted if not env.get(name)]
    if len(missing) == len(wanted):
        yield warning(
            "whatsapp", "no number is connected", "Set " + ", ".join(wanted) + ": docs/settings.md"
        )
        return
    for name in missing:
        yield error("whatsapp", f"{name} is not set", wanted[name])
    if not missing:
        yield ok("whatsapp", "secrets and tokens are set")
    graph = urlsplit(env.get("RESMI_WHATSAPP_GRAPH_URL", GRAPH_URL))
    if graph.scheme not in ("https", "http") or not graph.hostname:
        yield error("whatsapp", "RESMI_WHATSAPP_GRAPH_URL is not an address", f"Use {GRAPH_URL}")


def alarms(env: Mapping[str, str]) -> Finding:
    """Somebody is told when something is wrong at night."""
    try:
        environment.mail(env.get("RESMI_MAIL_URL", ""))
    except WrongSetting as wrong:
        return error("alarms", "e-mail can't be sent", str(wrong))
    if env.get("RESMI_ALARM_EMAILS") and not env.get("RESMI_MAIL_URL"):
        return warning("alarms", "nobody can be mailed", "Set RESMI_MAIL_URL to a mail server.")
    if env.get("RESMI_ALARM_WEBHOOK") and not env.get("RESMI_ALARM_SECRET"):
        return warning(
            "alarms",
            "what is posted to RESMI_ALARM_WEBHOOK can't be told from forgeries",
            "Set RESMI_ALARM_SECRET, and check the signature at the receiver.",
        )
    if not env.get("RESMI_ALARM_EMAILS") and not env.get("RESMI_ALARM_WEBHOOK"):
        return warning(
            "alarms",
            "are shown on the floor only",
            "Set RESMI_MAIL_URL and RESMI_ALARM_EMAILS, or RESMI_ALARM_WEBHOOK.",
        )
    return ok("alarms", "somebody is told")
