"""`resmi receipt`: a file is checked without a database; a code in ours."""

from __future__ import annotations

import json
from pathlib import Path

import msgspec
import pytest
from typer.testing import CliRunner, Result

from resmi.cli.receipt import app
from resmi.cli.trouble import Trouble
from resmi.registry.receipts import codes, keyring, queries, services
from tests.registry.receipts.making import ISSUER, NOW, signed, verdict
from tests.registry.receipts.making import ring as new_ring


@pytest.fixture
def ring(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The key file of an installation that the command finds by itself."""
    file = tmp_path / "receipt-keys.json"
    keyring.ensure(file, NOW)
    monkeypatch.setenv("RESMI_RECEIPT_KEYS", str(file))
    return file


@pytest.fixture
def copy(ring: Path, tmp_path: Path) -> Path:
    """A genuine receipt as a file."""
    file = tmp_path / "receipt.json"
    file.write_bytes(signed(keyring.load(ring)))
    return file


def run(*arguments: str | Path) -> Result:
    result = CliRunner().invoke(app, [str(argument) for argument in arguments])
    if isinstance(result.exception, Trouble):
        raise result.exception
    return result


def test_a_genuine_file_is_told_with_what_it_says(copy: Path) -> None:
    result = run("verify", copy)
    assert result.exit_code == 0
    assert result.output.startswith("Genuine")
    assert "answer: licensed" in result.output
    assert "Register of Examples, as of 2026-03-01, version 3" in result.output


def test_a_file_is_checked_by_published_keys_alone(
    ring: Path, copy: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    published = tmp_path / "published.json"
    published.write_bytes(msgspec.json.encode(keyring.load(ring).public(ISSUER)))
    monkeypatch.setenv("RESMI_RECEIPT_KEYS", str(tmp_path / "none.json"))
    assert run("verify", copy, "--keys", published).exit_code == 0


def test_an_altered_file_is_not_genuine(copy: Path) -> None:
    copy.write_bytes(copy.read_bytes().replace(b"licensed", b"illegal!"))
    result = run("verify", copy)
    assert result.exit_code == 3
    assert "NOT A RECEIPT" in result.output
    copy.write_bytes(copy.read_bytes().replace(b"illegal!", b"revoked"))
    assert "ALTERED" in run("verify", copy).output


def test_a_forged_file_is_not_genuine(copy: Path) -> None:
    copy.write_bytes(signed(new_ring()))
    result = run("verify", copy, "--json")
    assert result.exit_code == 3
    assert json.loads(result.output)["outcome"] == "unknown_key"


def test_after_a_rotation_an_old_file_is_genuine_and_after_a_revocation_not(
    ring: Path, copy: Path
) -> None:
    old = keyring.load(ring).signing.id
    assert "signs from now on" in run("rotate").output
    assert run("verify", copy).exit_code == 0
    assert run("revoke-key", old, "--reason", "stolen").exit_code == 0
    result = run("verify", copy)
    assert result.exit_code == 3
    assert "stolen" in result.output
    assert f"{old}  made" in run("keys").output
    assert "REVOKED" in run("keys").output


def test_keys_are_listed_for_programs_without_private_halves(ring: Path) -> None:
    listed = json.loads(run("keys", "--json").output)
    assert [one["id"] for one in listed["keys"]] == [keyring.load(ring).signing.id]
    assert "private_key" not in listed["keys"][0]


@pytest.mark.parametrize(
    "arguments",
    [
        ("verify", "not-there.json"),
        ("verify", "folder/not-there"),
        ("revoke-key", "0" * 16, "--reason", "?"),
        ("withdraw", "mistyped", "--reason", "?"),
    ],
)
def test_what_can_not_be_done_is_said_in_words(ring: Path, arguments: tuple[str, ...]) -> None:
    with pytest.raises(Trouble):
        run(*arguments)


def test_without_keys_of_our_own_a_file_needs_the_issuers(
    copy: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RESMI_RECEIPT_KEYS", str(tmp_path / "none.json"))
    with pytest.raises(Trouble, match="--keys"):
        run("verify", copy)


def test_keys_that_are_none_are_said_to_be(copy: Path, tmp_path: Path) -> None:
    nonsense = tmp_path / "nonsense.json"
    nonsense.write_text("{}")
    with pytest.raises(Trouble, match="no published keys"):
        run("verify", copy, "--keys", nonsense)


def test_a_mistyped_code_is_told_without_a_database() -> None:
    result = run("verify", "7K2M-Q0ZD-41XX")
    assert result.exit_code == 3
    assert "MISTYPED" in result.output


@pytest.mark.django_db
def test_a_code_is_looked_up_and_a_withdrawn_one_is_told(keys: Path) -> None:
    code = codes.shown(services.issue_for_visitor(verdict()))
    assert "Genuine" in run("verify", code).output
    assert run("withdraw", code, "--reason", "a mistake").exit_code == 0
    result = run("verify", code)
    assert result.exit_code == 3
    assert "a mistake" in result.output
    assert queries.find(codes.read(code)) is not None
    assert "UNKNOWN" in run("verify", codes.encode(5)).output
