"""All data about a citizen: carried away whole, or taken away with what stays said."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import FileSystemStorage
from django.db import connection
from typer.testing import CliRunner

from resmi.agency.models import AuditEntry
from resmi.channels.models import Delivery, Inbound, MediaFile
from resmi.cli import contact as command
from resmi.cli.trouble import Trouble
from resmi.contacts import noting
from resmi.contacts.models import Contact, Identity
from resmi.conversations import filling, people, queries, services
from resmi.conversations.models import Conversation, Event
from resmi.conversations.queries import search
from resmi.engine import chain
from resmi.operations import retention
from resmi.operations.personal import erasing, finding, packing
from tests.conversations import factories
from tests.desk import scenes

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _office(settings: Any, tmp_path: Path) -> Iterator[None]:
    settings.MEDIA_ROOT = tmp_path
    scenes.office()
    return


def _known(name: str = "Budi Rahasia", *, said: str = "halo") -> Conversation:
    talk = scenes.with_bot(name, said)
    noting.add_tag(actor=None, contact_id=talk.contact_id, text="vulnerable")
    noting.set_note(actor=None, contact_id=talk.contact_id, text="deaf in one ear")
    row = MediaFile.objects.create(
        conversation=talk.pk, kind="image", mime="image/png", state="stored", size=3
    )
    row.file.save("a.png", ContentFile(b"png"))
    return talk


def _closed(talk: Conversation) -> Conversation:
    sari = scenes.agent("Mbak")
    sari.name = "Sari Sejati"
    sari.save()
    services.take_over(actor=sari, conversation_id=talk.pk)
    services.close(actor=sari, conversation_id=talk.pk, reason="advice_given")
    Delivery.objects.filter(conversation=talk.pk).update(status="read")
    Inbound.objects.update(status="done")
    talk.refresh_from_db()
    return talk


def _erase(contact: int) -> erasing.Outcome:
    return erasing.erase(
        actor=None, contact_id=contact, reason="Asked for it", now=datetime.now(UTC)
    )


def _exported(contact: int) -> zipfile.ZipFile:
    target = io.BytesIO()
    packing.export(actor=None, contact_id=contact, target=target)
    return zipfile.ZipFile(target)


def test_the_export_holds_words_facts_and_files() -> None:
    talk = _known(said="saya rugi")
    packed = _exported(talk.contact_id)
    about = json.loads(packed.read("contact.json"))
    assert (about["name"], about["tags"], about["note"]) == (
        "Budi Rahasia",
        ["vulnerable"],
        "deaf in one ear",
    )
    assert "saya rugi" in packed.read(f"conversations/{talk.pk}.json").decode()
    (file,) = json.loads(packed.read("files.json"))
    assert packed.read(file["in_here"]) == b"png"
    assert AuditEntry.objects.get(action="contact_exported").target == f"contact:{talk.contact_id}"


def test_the_export_names_no_member_of_staff() -> None:
    talk = _closed(_known())
    packed = _exported(talk.contact_id)
    assert not any(b"Sejati" in packed.read(name) for name in packed.namelist())


def test_a_file_whose_bytes_are_gone_does_not_stop_the_export() -> None:
    talk = _known()
    row = MediaFile.objects.get(conversation=talk.pk)
    row.file.storage.delete(row.file.name)
    (file,) = json.loads(_exported(talk.contact_id).read("files.json"))
    assert file["in_here"] == ""


def test_the_export_holds_what_was_merged_into_the_citizen() -> None:
    kept, other = _known("Budi"), _closed(_known("Budi S."))
    people.merge(actor=None, keep_id=kept.contact_id, other_id=other.contact_id, choices={})
    names = _exported(kept.contact_id).namelist()
    assert {f"conversations/{kept.pk}.json", f"conversations/{other.pk}.json"} <= set(names)
    assert finding.find(str(other.contact_id)) == [kept.contact_id]


def _texts_of_all_tables(but: set[str]) -> dict[str, str]:
    """What every table says, as text, by its name."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace "
            "WHERE n.nspname = 'public' AND c.relkind IN ('r', 'p') AND NOT c.relispartition"
        )
        names = {name for (name,) in cursor.fetchall()} - but
        found = {}
        for name in names:
            cursor.execute(f"SELECT coalesce(string_agg(t::text, ' '), '') FROM \"{name}\" t")
            found[name] = cursor.fetchone()[0]
    return found


