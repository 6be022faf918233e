from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import FileSystemStorage
from django.db import connection

from resmi.agency import segments
from resmi.agency.models import AuditEntry
from resmi.channels import weeks
from resmi.channels.models import Delivery, DeliveryReport, Inbound, MediaFile
from resmi.contacts.models import Contact
from resmi.conversations import blocks, filling
from resmi.conversations.models import Conversation, Event, SearchLine, Timer
from resmi.engine.address import Address
from resmi.operations import retention
from tests.conversations import factories
from tests.conversations.factories import BUDI, citizen_says

pytestmark = pytest.mark.django_db
AYU = Address(kind="whatsapp", scope="p1", user_id="ID.2", phone="628222", profile_name="Ayu")
AGO = timedelta(days=200)
AfterPlanning = Callable[[Callable[[], object]], None]


def now() -> datetime:
    return datetime.now(UTC)


def next_block() -> None:
    """The next conversation begins a block of its own."""
    newest = blocks.newest_id()
    upper = next(b.upper for b in blocks.of_table(blocks.TABLES[0]) if b.upper > newest)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT setval(pg_get_serial_sequence('conversations_conversation', 'id'), %s)", [upper]
        )


@pytest.fixture(autouse=True)
def _staffed() -> Iterator[None]:
    factories.channel()
    factories.queues()
    blocks.tend(now())
    next_block()
    blocks.tend(now())
    return


def old_talk(sender: Address = BUDI) -> Conversation:
    """A conversation closed long ago, with all that hangs on one."""
    talk = citizen_says("gurita", sender=sender)
    sent = Delivery.objects.filter(conversation=talk.pk).first()
    assert sent is not None
    DeliveryReport.objects.create(delivery=sent, conversation=talk.pk, status="read", at=now())
    filling.fill(now=now())
    Conversation.objects.filter(pk=talk.pk).update(
        status="closed", opened_at=now() - AGO - timedelta(days=1), closed_at=now() - AGO
    )
    return talk


def keep(inbound: int | None = None, conversations: int | None = None) -> None:
    """Sets the policy when new conversations begin in a later block, as a month later they do."""
    next_block()
    blocks.tend(now())
    retention.set_policy(actor=None, inbound_days=inbound, conversation_days=conversations)


def test_without_a_policy_nothing_goes() -> None:
    talk = old_talk()
    assert retention.plan(now()) == []
    assert retention.apply(actor=None, now=now()) == []
    assert Event.objects.filter(conversation=talk).exists()


def test_a_policy_that_would_drop_what_may_still_be_repeated_is_refused() -> None:
    with pytest.raises(retention.Refused, match="too few"):
        keep(inbound=7)


def test_a_policy_can_be_changed_and_taken_back() -> None:
    for days in (100, 300, None):
        retention.set_policy(actor=None, inbound_days=days, conversation_days=days)
        assert (retention.policy().inbound_days, retention.policy().conversation_days) == (
            days,
            days,
        )
    assert AuditEntry.objects.filter(action="retention_set").count() == 3


def test_old_conversations_go_with_all_that_hangs_on_them_and_it_is_written_down() -> None:
    talk = old_talk()
    keep(conversations=100)
    (part,) = retention.plan(now())
    assert (part.rows, part.stays) == (1, "")
    assert Event.objects.filter(conversation=talk).exists(), "planning drops nothing"
    assert retention.apply(actor=None, now=now()) == [part]
    for left in (
        Event.objects.filter(conversation=talk),
        SearchLine.objects.filter(conversation=talk),
        DeliveryReport.objects.filter(conversation=talk.pk),
        Delivery.objects.filter(conversation=talk.pk),
        Timer.objects.filter(conversation=talk),
        Conversation.objects.filter(pk=talk.pk),
    ):
        assert not left.exists()
    assert Contact.objects.filter(pk=talk.contact_id).exists()
    entry = AuditEntry.objects.get(action="segment_dropped")
    assert entry.target == part.names[0]
    assert retention.plan(now()) == []


def kept_files(talk: Conversation, folder: Path) -> list[str]:
    """Stores a photo and its preview; their names."""
    row = MediaFile.objects.create(
        conversation=talk.pk, kind="image", mime="image/png", state="stored", size=3
    )
    row.file.save("a.png", ContentFile(b"png"))
    row.preview.save("a.webp", ContentFile(b"webp"))
    return [path.name for path in folder.rglob("*") if path.is_file()]


