"""Staff by a file: previewed, put in force as a whole, handed back, undone."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from typer.testing import CliRunner

from resmi.agency.models import AuditEntry, User
from resmi.cli import staff as command
from resmi.conversations import departing
from resmi.routing import queries
from resmi.routing.models import StaffImport
from resmi.routing.staffing import errors, services
from tests.desk import scenes

pytestmark = pytest.mark.django_db

NEW = "email,name,role,pseudonym,skills\nbudi@example.org,Budi,agent,Mas Budi,loans:2\n"


@pytest.fixture
def ratna() -> User:
    return scenes.supervisor("Ratna", role="admin")


def _put(text: str, actor: User | None) -> StaffImport:
    staged = services.hand_over(actor=actor, name="staff.csv", data=text.encode())
    seen = services.digest(services.plan_of(staged, actor=actor))
    services.apply(actor=actor, staged_id=staged.pk, seen=seen)
    return staged


def _upload(client: Client, text: str) -> Any:
    file = SimpleUploadedFile("staff.csv", text.encode("utf-8-sig"))
    return client.post(reverse("desk:staff_import"), {"file": file}, follow=True)


def test_a_file_is_looked_at_then_put_in_force(ratna: User) -> None:
    client = scenes.signed_in(ratna)
    shown = _upload(client, NEW)
    assert not User.objects.filter(email="budi@example.org").exists()
    address = reverse("desk:staff_confirm", args=[shown.context["staged"].pk])
    client.post(address, {"seen": shown.context["seen"]})
    budi = User.objects.get(email="budi@example.org")
    assert (budi.display_name, budi.has_usable_password()) == ("Mas Budi", False)
    assert queries.agent_settings(budi.pk).skills == {"loans": 2}


def test_what_is_wrong_is_shown_with_its_line_and_nothing_can_be_confirmed(ratna: User) -> None:
    page = _upload(scenes.signed_in(ratna), "email,role\nx@example.org,chief\n").content.decode()
    assert "There is no role “chief”" in page
    assert "Change 1 person" not in page


def test_a_file_that_is_no_text_is_refused_in_words(ratna: User) -> None:
    file = SimpleUploadedFile("staff.xlsx", b"PK\x03\x04\xff\xfe\x00")
    answer = scenes.signed_in(ratna).post(reverse("desk:staff_import"), {"file": file})
    assert answer.status_code == 422
    assert "CSV UTF-8" in answer.content.decode()


def test_only_what_was_looked_at_is_done(ratna: User) -> None:
    staged = services.hand_over(actor=ratna, name="", data=NEW.encode())
    seen = services.digest(services.plan_of(staged, actor=ratna))
    User.objects.create_user(email="budi@example.org", name="Another Budi")
    with pytest.raises(errors.Changed):
        services.apply(actor=ratna, staged_id=staged.pk, seen=seen)
    assert User.objects.get(email="budi@example.org").name == "Another Budi"


def test_a_second_confirmation_does_nothing(ratna: User) -> None:
    staged = _put(NEW, ratna)
    with pytest.raises(errors.Done):
        services.apply(actor=ratna, staged_id=staged.pk, seen="")
    assert AuditEntry.objects.filter(action="account_created").count() == 1


def test_one_line_that_can_not_be_done_undoes_all(ratna: User) -> None:
    staged = services.hand_over(actor=ratna, name="", data=(NEW + "c@example.org,C,,,\n").encode())
    with pytest.raises(errors.Wrong):
        services.apply(actor=ratna, staged_id=staged.pk, seen="")
    assert not User.objects.filter(email="budi@example.org").exists()


def test_an_agent_who_leaves_by_a_file_hands_their_conversations_back(ratna: User) -> None:
    scenes.office()
    sari = scenes.agent()
    conversation = scenes.held(sari)
    shown = _upload(scenes.signed_in(ratna), f"email,active\n{sari.email},no\n")
    assert "1 conversation goes back to its queue" in shown.content.decode()
    _put(f"email,active\n{sari.email},no\n", ratna)
    departing.return_held()
    conversation.refresh_from_db()
    assert (conversation.status, conversation.agent_id) == ("waiting", None)


def test_an_agent_who_may_no_longer_serve_hands_their_conversations_back(ratna: User) -> None:
    scenes.office()
    sari = scenes.agent()
    conversation = scenes.held(sari)
    _put(f"email,role\n{sari.email},editor\n", ratna)
    assert departing.return_held() == 1
    conversation.refresh_from_db()
    assert conversation.status == "waiting"


def test_an_import_is_undone_but_not_what_was_changed_since(ratna: User) -> None:
    scenes.office()
    sari = scenes.agent()
    staged = _put(NEW + f"{sari.email},Sari Dewi,supervisor,,loans:3\n", ratna)
    User.objects.filter(pk=sari.pk).update(name="Sari D.")
    address = reverse("desk:staff_undo", args=[staged.pk])
    assert scenes.signed_in(ratna).post(address).status_code == 302
    sari.refresh_from_db()
    assert (sari.name, sari.role) == ("Sari D.", "agent")
    assert "loans" not in queries.agent_settings(sari.pk).skills
    assert not User.objects.get(email="budi@example.org").is_active


def test_each_change_is_written_down_with_what_was_before(ratna: User) -> None:
    sari = scenes.agent()
    _put(f"email,role,skills\n{sari.email},supervisor,loans\n", ratna)
    told = AuditEntry.objects.get(action="account_changed")
    assert (told.before["role"], told.after["role"]) == ("agent", "supervisor")
    work = AuditEntry.objects.get(action="agent_settings_changed", actor=ratna)
    assert work.after == {"skills": {"loans": 1}}
    assert AuditEntry.objects.get(action="staff_imported").after == {
        "file": "staff.csv",
        "changed": 1,
    }


@pytest.mark.parametrize("name", ["staff_import", "staff_export"])
def test_only_who_manages_staff_may(name: str) -> None:
    assert scenes.signed_in(scenes.supervisor()).get(reverse(f"desk:{name}")).status_code == 403


def test_the_staff_page_leads_there(ratna: User) -> None:
    page = scenes.signed_in(ratna).get(reverse("agency:staff")).content.decode()
    assert reverse("desk:staff_import") in page


def test_what_is_exported_comes_back_unchanged(ratna: User) -> None:
    scenes.office()
    scenes.agent()
    client = scenes.signed_in(ratna)
    text = client.get(reverse("desk:staff_export")).content.decode("utf-8-sig")
    shown = _upload(client, text)
    assert (shown.context["plan"].steps, shown.context["plan"].same) == ((), 2)


def _run(*words: str) -> tuple[int, str]:
    done = CliRunner().invoke(command.app, list(words))
    return done.exit_code, done.output


def test_the_command_tries_does_and_undoes(tmp_path: Path) -> None:
    file = tmp_path / "staff.csv"
    file.write_text(NEW)
    assert "this was a trial" in _run("import", str(file), "--dry-run")[1]
    assert not User.objects.exists()
    assert "created  budi@example.org" in _run("import", str(file))[1]
    assert "0 to change, 1 unchanged" in _run("import", str(file))[1]
    assert "1 people" in _run("undo", str(StaffImport.objects.get().pk))[1]
    assert not User.objects.get().is_active


def test_the_command_names_lines_and_ends_with_its_own_code(tmp_path: Path) -> None:
    file = tmp_path / "staff.csv"
    file.write_text("email,role\nx@example.org,chief\n")
    code, said = _run("import", str(file))
    assert code == command.WRONG
    assert "line 2: There is no role “chief”" in said


def test_the_command_writes_what_it_can_read(tmp_path: Path) -> None:
    scenes.supervisor("Ratna", role="admin")
    file = tmp_path / "staff.csv"
    _run("export", str(file))
    assert "0 to change, 1 unchanged" in _run("import", str(file), "--dry-run")[1]
