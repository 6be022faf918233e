from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from resmi.channels.whatsapp import errors

# Meta, "Error codes" (support/error-codes), by what is to be done about them.
CLASSES: dict[str, tuple[int, ...]] = {
    "retry_short": (130429, 131016, 131057, 133004, 2, 1, 131000),
    "retry_pair": (131056,),
    "retry_long": (4, 80007, 132069, 131049, 131064, 138002, 138005),
    "change": (
        *(131047, 131051, 131053, 131008, 131009, 100, 132000, 132001, 132005, 132007),
        *(132012, 132018, 131062, 138000, 138014, 138015, 138018),
    ),
    "user": (
        *(131026, 131050, 130403, 130472, 131021, 138001, 138003, 138004, 138006, 138007),
        *(138009, 138012, 138019, 138020, 138021, 138022, 138023),
    ),
    "template": (132015, 132016, 132068, 131063),
    "account": (
        *(190, 0, 3, 10, 131005, 368, 131031, 130497, 131042, 131045, 133010, 133006, 131048),
        *(131037, 33, *range(200, 300)),
    ),
    "inbound": (131052, 131060),
}


@pytest.mark.parametrize(
    ("kind", "code"), [(kind, code) for kind, codes in CLASSES.items() for code in codes]
)
def test_each_code_has_its_class(kind: str, code: int) -> None:
    problem = errors.classify(code)
    assert problem.kind == kind
    assert problem.code == str(code)


def test_no_code_is_forgotten_or_added_in_silence() -> None:
    assert errors.known_codes() == {code for codes in CLASSES.values() for code in codes}


@given(st.sampled_from(sorted(errors.known_codes())))
def test_each_code_says_what_happened_and_what_to_do(code: int) -> None:
    problem = errors.classify(code)
    assert problem.reason.endswith(".")
    assert problem.next_step.endswith(".")
    assert problem.key.replace("_", "").isalpha()


def test_a_key_always_stands_for_the_same_words() -> None:
    words: dict[str, str] = {}
    for code in errors.known_codes():
        problem = errors.classify(code)
        assert words.setdefault(problem.key, problem.words()) == problem.words()


@given(st.integers() | st.text(max_size=8), st.text(max_size=400), st.integers(0, 599))
def test_nothing_whatsapp_says_can_break_it(code: int | str, details: str, status: int) -> None:
    problem = errors.classify(code, details, status)
    assert problem.reason
    assert "\0" not in problem.reason
    assert len(problem.reason) < 600


@pytest.mark.parametrize(
    ("status", "kind"),
    [(429, "retry_short"), (500, "retry_short"), (503, "retry_short"), (401, "account")],
)
def test_an_unknown_code_is_judged_by_the_http_status(status: int, kind: str) -> None:
    assert errors.classify(999999, "", status).kind == kind


def test_an_unknown_refusal_asks_to_change_the_message() -> None:
    assert errors.classify(999999, "", 400).kind == "change"
    assert errors.classify("", "", 0).kind == "change"


def test_a_servers_own_error_never_blames_the_account_or_the_message() -> None:
    assert errors.classify(190, "", 500).kind == "retry_short"
    assert errors.classify(100, "", 503).kind == "retry_short"


def test_a_code_as_text_is_understood() -> None:
    assert errors.classify("131047").key == "window_closed"


def test_whatsapps_own_words_are_added() -> None:
    problem = errors.classify(100, "Invalid parameter: template\n name")
    assert problem.reason.endswith("(Invalid parameter: template name)")


def test_only_limits_of_the_number_or_the_api_hold_the_whole_channel() -> None:
    held = {code for code in errors.known_codes() if errors.classify(code).whole_channel}
    assert held == {130429, 4, 80007}