def test_files_go_with_their_previews(settings: Any, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path
    assert len(kept_files(old_talk(), tmp_path)) == 2
    keep(conversations=100)
    retention.apply(actor=None, now=now())
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []
    assert not MediaFile.objects.exists()


def test_files_that_can_not_be_deleted_now_are_deleted_by_the_next_run(
    settings: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.MEDIA_ROOT = tmp_path
    kept_files(old_talk(), tmp_path)
    keep(conversations=100)
    with monkeypatch.context() as patched:
        patched.setattr(FileSystemStorage, "delete", _refused)
        with pytest.raises(OSError, match="away"):
            retention.apply(actor=None, now=now())
    retention.apply(actor=None, now=now())
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


def _refused(*_: object) -> None:
    raise OSError("the store is away")


def test_work_goes_on_after_a_drop() -> None:
    talk = old_talk()
    keep(conversations=100)
    retention.apply(actor=None, now=now())
    later = citizen_says("halo lagi")
    assert later.pk > talk.pk
    blocks.tend(now())
    assert Event.objects.filter(conversation=later).count() > 1


def test_the_block_in_which_conversations_begin_stays() -> None:
    talk = old_talk()
    retention.set_policy(actor=None, inbound_days=None, conversation_days=100)
    assert retention.plan(now()) == []
    retention.apply(actor=None, now=now())
    assert Event.objects.filter(conversation=talk).exists()


def test_what_belongs_to_no_conversation_has_a_place_after_the_first_block_went(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    part = retention.Part(
        kind="conversations",
        names=tuple(f"{table}_b0" for table in blocks.TABLES),
        begin=None,
        end=None,
        bytes=0,
    )
    monkeypatch.setattr(retention, "plan", lambda _moment, only: [part])
    assert retention._drop(None, part, now())
    talk = citizen_says("halo")
    sent = Delivery.objects.filter(conversation=talk.pk).first()
    assert sent is not None
    DeliveryReport.objects.create(delivery=sent, conversation=0, status="read", at=now())
    assert not any(segments.lacking(table) for table in blocks.TABLES)
    blocks.tend(now())


def test_an_interrupted_drop_is_finished_by_the_next_run() -> None:
    talk = old_talk()
    keep(conversations=100)
    (part,) = retention.plan(now())
    for name in part.names:
        segments.drop(name)
    retention.apply(actor=None, now=now())
    assert not Conversation.objects.filter(pk=talk.pk).exists()


@pytest.mark.parametrize("why", ["open", "young", "held"])
def test_a_block_stays_while_one_of_its_conversations_must(why: str) -> None:
    old_talk()
    other = old_talk(AYU)
    words = {"open": "not closed", "young": "younger", "held": "under a hold"}[why]
    if why == "open":
        Conversation.objects.filter(pk=other.pk).update(status="bot")
    elif why == "young":
        Conversation.objects.filter(pk=other.pk).update(closed_at=now())
    else:
        retention.hold(actor=None, contact_id=other.contact_id, reason="Court order 12")
    keep(conversations=100)
    (part,) = retention.plan(now())
    assert words in part.stays
    assert retention.apply(actor=None, now=now()) == []
    assert Event.objects.filter(conversation=other).exists()
    if why == "held":
        retention.release(actor=None, contact_id=other.contact_id, now=now())
        assert len(retention.apply(actor=None, now=now())) == 1


def test_a_hold_needs_a_reason_and_stands_once() -> None:
    contact = old_talk().contact_id
    with pytest.raises(retention.Refused, match="why"):
        retention.hold(actor=None, contact_id=contact, reason=" ")
    retention.hold(actor=None, contact_id=contact, reason="Court order 12")
    with pytest.raises(retention.Refused, match="already"):
        retention.hold(actor=None, contact_id=contact, reason="Again")
    assert AuditEntry.objects.filter(action="hold_placed").count() == 1


def put(key: str, *, contact_key: str = "", status: str = "done") -> str:
    """An item of long ago, in the segment of its week; that segment's name."""
    stamp = now() - AGO
    Inbound.objects.create(
        kind="message", key=key, stamp=stamp, raw=b"{}", status=status, contact_key=contact_key
    )
    weeks.tend(now())
    return weeks.name_of(weeks.begin_of(stamp))


def test_old_items_go_by_the_week() -> None:
    name = put("old")
    fresh = citizen_says("halo")
    keep(inbound=90)
    assert [part.names for part in retention.apply(actor=None, now=now())] == [(name,)]
    assert not Inbound.objects.filter(key="old").exists()
    assert Inbound.objects.filter(contact_key=BUDI.key()).exists()
    assert Event.objects.filter(conversation=fresh).exists()


def test_items_that_wait_for_people_keep_their_week() -> None:
    put("parked", status="parked")
    keep(inbound=90)
    (part,) = retention.plan(now())
    assert "not done" in part.stays
    assert retention.apply(actor=None, now=now()) == []


@pytest.fixture
def after_planning(monkeypatch: pytest.MonkeyPatch) -> AfterPlanning:
    """Lets something happen between planning what goes and dropping it."""
    planned = retention.plan

    def let(happen: Callable[[], object]) -> None:
        def plan_first(moment: datetime) -> list[retention.Part]:
            parts = planned(moment)
            monkeypatch.setattr(retention, "plan", planned)
            happen()
            return parts

        monkeypatch.setattr(retention, "plan", plan_first)

    return let


def test_a_week_stays_when_an_item_for_people_comes_while_it_is_to_go(
    after_planning: AfterPlanning,
) -> None:
    name = put("old")
    keep(inbound=90)
    after_planning(lambda: put("late", status="new"))
    assert retention.apply(actor=None, now=now()) == []
    assert set(Inbound.objects.values_list("key", flat=True)) == {"old", "late"}
    assert [part.names for part in retention.plan(now())] == [(name,)]


def _hold() -> None:
    (contact,) = Contact.objects.all()
    retention.hold(actor=None, contact_id=contact.pk, reason="Court order 12")


def _keep_longer() -> None:
    retention.set_policy(actor=None, inbound_days=300, conversation_days=300)


@pytest.mark.parametrize("happens", [_hold, _keep_longer])
def test_what_is_held_while_it_is_to_go_stays(
    after_planning: AfterPlanning, happens: Callable[[], None]
) -> None:
    talk = old_talk()
    put("old", contact_key=BUDI.key())
    keep(inbound=90, conversations=90)
    after_planning(happens)
    assert retention.apply(actor=None, now=now()) == []
    assert Event.objects.filter(conversation=talk).exists()
    assert Inbound.objects.filter(key="old").exists()


def test_items_of_a_held_contact_keep_their_week() -> None:
    contact = citizen_says("halo").contact_id
    put("held", contact_key=BUDI.key())
    retention.hold(actor=None, contact_id=contact, reason="Court order 12")
    keep(inbound=90)
    (part,) = retention.plan(now())
    assert "hold" in part.stays


def test_items_without_a_time_go_by_when_they_came() -> None:
    Inbound.objects.create(kind="result", key="old", raw=b"{}", status="done")
    Inbound.objects.create(kind="result", key="new", raw=b"{}", status="done")
    Inbound.objects.create(kind="result", key="waits", raw=b"{}", status="parked")
    Inbound.objects.filter(key__in=["old", "waits"]).update(received_at=now() - AGO)
    keep(inbound=90)
    retention.apply(actor=None, now=now())
    assert set(Inbound.objects.values_list("key", flat=True)) == {"new", "waits"}


def test_files_of_a_held_contact_are_kept_longer_than_files_are(
    settings: Any, tmp_path: Path
) -> None:
    settings.MEDIA_ROOT, settings.MEDIA_KEEP_DAYS = tmp_path, 30
    held, other = old_talk(), old_talk(AYU)
    rows = [
        MediaFile.objects.create(
            conversation=talk.pk, kind="image", mime="image/png", state="stored", size=3
        )
        for talk in (held, other)
    ]
    retention.hold(actor=None, contact_id=held.contact_id, reason="a court asks")
    assert retention.remove_old_files(now() + timedelta(days=31)) == 1
    for row in rows:
        row.refresh_from_db()
    assert [row.state for row in rows] == ["stored", "removed"]
