from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from resmi.channels import filenames


@given(st.text())
def test_a_shown_name_is_one_short_line_without_a_path(name: str) -> None:
    shown = filenames.display_name(name)
    assert len(shown) <= filenames.LONGEST
    assert not set("/\\\n\r\t\0\u202e") & set(shown)
    assert shown == shown.strip(". ")


@pytest.mark.parametrize(
    ("given_name", "shown"),
    [
        ("ktp.jpg", "ktp.jpg"),
        ("../../etc/passwd", "passwd"),
        ("C:\\Users\\budi\\surat.pdf", "surat.pdf"),
        ("surat\u202efdp.exe", "suratfdp.exe"),
        (".htaccess", "htaccess"),
        ("한국어 문서.pdf", "한국어 문서.pdf"),
        ("", ""),
    ],
)
def test_names_are_shown_without_tricks(given_name: str, shown: str) -> None:
    assert filenames.display_name(given_name) == shown


def test_a_long_name_keeps_its_extension() -> None:
    shown = filenames.display_name("x" * 500 + ".pdf")
    assert len(shown) == filenames.LONGEST
    assert shown.endswith("x.pdf")


@pytest.mark.parametrize(
    ("declared", "bare"),
    [
        ("audio/ogg; codecs=opus", "audio/ogg"),
        (" IMAGE/JPEG ", "image/jpeg"),
        ("", "application/octet-stream"),
        ("text", "application/octet-stream"),
        ("text/html\r\nX-Evil: 1", "application/octet-stream"),
        ("../x", "application/octet-stream"),
    ],
)
def test_a_declared_type_is_reduced_to_what_it_may_be(declared: str, bare: str) -> None:
    assert filenames.bare_mime(declared) == bare


def test_a_file_is_stored_under_its_id_with_an_extension_of_ours() -> None:
    assert filenames.stored_name("abc", "image/jpeg") == "abc.jpg"
    assert filenames.stored_name("abc", "text/html") == "abc.bin"
