"""What people see when something is refused, missing, too often, or broken; nobody debugs here."""

from __future__ import annotations

import http.client
import re

import pytest
from django.db import OperationalError
from django.test import Client
from django.urls import reverse

from resmi.agency.models import User
from tests import processes
from tests.agency import making

LANGUAGES = ("en", "id", "ko")
BROKEN = {
    "en": "Something broke on our side",
    "id": "Ada yang rusak di sisi kami",
    "ko": "시스템에 문제가 생겼습니다",
}
AWAY = {
    "en": "The database can't be reached just now",
    "id": "Basis data sedang tidak terjangkau",
    "ko": "지금은 데이터베이스에 연결할 수 없습니다",
}


def admin(language: str = "en") -> tuple[User, Client]:
    user = making.admin()
    user.language = language
    user.save()
    client = making.signed_in(user)
    client.raise_request_exception = False
    return user, client


@pytest.mark.django_db
@pytest.mark.parametrize("language", LANGUAGES)
def test_what_broke_is_said_in_the_accounts_language_with_a_reference(
    monkeypatch: pytest.MonkeyPatch, language: str
) -> None:
    _user, client = admin(language)
    client.cookies["resmi_theme"] = "dark"
    monkeypatch.setattr("resmi.agency.queries.audit_actions", lambda: 1 / 0)
    answer = client.get("/audit/?q=x")
    html = answer.content.decode()
    assert answer.status_code == 500
    assert BROKEN[language] in html
    assert f'lang="{language}" data-theme="dark"' in html
    assert re.search(r'id="reference">\w{8}<', html)
    assert 'href="/audit/?q=x"' in html  # load it again


@pytest.mark.django_db
def test_what_broke_while_sending_is_not_to_be_sent_again_by_a_link(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    _user, client = admin()
    monkeypatch.setattr("resmi.agency.services.put_policy", lambda **_: 1 / 0)
    answer = client.post("/staff/policy/", {"idle_minutes": 0, "names": "chosen"})
    assert answer.status_code == 500
    assert "/staff/policy/" not in answer.content.decode()


@pytest.mark.django_db
@pytest.mark.parametrize("language", LANGUAGES)
def test_a_database_that_is_away_is_said_with_when_to_come_again(
    monkeypatch: pytest.MonkeyPatch, language: str
) -> None:
    _user, client = admin(language)

    def away() -> None:
        raise OperationalError("gone")

    monkeypatch.setattr("resmi.agency.queries.audit_actions", away)
    answer = client.get("/audit/")
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "10")
    assert AWAY[language] in answer.content.decode()


def test_a_real_server_says_so_without_any_database_and_logs_it_under_the_reference() -> None:
    cookie = "resmi_session=abcdefghijklmnop; resmi_language=ko; resmi_theme=light"
    nowhere = f"postgresql://nobody@127.0.0.1:{processes.free_port()}/nothing"
    with processes.web(nowhere) as server:
        status, headers, html = fetched(server, "/audit/", {"Cookie": cookie})
        log = server.log()
    assert (status, headers["Retry-After"]) == (503, "10")
    assert AWAY["ko"] in html
    assert 'lang="ko" data-theme="light"' in html
    assert "agency/tokens.css" in html
    reference = re.search(r'id="reference">(\w{8})<', html)
    assert reference
    assert reference[1] in log


def fetched(
    server: processes.Running, path: str, headers: dict[str, str]
) -> tuple[int, http.client.HTTPMessage, str]:
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=30)
    connection.request("GET", path, headers=headers)
    answer = connection.getresponse()
    html = answer.read().decode()
    connection.close()
    return answer.status, answer.headers, html


@pytest.mark.django_db
def test_a_request_that_can_not_be_read_gets_a_page_too(client: Client) -> None:
    answer = client.get("/accounts/login/", headers={"host": "elsewhere.example"})
    assert answer.status_code == 400
    assert "Nothing was changed" in answer.content.decode()


@pytest.mark.django_db
@pytest.mark.parametrize("language", LANGUAGES)
def test_who_asks_too_often_reads_how_long_to_wait(client: Client, language: str) -> None:
    client.cookies["resmi_language"] = language
    address = reverse("account_reset_password")
    answers = [client.post(address, {"email": "rina@example.org"}) for _ in range(6)]
    last = answers[-1]
    assert [one.status_code for one in answers[:5]] == [302] * 5
    assert (last.status_code, last.headers["Retry-After"]) == (429, "60")
    html = last.content.decode()
    said = {"en": "Wait 60 seconds", "id": "Tunggu 60 detik", "ko": "60초 뒤에"}[language]
    assert said in html
    assert f'class="btn btn--primary" href="{address}"' in html


