from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.db.models import Q
from django.test.utils import CaptureQueriesContext
from hypothesis import given
from hypothesis import strategies as st

from resmi.agency.models import User
from resmi.contacts.models import Contact
from resmi.conversations import filling, services, team, wording
from resmi.conversations.models import Event, SearchLine, SearchMark
from resmi.conversations.queries import search
from resmi.engine import content
from resmi.engine.address import Address
from tests.conversations import factories
from tests.conversations.factories import BUDI, citizen_says

AYU = Address(kind="whatsapp", scope="p1", user_id="ID.2", phone="628222", profile_name="Ayu")
MINA = Address(kind="whatsapp", scope="p1", user_id="KR.3", phone="821012", profile_name="민아")


def now() -> datetime:
    return datetime.now(UTC) + timedelta(seconds=1)


def found(text: str) -> list[str]:
    return [hit.snippet.text for hit in of_people(search.search(text))]


def of_people(page: search.Page) -> list[search.Hit]:
    """The bot repeats what it was asked."""
    return [hit for hit in page.hits if hit.speaker != "bot"]


@pytest.fixture
def _staffed(db: None) -> Iterator[None]:
    factories.channel()
    factories.queues()
    return


@pytest.mark.usefixtures("_staffed")
@pytest.mark.parametrize(
    ("said", "asked"),
    [
        ("Saya mau melaporkan penipuan pinjaman", "penipuan"),
        ("Saya mau melaporkan penipuan pinjaman", "melapor"),
        ("Saya mau melaporkan penipuan pinjaman", "PINJAM  tipu".replace("tipu", "penip")),
        ("I lost my savings to Zephyrine Ltd.", "zephyrine"),
        ("I lost my savings to Zephyrine Ltd.", "lost savings"),
        ("어제 불법대출상담을 받았어요", "대출"),
        ("어제 불법대출상담을 받았어요", "대출상담"),
        ("내 돈을 돌려주세요", "돈"),
        ("저축은행돈", "돈"),
        ("Café in Zürich, nomor 0812-3344", "cafe zurich 0812"),
    ],
)
def test_a_message_is_found_by_words_of_its_language(said: str, asked: str) -> None:
    citizen_says(said)
    filling.fill(now=now())
    assert any(said[:20] in text for text in found(asked))


@pytest.mark.usefixtures("_staffed")
@pytest.mark.parametrize("asked", ["", "  …", "zzz", "pinjaman zzz", "불대", "상담대출", "in"])
def test_what_nobody_wrote_is_not_found(asked: str) -> None:
    citizen_says("Saya melaporkan pinjaman 불법대출상담")
    filling.fill(now=now())
    assert not any("불법" in text for text in found(asked))


@pytest.mark.usefixtures("_staffed")
def test_a_hit_says_where_it_is_and_marks_what_was_asked_for() -> None:
    talk = citizen_says("Halo, " + "kata " * 60 + "kemudian penipuan besar terjadi")
    filling.fill(now=now())
    (hit,) = of_people(search.search("penipuan"))
    assert (hit.conversation, hit.speaker) == (talk.pk, "citizen")
    (begin, end), *_ = hit.snippet.marks
    assert hit.snippet.text[begin:end] == "penipuan"
    assert hit.snippet.text.startswith("…")


@pytest.mark.usefixtures("_staffed")
def test_pages_hold_every_hit_once_newest_conversation_first() -> None:
    for sender in (BUDI, AYU, MINA):
        for number in range(5):
            citizen_says(f"gurita nomor {number}", sender=sender)
    filling.fill(now=now())
    seen: list[tuple[int, int]] = []
    page = search.search("gurita", limit=4)
    while True:
        seen += [(hit.conversation, hit.seq) for hit in of_people(page)]
        if page.more is None:
            break
        page = search.search("gurita", before=page.more, limit=4)
    assert len(seen) == len(set(seen)) == 15
    assert seen == sorted(seen, reverse=True)


@pytest.mark.usefixtures("_staffed")
def test_one_conversation_can_be_searched_alone() -> None:
    mine = citizen_says("gurita raksasa", sender=BUDI)
    citizen_says("gurita kecil", sender=AYU)
    filling.fill(now=now())
    hits = of_people(search.search_conversation(mine.pk, "gurita"))
    assert [hit.snippet.text for hit in hits] == ["gurita raksasa"]


@pytest.mark.usefixtures("_staffed")
def test_notes_are_found_and_old_rounds_too() -> None:
    old = citizen_says("gurita purba", sender=BUDI)
    agent = factories.agent()
    services.add_note(actor=User.objects.get(pk=agent.pk), conversation_id=old.pk, body="Cumi!")
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT setval(pg_get_serial_sequence('conversations_conversation', 'id'), %s)",
            [old.pk + 3 * search.ROUND],
        )
    new = citizen_says("gurita muda", sender=AYU)
    filling.fill(now=now())
    assert [hit.conversation for hit in of_people(search.search("gurita"))] == [new.pk, old.pk]
    assert found("cumi") == ["Cumi!"]


