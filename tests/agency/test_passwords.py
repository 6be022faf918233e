"""What a password has to be, said before and after choosing one, in the account's language."""

from __future__ import annotations

import re

import pytest
from django.utils import translation

from resmi.agency import forms, passwords
from tests.agency import making

pytestmark = pytest.mark.django_db

RULES = {
    "en": [
        "8 characters or more; a few words in a row are good.",
        "None that many people use.",
        "Not digits alone.",
    ],
    "id": [
        "8 karakter atau lebih; rangkaian beberapa kata itu baik.",
        "Bukan yang dipakai banyak orang.",
        "Bukan angka saja.",
    ],
    "ko": [
        "8자 이상. 단어 몇 개를 이어 쓰면 좋습니다.",
        "많은 사람이 쓰는 것은 안 됩니다.",
        "숫자만으로는 안 됩니다.",
    ],
}
REFUSED = {
    "en": [
        "Too short: use 8 characters or more.",
        "Many people use this password, so it is tried first: choose another.",
        "Digits alone are soon guessed: add letters.",
    ],
    "id": [
        "Terlalu pendek: pakai 8 karakter atau lebih.",
        "Banyak orang memakai kata sandi ini, jadi inilah yang lebih dulu dicoba: pilih yang lain.",
        "Angka saja cepat tertebak: tambahkan huruf.",
    ],
    "ko": [
        "너무 짧습니다. 8자 이상으로 하세요.",
        "많은 사람이 쓰는 비밀번호라 가장 먼저 시도됩니다. 다른 것으로 정하세요.",
        "숫자만으로는 금세 알아냅니다. 글자를 섞으세요.",
    ],
}
FIRST = {"email": "budi@example.org", "name": "Budi", "role": "agent", "password": "12345"}


def listed(html: str, name: str) -> list[str]:
    """The items of the list of this class, or inside the element of this class."""
    found = re.search(rf'class="{name}".*?</ul>', html, re.DOTALL)
    return re.findall(r"<li>(.*?)</li>", found[0]) if found else []


@pytest.mark.parametrize("language", RULES)
@pytest.mark.parametrize("address", ["/accounts/password/change/", "/staff/new/"])
def test_what_a_password_has_to_be_is_listed_in_the_accounts_language(
    address: str, language: str
) -> None:
    html = making.signed_in(making.admin(language=language)).get(address).content.decode()
    assert listed(html, "field__help") == RULES[language]


@pytest.mark.parametrize("language", REFUSED)
def test_all_that_is_wrong_with_a_password_is_said_in_the_accounts_language(language: str) -> None:
    client = making.signed_in(making.admin(language=language))
    html = client.post("/staff/new/", FIRST).content.decode()
    assert listed(html, "errorlist") == REFUSED[language]
    weak = {"oldpassword": making.PASSWORD, "password1": "12345", "password2": "12345"}
    html = client.post("/accounts/password/change/", weak).content.decode()
    assert listed(html, "errorlist") == REFUSED[language]


@pytest.mark.parametrize(
    ("language", "labels"),
    [
        ("en", ["Current password", "New password", "New password again"]),
        ("id", ["Kata sandi saat ini", "Kata sandi baru", "Kata sandi baru sekali lagi"]),
        ("ko", ["현재 비밀번호", "새 비밀번호", "새 비밀번호 확인"]),
    ],
)
def test_changing_a_password_asks_in_words_of_ours(language: str, labels: list[str]) -> None:
    client = making.signed_in(making.admin(language=language))
    html = client.get("/accounts/password/change/").content.decode()
    assert re.findall(r'<label for="id_[^"]*">(.*?)</label>', html) == labels
    assert "placeholder" not in html


def test_a_wrong_current_password_is_said_in_words_of_ours() -> None:
    client = making.signed_in(making.admin(language="id"))
    wrong = {"oldpassword": "x", "password1": "kopi sore ini", "password2": "kopi sore ini"}
    html = client.post("/accounts/password/change/", wrong).content.decode()
    assert "Ini bukan kata sandi Anda saat ini." in html


def test_a_good_password_is_taken() -> None:
    client = making.signed_in(making.admin())
    good = "kopi sore di teras"
    new = {"oldpassword": making.PASSWORD, "password1": good, "password2": good}
    assert client.post("/accounts/password/change/", new).status_code == 302


def test_the_sentence_besides_the_rules_is_of_the_moments_language() -> None:
    help_text = forms.NewAccountForm.base_fields["password"].help_text
    with translation.override("id"):
        assert "<li>Bukan angka saja.</li></ul>Sampaikan langsung" in str(help_text)
    assert "&lt;b&gt;" in str(passwords.rules_and("<b>"))
