from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from resmi.channels import rules, settling
from resmi.channels.outcomes import Accepted, Held, Job, NotSent, Refused, Uncertain
from resmi.channels.settling import Claimed
from resmi.channels.whatsapp import errors
from resmi.engine import content
from tests.channels import factories
from tests.channels.factories import OPEN

codes = st.sampled_from(sorted(errors.known_codes()))
outcomes = (
    st.builds(Accepted, provider_id=st.text())
    | st.builds(NotSent, reason=st.text())
    | st.builds(Uncertain, reason=st.text())
    | st.builds(Held, dropped=st.booleans())
    | st.builds(Refused, problem=st.builds(errors.classify, code=codes, details=st.text()))
)


def claimed(**fields: Any) -> Claimed:
    job = {
        "ref": "1.1.1",
        "sender": "100",
        "recipient": factories.citizen(),
        "content": fields.pop("content", content.Text("Halo")),
        "purpose": fields.pop("purpose", "message"),
    }
    given = {
        "id": 1,
        "channel": 1,
        "kind": "whatsapp",
        "conversation": 1,
        "lane": "1:x",
        "attempts": 1,
        "claim": OPEN,
        "created_at": OPEN,
        **fields,
    }
    return Claimed(job=Job(**job), **given)


def refused(code: int) -> Refused:
    return Refused(errors.classify(code))


@given(outcomes, st.integers(min_value=1, max_value=50), st.floats(0, 0.99))
def test_every_outcome_leads_somewhere(outcome: Any, attempts: int, jitter: float) -> None:
    settled = settling.settle(claimed(attempts=attempts), outcome, OPEN, jitter)
    assert settled.status in {"accepted", "unknown", "queued", "failed"}
    assert (settled.status == "queued") == (settled.not_before is not None)
    assert settled.error or settled.status in {"accepted", "queued"}


@given(outcomes, st.floats(0, 0.99))
def test_a_doubt_is_never_sent_again_by_itself(outcome: Any, jitter: float) -> None:
    settled = settling.settle(claimed(), outcome, OPEN, jitter)
    if isinstance(outcome, Uncertain):
        assert settled.status == "unknown"
    else:
        assert settled.status != "unknown"


@given(outcomes, st.floats(0, 0.99))
def test_who_was_given_up_on_begins_no_other_try(outcome: Any, jitter: float) -> None:
    settled = settling.settle_late(settling.settle(claimed(), outcome, OPEN, jitter))
    assert settled.status in {"accepted", "unknown", "failed"}


@given(outcomes, st.sampled_from(["read", "typing"]))
def test_marks_leave_nothing_behind(outcome: Any, purpose: str) -> None:
    assert settling.settle(claimed(purpose=purpose), outcome, OPEN, 0.0).status == ""


def test_an_unexplained_error_is_tried_three_times() -> None:
    statuses = [
        settling.settle(claimed(attempts=attempts), refused(131000), OPEN, 0.0).status
        for attempts in (1, 2, 3)
    ]
    assert statuses == ["queued", "queued", "failed"]


def test_a_message_that_could_not_leave_for_a_day_fails() -> None:
    old = claimed(created_at=OPEN - timedelta(hours=25))
    assert settling.settle(old, refused(131016), OPEN, 0.0).status == "failed"


def test_a_marketing_limit_waits_a_day_and_lets_others_pass() -> None:
    settled = settling.settle(claimed(), refused(131049), OPEN, 0.0)
    assert settled.not_before == OPEN + timedelta(days=1)
    assert settled.gives_way


def test_a_limit_of_the_api_holds_the_whole_channel_back() -> None:
    settled = settling.settle(claimed(), refused(4), OPEN, 0.0)
    assert settled.shut_channel_until == OPEN + timedelta(minutes=10)
    assert not settled.gives_way


def test_a_pair_limit_holds_only_the_lane_back() -> None:
    settled = settling.settle(claimed(attempts=2), refused(131056), OPEN, 0.0)
    assert settled.shut_lane_until == OPEN + timedelta(seconds=16)
    assert settled.shut_channel_until is None


def test_an_account_error_keeps_the_message_and_stops_the_channel() -> None:
    settled = settling.settle(claimed(), refused(190), OPEN, 0.0)
    assert settled.status == "queued"
    assert "token" in settled.pause


def before(closes: datetime | None, **fields: Any) -> Any:
    return settling.check_before(claimed(window_closes_at=closes, **fields), OPEN)


@pytest.mark.parametrize("closes", [OPEN, OPEN - timedelta(seconds=1)])
def test_free_text_is_refused_from_the_moment_the_window_closes(closes: datetime) -> None:
    assert before(closes) == Refused(rules.WINDOW_CLOSED)


def test_free_text_passes_while_the_window_is_open_or_where_there_is_none() -> None:
    assert before(OPEN + timedelta(seconds=1)) is None
    assert before(None) is None


def test_a_template_passes_after_the_window_closed() -> None:
    assert before(OPEN, content=content.Template("reminder", "id")) is None
