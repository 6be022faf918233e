"""What is logged and how: one line an event, with its action and ids, never what anybody wrote.

`json` is for whoever collects logs, `text` for people at a terminal. Both go to standard error.
Of an exception its type, the first line of its message and the places in the code are kept: the
rest (PostgreSQL's details, say) may quote rows.
"""

from __future__ import annotations

import logging
import logging.config
import sys
import traceback
from collections.abc import MutableMapping
from types import TracebackType
from typing import Any

import msgspec
import structlog

from resmi.config.environment import WrongSetting

FORMS = ("json", "text")
LEVELS = ("debug", "info", "warning", "error")
FRAMES = 25
LONGEST = 300

Event = MutableMapping[str, Any]
ExcInfo = tuple[type[BaseException], BaseException, TracebackType | None]


def settings(*, form: str, level: str) -> dict[str, Any]:
    """Django's `LOGGING`. Raises `WrongSetting` for a form or level that does not exist."""
    if form not in FORMS:
        raise WrongSetting(f"RESMI_LOG={form!r} is unknown: set it to {' or '.join(FORMS)}.")
    if level.lower() not in LEVELS:
        raise WrongSetting(
            f"RESMI_LOG_LEVEL={level!r} is unknown: set it to one of {', '.join(LEVELS)}."
        )
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"line": {"()": "resmi.config.logs.formatter", "form": form}},
        "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
        "root": {"handlers": ["console"], "level": level.upper()},
        "loggers": {
            "django": {"level": "WARNING"},
            "django.request": {"level": "ERROR"},
            "procrastinate": {"level": "WARNING"},
            "asyncio": {"level": "WARNING"},
        },
    }


def configure(config: dict[str, Any]) -> None:
    """Sets up the standard library's logging and structlog's, which goes through it."""
    logging.config.dictConfig(config)
    level = logging.getLevelNamesMapping()[config["root"]["level"]]
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.stdlib.add_logger_name,
            structlog.stdlib.add_log_level,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )


def formatter(form: str) -> logging.Formatter:
    """Writes records of both kinds as lines of one form."""
    render = _json if form == "json" else _text()
    return structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=[
            structlog.stdlib.add_logger_name,
            structlog.stdlib.add_log_level,
            _of_request,
        ],
        processors=[
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            structlog.processors.TimeStamper(fmt="iso", utc=True, key="at"),
            _failure,
            render,
        ],
    )


def _json(logger: Any, name: str, event: Event) -> str:
    return msgspec.json.encode(event, enc_hook=str).decode()


def _text() -> structlog.typing.Processor:
    return structlog.dev.ConsoleRenderer(
        colors=sys.stderr.isatty(), timestamp_key="at", sort_keys=False, pad_event_to=0
    )


def _of_request(logger: Any, name: str, event: Event) -> Event:
    """What a failed web request was: method and path, never its query or body; who asked."""
    record: logging.LogRecord = event["_record"]
    request = getattr(record, "request", None)
    if request is None or not hasattr(request, "path"):
        return event
    # Only who is known by now: to ask the database for them may be what failed.
    user = getattr(request, "_cached_user", None)
    event.update(
        event="request_failed",
        action="request_failed",
        status=getattr(record, "status_code", None),
        method=request.method,
        path=request.path,
        reference=getattr(request, "reference", None),
        account=getattr(user, "pk", None),
    )
    return event


def _failure(logger: Any, name: str, event: Event) -> Event:
    if isinstance(event.get("error"), str):
        event["error"] = first_line(event["error"])
    found = _exception(event.pop("exc_info", None))
    if found is not None:
        kind, error, trace = found
        event["error_type"] = kind.__name__
        event["error"] = first_line(error)
        event["trace"] = [
            f"{frame.filename}:{frame.lineno} {frame.name}"
            for frame in traceback.extract_tb(trace)[-FRAMES:]
        ]
    return event


def _exception(given: Any) -> ExcInfo | None:
    if isinstance(given, BaseException):
        return type(given), given, given.__traceback__
    if isinstance(given, tuple):
        return given if given[0] is not None else None
    found = sys.exc_info() if given else (None, None, None)
    return found if found[0] is not None else None


def first_line(error: BaseException | str) -> str:
    """An error's message without the lines in which libraries quote data."""
    lines = str(error).strip().splitlines()
    return lines[0][:LONGEST] if lines else ""
