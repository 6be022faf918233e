"""Every `RESMI_…` setting, with its meaning. `docs/settings.md` and the doctor are made from it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Setting:
    """One environment variable: what it decides, and what holds without it."""

    name: str
    meaning: str
    default: str = ""


SETTINGS = (
    Setting(
        "RESMI_HOME",
        "Folder for data: embedded database, files, secret key.",
        "`/var/lib/resmi` for root, else `~/.local/share/resmi`",
    ),
    Setting(
        "RESMI_MODE",
        "`production`, `demo` (simulated citizens, sign-in by link) or `test`.",
        "`production`",
    ),
    Setting(
        "RESMI_SECRET_KEY",
        "Signs sessions and links; at least 50 random characters.",
        "the file `secret-key` in the home folder, made by `resmi init`",
    ),
    Setting(
        "RESMI_RECEIPT_KEYS",
        "File of the keys receipts are signed with; every machine needs the same one.",
        "the file `receipt-keys.json` in the home folder, made by `resmi init`",
    ),
    Setting(
        "RESMI_DATABASE_URL",
        "Your own PostgreSQL, 15 or newer: `postgresql://user:password@host:5432/name`; with a "
        "stand-in: `…@one,two/name?target_session_attrs=read-write`.",
        "an embedded PostgreSQL in the home folder",
    ),
    Setting("RESMI_BASE_URL", "The address people and WhatsApp reach this installation at."),
    Setting(
        "RESMI_HOSTS",
        "Names this installation answers to, separated by commas.",
        "`127.0.0.1,localhost,[::1]`",
    ),
    Setting(
        "RESMI_TRUSTED_ORIGINS",
        "Origins that may post forms when a proxy changes the host, separated by commas.",
    ),
    Setting(
        "RESMI_HTTPS",
        "Whether people reach it by HTTPS only: secure cookies, HSTS.",
        "`1` in production, else `0`",
    ),
    Setting(
        "RESMI_OIDC_URL",
        "Address of your OpenID Connect provider for single sign-on, where "
        "`/.well-known/openid-configuration` lies below. It must know "
        "`…/accounts/oidc/sso/login/callback/` as a redirect address.",
    ),
    Setting("RESMI_OIDC_CLIENT", "The client id Resmi has there."),
    Setting("RESMI_OIDC_SECRET", "The client's secret."),
    Setting("RESMI_OIDC_NAME", "What the button on the sign-in page calls it.", "`SSO`"),
    Setting("RESMI_OIDC_ROLE_CLAIM", "The claim that holds a person's groups.", "`groups`"),
    Setting(
        "RESMI_OIDC_ROLES",
        "Which group has which role, the first that fits counts: "
        "`chiefs=supervisor,counter=agent`. Who is in none of them can't sign in. Without it, "
        "administrators give roles here.",
    ),
    Setting(
        "RESMI_OIDC_CREATE",
        "Whether somebody without an account gets one when first signing in; needs "
        "`RESMI_OIDC_ROLES`.",
        "`0`",
    ),
    Setting(
        "RESMI_PROXIES",
        "How many proxies of yours stand in front and add to `X-Forwarded-For`; limits of the "
        "public pages count by the address before them.",
        "`0`",
    ),
    Setting("RESMI_TIME_ZONE", "The agency's time zone.", "`Asia/Jakarta`"),
    Setting("RESMI_LANGUAGE", "Language of screens before sign-in: `en`, `id` or `ko`.", "`en`"),
    Setting("RESMI_PACK", "Folder of the pack: the agency's behaviour as data.", "`packs/finance`"),
    Setting(
        "RESMI_STATIC",
        "Folder of the compressed files browsers load; made by `make install`, or at the start.",
        "`share/resmi/static` in the virtualenv",
    ),
    Setting(
        "RESMI_WHATSAPP_APP_SECRETS",
        "App secrets that sign webhooks, separated by commas (the new one beside the old).",
    ),
    Setting(
        "RESMI_WHATSAPP_VERIFY_TOKEN",
        "The word WhatsApp repeats when the webhook is registered; you make it up.",
    ),
    Setting("RESMI_WHATSAPP_TOKEN", "Access token of the system user that sends."),
    Setting(
        "RESMI_WHATSAPP_GRAPH_URL",
        "Where messages are sent to, with the version.",
        "`https://graph.facebook.com/v26.0`",
    ),
    Setting(
        "RESMI_STORAGE",
        "S3-compatible store of citizens' files: `s3://key:secret@host/bucket?region=…` "
        "(`s3+http://` without HTTPS). Needs `make install-s3`.",
        "the folder `media` in the home folder",
    ),
    Setting("RESMI_MEDIA_LARGEST_MB", "Largest file taken from a citizen, in MB.", "`100`"),
    Setting(
        "RESMI_MEDIA_TYPES",
        "Types of files taken from citizens, separated by commas, such as `image/*`; programs are "
        "never taken.",
        "pictures, sounds, videos, text, PDF, office documents, ZIP",
    ),
    Setting(
        "RESMI_MEDIA_KEEP_DAYS",
        "Days after which the files of messages are deleted; the messages stay.",
        "`0`: files are kept",
    ),
    Setting(
        "RESMI_CLAMAV",
        "Virus scanner every citizen's file passes first: `tcp://127.0.0.1:3310` or "
        "`unix:///run/clamav/clamd.ctl`. While it does not answer, files wait.",
    ),
    Setting(
        "RESMI_MAIL_URL",
        "Server that sends e-mail: `smtp+tls://user:password@host:587`; `smtps://` and `smtp://` "
        "too. Without it no e-mail leaves.",
    ),
    Setting("RESMI_MAIL_FROM", "Sender of e-mail.", "`resmi@localhost`"),
    Setting("RESMI_ALARM_EMAILS", "Who gets urgent alarms by e-mail, separated by commas."),
    Setting("RESMI_ALARM_WEBHOOK", "Address every alarm and its end is posted to, as JSON."),
    Setting(
        "RESMI_ALARM_SECRET",
        "Signs what is posted there: `X-Resmi-Signature-256` is the HMAC-SHA256 of the body.",
    ),
    Setting(
        "RESMI_ALARM_EVERY_S",
        "Seconds between two looks for something alarming; `0` looks never.",
        "`15`",
    ),
    Setting(
        "RESMI_METRICS_TOKEN",
        "Bearer token `/metrics` asks for.",
        "only this machine itself may read `/metrics`",
    ),
    Setting(
        "RESMI_LOG",
        "`json` (one object a line) or `text`.",
        "`json` in production, else `text`",
    ),
    Setting(
        "RESMI_LOG_LEVEL", "Least that is logged: `debug`, `info`, `warning`, `error`.", "`info`"
    ),
    Setting(
        "RESMI_BACKUP_PASSPHRASE",
        "Encrypts backups, where `--passphrase-file` is not given.",
    ),
    Setting(
        "RESMI_SIMULATOR_URL",
        "Origin of the simulator whose phone the demo page shows. Demo only.",
    ),
    Setting("RESMI_SUPERVISOR_PID", "Set by `resmi up` and `resmi demo` for what they start."),
    Setting("RESMI_TEST_SERVER", "Tests: URL of a PostgreSQL to use instead of the embedded one."),
    Setting("RESMI_TEST_DATABASE", "Tests: name of the database."),
    Setting("RESMI_TEST_DATA", "Tests: folder with real lists and payloads."),
    Setting("RESMI_TEST_LINE", "Tests: seed of a slow line between browsers and servers."),
    Setting("RESMI_CHROMIUM", "Tests: path of the browser; `none` leaves browser tests out."),
)
NAMES = frozenset(setting.name for setting in SETTINGS)


def table() -> str:
    """The settings as a Markdown table."""
    rows = ["| setting | meaning | without it |", "|---|---|---|"]
    rows += [f"| `{one.name}` | {one.meaning} | {one.default or 'empty'} |" for one in SETTINGS]
    return "\n".join(rows) + "\n"