BROWSER = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}
FORM = "/staff/1/sign-out/"


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("language", "head", "place"),
    [
        ("en", "This address only takes forms", "Staff"),
        ("id", "Alamat ini hanya menerima formulir", "Staf"),
        ("ko", "이 주소는 양식만 받습니다", "직원"),
    ],
)
def test_who_opens_the_address_of_a_form_is_led_to_where_the_form_is(
    language: str, head: str, place: str
) -> None:
    _user, client = admin(language)
    answer = client.get(FORM, headers=BROWSER)
    html = answer.content.decode()
    assert (answer.status_code, answer.headers["Allow"]) == (405, "POST")
    assert f"<h1>{head}</h1>" in html
    assert re.search(rf'class="btn btn--primary" href="/staff/">.*{place}</a>', html)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("came_from", "back"),
    [
        ("http://testserver/staff/1/?tab=2#end", "/staff/1/?tab=2"),
        (f"http://testserver{FORM}", "/staff/"),
        (f"http://testserver/accounts/login/?next={FORM}", "/staff/"),
        ("https://elsewhere.example/staff/1/", "/staff/"),
    ],
)
def test_the_way_back_to_a_form_is_the_page_one_came_from(came_from: str, back: str) -> None:
    _user, client = admin()
    html = client.get(FORM, headers={**BROWSER, "Referer": came_from}).content.decode()
    assert re.findall(r'class="btn btn--primary" href="([^"]*)"', html) == [back]


@pytest.mark.django_db
@pytest.mark.parametrize(
    "headers",
    [
        {"Accept": "*/*"},
        {"Accept": "application/json"},
        {**BROWSER, "HX-Request": "true"},
        {**BROWSER, "Sec-Fetch-Dest": "empty"},
    ],
)
def test_programs_and_fragments_keep_the_bare_answer(headers: dict[str, str]) -> None:
    _user, client = admin()
    answer = client.get(FORM, headers=headers)
    assert (answer.status_code, answer.headers["Allow"], answer.content) == (405, "POST", b"")


@pytest.mark.django_db
def test_asking_for_the_head_or_the_options_of_a_forms_address_says_what_it_takes() -> None:
    _user, client = admin()
    head = client.head(FORM, headers=BROWSER)
    assert (head.status_code, head.headers["Allow"], head.content) == (405, "POST", b"")
    assert head.headers["Content-Type"].startswith("text/html")
    options = client.options(FORM, headers=BROWSER)
    assert (options.status_code, options.headers["Allow"], options.content) == (405, "POST", b"")


@pytest.mark.django_db
@pytest.mark.parametrize("language", LANGUAGES)
def test_what_is_missing_or_not_allowed_is_said_in_the_accounts_language(language: str) -> None:
    _user, client = admin(language)
    missing = client.get("/nothing/").content.decode()
    agent = making.account(language=language)
    refused = making.signed_in(agent).get("/audit/")
    assert refused.status_code == 403
    heads = {
        "en": ("There is nothing at this address", "Your role does not allow this"),
        "id": ("Tidak ada apa-apa di alamat ini", "Peran Anda tidak mengizinkan ini"),
        "ko": ("이 주소에는 아무것도 없습니다", "현재 역할로는 할 수 없습니다"),
    }
    assert heads[language][0] in missing
    assert heads[language][1] in refused.content.decode()


def head_lines(html: str) -> list[str]:
    """What stands in the head of a page, whatever is said there, in its order."""
    head = html.partition("<head>")[2].partition("</head>")[0]
    return [
        line.strip() for line in head.splitlines() if line.strip().startswith(("<meta", "<link"))
    ]


@pytest.mark.django_db
def test_pages_of_errors_begin_with_the_same_head_as_all_others(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    _user, client = admin()
    whole = head_lines(client.get("/nothing/").content.decode())
    monkeypatch.setattr("resmi.agency.queries.audit_actions", lambda: 1 / 0)
    apart = head_lines(client.get("/audit/").content.decode())
    assert len(apart) >= 8
    assert whole[: len(apart)] == apart