@pytest.mark.usefixtures("_staffed")
def test_filling_goes_on_where_it_stopped_and_puts_nothing_in_twice() -> None:
    citizen_says("gurita satu")
    first = filling.fill(now=now())
    assert first >= 2
    citizen_says("gurita dua")
    assert filling.fill(now=now()) >= 1
    assert len(found("gurita")) == 2
    count = SearchLine.objects.count()
    filling.fill(now=now() + timedelta(hours=1))
    assert SearchLine.objects.count() == count


@pytest.mark.usefixtures("_staffed")
def test_what_was_committed_late_is_found_the_same_day() -> None:
    citizen_says("gurita telat")
    SearchMark.objects.create(upto=datetime.now(UTC) + timedelta(hours=2))
    filling.fill(now=now() + timedelta(hours=3))
    assert found("gurita") == []
    assert filling.look_again(now=now()) >= 1
    assert found("gurita") == ["gurita telat"]


@given(st.text(max_size=200), st.text(max_size=20))
def test_any_text_can_be_kept_and_asked_for(text: str, asked: str) -> None:
    keys = wording.keys(text, 5)
    assert all(key and " " not in key for key in keys)
    words = wording.asked(asked)
    assert bool(wording.condition(words)) == bool(words)
    wording.snippet(text, words or ["x"])


@given(st.lists(st.sampled_from("가나다라마 lapor PINJAM ab 12"), max_size=40).map("".join))
def test_every_word_of_a_text_finds_it(text: str) -> None:
    kept = set(wording.keys(text, 5))
    for word in wording.asked(text):
        assert wording.snippet(text, [word]) is not None
        for part in wording.condition([word]).split(" & "):
            key = part.rstrip(":*").strip("'")
            assert any(one == key or (":*" in part and one.startswith(key)) for one in kept)


@pytest.mark.usefixtures("_staffed")
def test_a_message_taken_back_is_not_found_whenever_it_came_into_search() -> None:
    talk = citizen_says("gurita raksasa")
    sari = factories.agent()
    services.take_over(actor=sari, conversation_id=talk.pk)
    for word in ("kepiting", "udang"):
        services.reply(actor=sari, conversation_id=talk.pk, content=content.Text(word), hold_s=60)
        talk.refresh_from_db()
        seq = Event.objects.filter(conversation=talk, type="message_created").latest("seq").seq
        if word == "kepiting":
            filling.fill(now=now())
            assert found(word) == [word]
        team.withdraw(actor=sari, conversation_id=talk.pk, seq=seq)
        assert found(word) == []
    filling.fill(now=now())
    filling.look_again(now=now() + timedelta(hours=1))
    assert found("kepiting") == found("udang") == []
    assert found("gurita") == ["gurita raksasa"]


@pytest.mark.usefixtures("_staffed")
def test_hits_are_narrowed_to_what_was_asked_for_and_may_be_seen() -> None:
    budi = citizen_says("gurita satu", sender=BUDI)
    ayu = citizen_says("gurita dua", sender=AYU)
    sari = factories.agent()
    services.take_over(actor=sari, conversation_id=ayu.pk)
    Contact.objects.filter(pk=budi.contact_id).update(tags=["vip"])
    filling.fill(now=now())

    def hits(**fields: Any) -> set[int]:
        page = search.search("gurita", only=search.Filter(**fields))
        return {hit.conversation for hit in page.hits}

    both = {budi.pk, ayu.pk}
    today = datetime.now(UTC)
    assert hits() == both
    assert hits(agent=sari.pk) == hits(status="assigned") == {ayu.pk}
    assert hits(tag="vip") == hits(seen=Q(pk=budi.pk)) == {budi.pk}
    assert hits(channel=budi.channel_id, status="bot") == {budi.pk}
    assert hits(since=today - timedelta(hours=1)) == hits(until=today + timedelta(hours=1)) == both
    assert hits(until=today - timedelta(hours=1)) == hits(since=today + timedelta(hours=1)) == set()
    assert hits(queue="nowhere") == set()


@pytest.mark.usefixtures("_staffed")
def test_a_frequent_word_is_read_from_the_newest_lines_and_goes_on_in_the_index(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for number in range(12):
        citizen_says(f"gurita nomor {number}", sender=BUDI if number % 2 else AYU)
    filling.fill(now=now())
    with CaptureQueriesContext(connection) as taken:
        search.search("gurita", limit=3)
    assert len(taken) == 3
    monkeypatch.setattr(search, "NEAR_LINES", 5)
    monkeypatch.setattr(search, "FETCHED", 2)
    monkeypatch.setattr(search, "CHUNK", 3)
    seen: list[tuple[int, int]] = []
    page = search.search("gurita", limit=4, only=search.Filter(status="bot"))
    while True:
        seen += [(hit.conversation, hit.seq) for hit in of_people(page)]
        if page.more is None:
            break
        page = search.search("gurita", before=page.more, limit=4, only=search.Filter(status="bot"))
    assert len(seen) == len(set(seen)) == 12
