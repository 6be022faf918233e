"""Log lines as they leave a process."""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest
import structlog
from django.test import Client, override_settings
from django.urls import path

from resmi.agency.access import public
from resmi.config import logs
from resmi.config.environment import WrongSetting

SECRET = "I transferred two million to them"


class Lines(logging.Handler):
    """Keeps what a handler of one form would write."""

    def __init__(self, form: str) -> None:
        super().__init__()
        self.setFormatter(logs.formatter(form))
        self.written: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.written.append(self.format(record))

    @property
    def last(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.written[-1])
        return found


@pytest.fixture
def lines() -> Iterator[Lines]:
    handler = Lines("json")
    root = logging.getLogger()
    root.addHandler(handler)
    yield handler
    root.removeHandler(handler)


def test_a_structured_line_is_one_json_object_with_its_ids(lines: Lines) -> None:
    structlog.get_logger("resmi.test").warning("stopped", action="stopped", ref="4.2.0", at_all=1)
    assert (
        lines.last.items()
        >= {
            "event": "stopped",
            "action": "stopped",
            "ref": "4.2.0",
            "level": "warning",
            "logger": "resmi.test",
        }.items()
    )
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT[\d:.]+Z", lines.last["at"])


def test_a_line_of_a_library_has_the_same_form(lines: Lines) -> None:
    logging.getLogger("library").warning("lost %s", "it")
    assert lines.last["event"] == "lost it"
    assert lines.last["logger"] == "library"


def test_what_follows_the_first_line_of_an_error_is_left_out(lines: Lines) -> None:
    try:
        raise ValueError(f"duplicate key\nDETAIL: ({SECRET})")
    except ValueError:
        structlog.get_logger("resmi.test").exception("failed", action="failed")
    assert lines.last["error_type"] == "ValueError"
    assert lines.last["error"] == "duplicate key"
    assert any("test_logs.py" in place for place in lines.last["trace"])
    assert SECRET not in lines.written[-1]


def test_what_a_line_says_of_an_error_is_its_first_line_too(lines: Lines) -> None:
    said = f"UniqueViolation: duplicate key\nDETAIL: ({SECRET})"
    structlog.get_logger("resmi.test").warning("refused", action="refused", error=said)
    assert lines.last["error"] == "UniqueViolation: duplicate key"
    assert SECRET not in lines.written[-1]


def test_lines_for_people_are_not_json() -> None:
    handler = Lines("text")
    record = logging.LogRecord("resmi", logging.WARNING, "", 0, "it stopped", None, None)
    assert "it stopped" in handler.format(record)
    with pytest.raises(json.JSONDecodeError):
        json.loads(handler.format(record))


@pytest.mark.parametrize(("form", "level"), [("xml", "info"), ("json", "loud")])
def test_an_unknown_form_or_level_is_refused(form: str, level: str) -> None:
    with pytest.raises(WrongSetting):
        logs.settings(form=form, level=level)


@public("Breaks, for this test.")
def breaking(request: Any) -> None:
    raise RuntimeError(f"broke\n{SECRET}")


urlpatterns = [path("break/", breaking)]
handler500 = "resmi.agency.views.broken.broken"


@override_settings(ROOT_URLCONF="tests.config.test_logs")
def test_a_broken_page_shows_the_reference_its_log_line_has(lines: Lines) -> None:
    answer = Client(raise_request_exception=False).get(f"/break/?q={SECRET}")
    shown = re.search(r'id="reference">(\w{8})<', answer.content.decode())
    assert answer.status_code == 500
    assert shown
    assert (
        lines.last.items()
        >= {
            "event": "request_failed",
            "status": 500,
            "method": "GET",
            "path": "/break/",
            "reference": shown.group(1),
            "error": "broke",
        }.items()
    )
    assert SECRET not in "".join(lines.written)


def test_a_record_without_a_whole_request_is_written_all_the_same(lines: Lines) -> None:
    logging.getLogger("odd").error("odd", extra={"request": SimpleNamespace()})
    assert lines.last["event"] == "odd"
