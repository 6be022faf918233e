"""Consent between a citizen and the bot, on a real database."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from resmi.agency.models import AuditEntry
from resmi.channels.models import Delivery
from resmi.contacts import consenting
from resmi.contacts.models import Consent
from resmi.conversations import services
from resmi.conversations.models import Conversation, Event
from resmi.engine import content
from tests.conversations import factories
from tests.conversations.factories import citizen_says

pytestmark = pytest.mark.django_db
WORDS = {"id": "Bolehkah kami menyimpan laporan Anda?", "en": "May we keep your report?"}


@pytest.fixture(autouse=True)
def _office() -> None:
    factories.channel()
    factories.queues()


@pytest.fixture
def _worded() -> None:
    consenting.put_wording(actor=None, texts=WORDS)


def tap(key: str, version: int = 1) -> content.Choice:
    return content.Choice(f"consent_{key}:{version}", "Saya setuju")


def said() -> list[str]:
    """What the bot wrote, oldest first."""
    rows = Delivery.objects.filter(author="bot").order_by("id")
    return [content.preview(content.decode_outbound(bytes(row.content)), 4096) for row in rows]


def questions() -> list[Delivery]:
    """The messages that ask for consent, oldest first."""
    rows = Delivery.objects.filter(author="bot").order_by("id")
    return [row for row in rows if WORDS["id"].encode() in bytes(row.content)]


def types(talk: Conversation) -> list[str]:
    rows = Event.objects.filter(conversation=talk, type__startswith="consent").order_by("seq")
    return list(rows.values_list("type", flat=True))


def long_ago(days: int) -> None:
    Consent.objects.update(asked_at=datetime.now(UTC) - timedelta(days=days))


@pytest.mark.usefixtures("_worded")
def test_a_citizen_is_asked_once_with_two_buttons_and_their_yes_is_kept() -> None:
    talk = citizen_says("terima kasih")
    asked = content.decode_outbound(bytes(Delivery.objects.latest("id").content))
    assert isinstance(asked, content.Choices)
    assert asked.body == WORDS["id"]
    assert [one.id for one in asked.options] == ["consent_yes:1", "consent_no:1"]
    citizen_says(tap("yes"))
    kept = Consent.objects.get()
    assert (kept.wording.version, kept.language, kept.how) == (1, "id", "written")
    assert (kept.conversation, kept.channel) == (talk.pk, talk.channel_id)
    assert kept.standing == "given"
    assert kept.answered_at
    assert kept.by is None
    assert types(talk) == ["consent_asked", "consent_answered"]
    actions = AuditEntry.objects.filter(action__startswith="consent_", actor=None).order_by("pk")
    assert [one.action for one in actions][1:] == ["consent_asked", "consent_given"]
    citizen_says("terima kasih")
    citizen_says(tap("yes"))
    assert "sudah berlaku" in said()[-1]
    assert Consent.objects.count() == 1


@pytest.mark.usefixtures("_worded")
def test_who_declined_is_not_asked_again_before_a_year_is_over() -> None:
    citizen_says("terima kasih")
    citizen_says(tap("no"))
    assert Consent.objects.get().standing == "refused"
    for days, count in ((364, 1), (366, 2)):
        long_ago(days)
        citizen_says("terima kasih")
        assert Consent.objects.count() == count
    assert Consent.objects.latest("pk").standing == "asked"


@pytest.mark.usefixtures("_worded")
def test_a_word_takes_a_consent_back_also_while_they_wait_for_people() -> None:
    citizen_says("terima kasih")
    citizen_says(tap("yes"))
    assert citizen_says("agen").status == "waiting"
    talk = citizen_says("cabut persetujuan")
    assert talk.status == "waiting"
    assert Consent.objects.get().standing == "withdrawn"
    assert any("mencabut persetujuan" in one for one in said())


@pytest.mark.usefixtures("_worded")
def test_an_answer_counts_silently_while_an_agent_has_the_word() -> None:
    talk = citizen_says("terima kasih")
    Delivery.objects.update(status="accepted")
    services.take_over(actor=factories.agent(), conversation_id=talk.pk)
    before = len(said())
    citizen_says(tap("yes"))
    assert Consent.objects.get().standing == "given"
    assert len(said()) == before


def taken_over_and_given_back(talk: Conversation) -> None:
    sari = factories.agent()
    services.take_over(actor=sari, conversation_id=talk.pk)
    services.return_to_bot(actor=sari, conversation_id=talk.pk)


@pytest.mark.usefixtures("_worded")
def test_a_question_taken_back_before_it_left_is_asked_again_once() -> None:
    talk = citizen_says("terima kasih")
    taken_over_and_given_back(talk)
    assert not Consent.objects.exists()
    assert AuditEntry.objects.filter(action="consent_not_asked", actor=None).count() == 1
    citizen_says("makasih")
    citizen_says("makasih")
    assert Consent.objects.get().standing == "asked"
    assert [one.status for one in questions()] == ["cancelled", "queued"]
    citizen_says(tap("yes"))
    assert Consent.objects.get().standing == "given"


@pytest.mark.usefixtures("_worded")
@pytest.mark.parametrize("status", ["accepted", "unknown", "sending", "failed"])
def test_a_question_that_left_or_may_have_is_not_asked_again(
    monkeypatch: pytest.MonkeyPatch, status: str
) -> None:
    monkeypatch.setattr("resmi.channels.services.CANCEL_WAIT_S", 0)
    talk = citizen_says("terima kasih")
    Delivery.objects.filter(author="bot").update(status=status)
    taken_over_and_given_back(talk)
    citizen_says("makasih")
    assert Consent.objects.get().standing == "asked"
    assert len(questions()) == 1


@pytest.mark.usefixtures("_worded")
def test_a_question_of_which_a_part_left_is_not_asked_again() -> None:
    talk = citizen_says("terima kasih")
    (part,) = questions()
    part.pk, part.ref, part.status = None, part.ref[:-1] + "2", "accepted"
    part.save(force_insert=True)
    taken_over_and_given_back(talk)
    citizen_says("makasih")
    assert Consent.objects.get().standing == "asked"


@pytest.mark.usefixtures("_worded")
def test_an_earlier_answer_stands_again_when_the_next_question_never_left() -> None:
    citizen_says("terima kasih")
    citizen_says(tap("no"))
    Delivery.objects.update(status="accepted")
    long_ago(400)
    talk = citizen_says("terima kasih")
    taken_over_and_given_back(talk)
    assert Consent.objects.get().standing == "refused"
    citizen_says("terima kasih")
    assert [one.standing for one in Consent.objects.order_by("pk")] == ["refused", "asked"]


@pytest.mark.usefixtures("_worded")
def test_a_question_too_late_to_be_sent_asks_nobody() -> None:
    factories.wire("terima kasih", at=datetime.now(UTC) - timedelta(days=2))
    factories.work()
    assert said() == []
    assert not Consent.objects.exists()
    assert types(Conversation.objects.get()) == []


@pytest.mark.usefixtures("_worded")
def test_who_thinks_otherwise_is_believed_and_what_they_said_before_stays() -> None:
    citizen_says("terima kasih")
    for key in ("no", "yes", "no"):
        citizen_says(tap(key))
    rows = Consent.objects.order_by("pk")
    assert [one.standing for one in rows] == ["refused", "withdrawn"]


@pytest.mark.usefixtures("_worded")
def test_a_button_of_another_wording_agrees_to_nothing() -> None:
    citizen_says("terima kasih")
    consenting.put_wording(actor=None, texts={**WORDS, "id": "Bolehkah kami menghubungi Anda?"})
    citizen_says(tap("yes", 2))
    assert Consent.objects.get().standing == "asked"
    long_ago(400)
    citizen_says("terima kasih")
    citizen_says(tap("yes", 1))
    assert [one.standing for one in Consent.objects.order_by("pk")] == ["asked", "asked"]
    citizen_says(tap("yes", 2))
    assert Consent.objects.latest("pk").wording.version == 2
    assert Consent.objects.latest("pk").standing == "given"


@pytest.mark.usefixtures("_worded")
def test_a_no_to_a_new_wording_also_ends_what_they_agreed_to_before() -> None:
    citizen_says("terima kasih")
    citizen_says(tap("yes"))
    consenting.put_wording(actor=None, texts={**WORDS, "id": "Bolehkah kami menghubungi Anda?"})
    long_ago(400)
    citizen_says("terima kasih")
    citizen_says(tap("no", 2))
    assert [one.standing for one in Consent.objects.order_by("pk")] == ["withdrawn", "refused"]


@pytest.mark.usefixtures("_worded")
def test_messages_of_one_batch_see_each_other() -> None:
    for one in ("terima kasih", tap("yes"), "terima kasih", "cabut persetujuan"):
        factories.wire(one)
    factories.work()
    assert [one.standing for one in Consent.objects.all()] == ["withdrawn"]


@pytest.mark.parametrize(
    "wrong", ["consent_yes:", "consent_yes:x", "consent_yes:99999999999", "consent_no:-1"]
)
def test_without_a_wording_nobody_is_asked_and_old_taps_do_nothing(wrong: str) -> None:
    citizen_says("terima kasih")
    citizen_says(content.Choice(wrong, "Ya"))
    citizen_says("cabut persetujuan")
    assert not Consent.objects.exists()
    assert "Tidak ada yang berubah" in said()[-1]


@pytest.mark.usefixtures("_worded")
def test_a_question_that_is_open_is_not_interrupted() -> None:
    citizen_says("lapor")
    citizen_says("terima kasih")
    assert not Consent.objects.exists()
