"""Reading settings from the environment."""

from __future__ import annotations

from pathlib import Path

import pytest

from resmi.config import environment
from resmi.config.environment import WrongSetting


@pytest.mark.parametrize(
    ("word", "meaning"), [("1", True), ("Yes", True), ("off", False), ("FALSE", False)]
)
def test_a_flag_understands_the_usual_words(word: str, meaning: bool) -> None:
    assert environment.flag({"RESMI_X": word}, "RESMI_X") is meaning


def test_a_flag_that_is_neither_yes_nor_no_names_the_setting() -> None:
    with pytest.raises(WrongSetting, match="RESMI_X='maybe'"):
        environment.flag({"RESMI_X": "maybe"}, "RESMI_X")


def test_a_list_drops_blanks_and_empty_items() -> None:
    assert environment.words({"RESMI_X": " a, ,b "}, "RESMI_X") == ["a", "b"]


def test_the_home_is_what_the_setting_says() -> None:
    assert environment.home({"RESMI_HOME": "/srv/resmi"}, root=True) == Path("/srv/resmi")


def test_the_home_of_a_user_is_in_the_xdg_data_directory() -> None:
    assert environment.home({"HOME": "/h/a"}, root=False) == Path("/h/a/.local/share/resmi")
    assert environment.home({"XDG_DATA_HOME": "/d"}, root=False) == Path("/d/resmi")


def test_the_home_of_root_is_where_a_service_account_can_reach() -> None:
    assert environment.home({"HOME": "/root"}, root=True) == Path("/var/lib/resmi")


def test_the_secret_key_of_the_environment_comes_before_the_file(tmp_path: Path) -> None:
    (tmp_path / "secret-key").write_text("from the file\n")
    assert environment.secret_key({}, tmp_path) == "from the file"
    assert environment.secret_key({"RESMI_SECRET_KEY": "given"}, tmp_path) == "given"


def test_without_a_secret_key_there_is_none(tmp_path: Path) -> None:
    assert environment.secret_key({}, tmp_path) == ""


def test_a_database_url_may_escape_anything() -> None:
    found = environment.database(
        "postgresql://us%40er:p%2Fw@db.example:5433/na%20me?sslmode=require&application_name=a+b"
    )
    assert (found["USER"], found["PASSWORD"], found["NAME"]) == ("us@er", "p/w", "na me")
    assert (found["HOST"], found["PORT"]) == ("db.example", "5433")
    assert found["OPTIONS"] == {"sslmode": "require", "application_name": "a+b"}


def test_a_socket_folder_in_the_url_is_the_host() -> None:
    found = environment.database("postgresql://postgres@/resmi?host=%2Fvar%2Fa%20b")
    assert found["HOST"] == "/var/a b"


def test_a_server_and_its_stand_in_are_named_side_by_side() -> None:
    found = environment.database(
        "postgresql://resmi:s%2Cx@one.example,[::1]:5433/resmi?target_session_attrs=read-write"
    )
    assert (found["HOST"], found["PORT"]) == ("one.example,::1", ",5433")
    assert (found["USER"], found["PASSWORD"]) == ("resmi", "s,x")
    assert found["OPTIONS"] == {"target_session_attrs": "read-write"}


@pytest.mark.parametrize("url", ["mysql://x/y", "sqlite:///db", "db.example/resmi"])
def test_another_kind_of_database_is_refused(url: str) -> None:
    with pytest.raises(WrongSetting, match="PostgreSQL 15"):
        environment.database(url)


def test_an_address_nobody_can_read_is_named() -> None:
    with pytest.raises(WrongSetting, match="RESMI_DATABASE_URL"):
        environment.database("postgresql://[::1/resmi")
    with pytest.raises(WrongSetting, match="RESMI_MAIL_URL"):
        environment.mail("smtp://[::1/")
    with pytest.raises(WrongSetting, match="RESMI_STORAGE"):
        environment.storage("s3://[::1/bucket")
    with pytest.raises(WrongSetting, match="RESMI_CLAMAV"):
        environment.scanner({"RESMI_CLAMAV": "tcp://[::1"})


def test_an_impossible_port_is_named() -> None:
    with pytest.raises(WrongSetting, match="port"):
        environment.database("postgresql://db.example:99999/resmi")


def test_a_mail_server_is_named_by_a_url_with_its_password_quoted() -> None:
    found = environment.mail("smtp+tls://resmi:p%40ss@mail.example")
    assert (found["EMAIL_HOST"], found["EMAIL_PORT"]) == ("mail.example", 587)
    assert (found["EMAIL_HOST_USER"], found["EMAIL_HOST_PASSWORD"]) == ("resmi", "p@ss")
    assert (found["EMAIL_USE_TLS"], found["EMAIL_USE_SSL"]) == (True, False)
    assert environment.mail("smtps://mail.example:4465")["EMAIL_PORT"] == 4465


def test_without_a_mail_server_nothing_is_sent() -> None:
    assert environment.mail("")["EMAIL_BACKEND"].endswith("dummy.EmailBackend")


@pytest.mark.parametrize("url", ["mail.example", "http://mail.example", "smtp://mail.example:x"])
def test_a_mail_server_that_makes_no_sense_is_refused(url: str) -> None:
    with pytest.raises(WrongSetting, match="RESMI_MAIL_URL"):
        environment.mail(url)


@pytest.mark.parametrize(("text", "meaning"), [("", 15.0), ("0", 0.0), ("2.5", 2.5)])
def test_a_span_is_a_number_of_seconds(text: str, meaning: float) -> None:
    assert environment.seconds({"RESMI_X": text}, "RESMI_X", 15.0) == meaning


@pytest.mark.parametrize("text", ["-1", "inf", "nan", "soon"])
def test_a_span_that_is_none_names_the_setting(text: str) -> None:
    with pytest.raises(WrongSetting, match="RESMI_X"):
        environment.seconds({"RESMI_X": text}, "RESMI_X", 15.0)