def test_nothing_outside_the_sealed_log_and_the_audit_tells_who_it_was(
    django_capture_on_commit_callbacks: Any, tmp_path: Path
) -> None:
    talk = _closed(_known("Zulkarnaen Rahasia", said="gurita"))
    identity = Identity.objects.get(contact=talk.contact_id)
    phone, user_id = identity.phone or "", identity.user_id or ""
    filling.fill(now=datetime.now(UTC))
    with django_capture_on_commit_callbacks(execute=True):
        _erase(talk.contact_id)
    sealed = {"conversations_event", "conversations_conversation", "agency_auditentry"}
    telling = {
        name
        for name, text in _texts_of_all_tables(sealed).items()
        for word in ("Zulkarnaen", phone, user_id, "gurita")
        if word in text
        if name != "channels_inbound" or word != phone
    }
    assert telling == set()
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


def test_the_log_is_kept_whole_but_no_screen_opens_it() -> None:
    talk = _closed(_known())
    events = list(Event.objects.filter(conversation=talk.pk).order_by("seq").values_list("hash"))
    _erase(talk.contact_id)
    after = list(Event.objects.filter(conversation=talk.pk).order_by("seq").values_list("hash"))
    assert events == after
    assert len(bytes(after[0][0])) == len(chain.GENESIS)
    assert queries.conversation(talk.pk) is None
    rina = scenes.signed_in(scenes.supervisor())
    assert rina.get(f"/desk/{talk.pk}/").status_code == 404


def test_search_does_not_find_it_again_when_it_looks_back() -> None:
    talk = _closed(_known(said="gurita"))
    another = _known("Ayu", said="gurita")
    _erase(talk.contact_id)
    filling.fill(now=datetime.now(UTC))
    filling.look_again(now=datetime.now(UTC))
    found = {hit.conversation for hit in search.search("gurita").hits}
    assert (another.pk in found, talk.pk in found) == (True, False)


def test_who_was_erased_and_writes_again_is_a_stranger() -> None:
    sender = scenes.citizen("Budi")
    talk = _closed(factories.citizen_says("halo", sender=sender))
    _erase(talk.contact_id)
    again = factories.citizen_says("halo", sender=sender)
    assert again.contact_id != talk.contact_id


def test_an_open_conversation_a_hold_and_a_missing_reason_stop_it() -> None:
    talk = _known()
    with pytest.raises(finding.Refused, match="still open"):
        _erase(talk.contact_id)
    _closed(talk)
    with pytest.raises(finding.Refused, match="Say why"):
        erasing.erase(actor=None, contact_id=talk.contact_id, reason=" ", now=datetime.now(UTC))
    retention.hold(actor=None, contact_id=talk.contact_id, reason="Court order 12")
    with pytest.raises(finding.Refused, match="Court order 12"):
        _erase(talk.contact_id)
    assert Contact.objects.get(pk=talk.contact_id).name == "Budi Rahasia"


def test_erasing_is_written_down_without_saying_who_it_was() -> None:
    talk = _closed(_known())
    _erase(talk.contact_id)
    entry = AuditEntry.objects.get(action="contact_erased")
    assert entry.after["reason"] == "Asked for it"
    assert "Budi" not in str(entry.after)
    with pytest.raises(finding.Refused, match="erased already"):
        _erase(talk.contact_id)


def _run(*words: str) -> str:
    done = CliRunner().invoke(command.app, list(words))
    if done.exception is not None and not isinstance(done.exception, SystemExit):
        raise done.exception
    return done.output


def test_the_command_finds_by_phone_tries_does_and_exports(tmp_path: Path) -> None:
    talk = _closed(_known())
    phone = Identity.objects.get(contact=talk.contact_id).phone
    file = tmp_path / "all.zip"
    assert "1 conversations, 1 files" in _run("export", f"+{phone}", "--to", str(file))
    said = _run("erase", str(talk.contact_id), "--dry-run")
    assert "sealed  their log" in said
    assert "this was a trial" in said
    assert "Done." in _run("erase", f"+{phone}", "--reason", "Asked", "--yes")
    with pytest.raises(Trouble, match="Nobody is known"):
        _run("erase", f"+{phone}", "--dry-run")


def test_files_that_can_not_be_deleted_now_stop_it_and_can_be_tried_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    talk = _closed(_known())

    def away(*_: object) -> None:
        raise OSError("the store is away")

    with monkeypatch.context() as patched:
        patched.setattr(FileSystemStorage, "delete", away)
        with pytest.raises(finding.Refused, match="files"):
            _erase(talk.contact_id)
    assert MediaFile.objects.get(conversation=talk.pk).state == "stored"
    assert Contact.objects.get(pk=talk.contact_id).erased_at is None
    _erase(talk.contact_id)
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []
