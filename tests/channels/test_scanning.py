"""Citizens' files pass the virus scanner before anybody sees them."""

from __future__ import annotations

import io
import shutil
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from resmi.channels import media, operating, scanning
from resmi.channels.models import MediaFile
from resmi.config import environment
from tests import processes
from tests.agency import making
from tests.channels import clamd as pretend
from tests.channels.clamd import EICAR, Clamd
from tests.channels.fake_graph import FakeGraph, StoredFile
from tests.channels.test_media import ask, fetched, stored

LARGE = bytes(range(256)) * 2_000


@pytest.fixture
def clamd() -> Iterator[Clamd]:
    with pretend.running() as server:
        yield server


@pytest.fixture
def scanned(settings: Any, tmp_path: Path, graph: FakeGraph, clamd: Clamd) -> Clamd:
    settings.MEDIA_ROOT = tmp_path
    settings.WHATSAPP_GRAPH_URL = graph.url
    settings.WHATSAPP_TOKEN = "token"
    settings.CLAMAV = clamd.address
    return clamd


def test_the_scanner_sees_every_byte_and_finds_nothing(clamd: Clamd) -> None:
    file = io.BytesIO(LARGE)
    file.read(100)
    assert scanning.scan(file, clamd.address) == ""
    assert clamd.scanned == [LARGE]


def test_what_is_found_is_named(clamd: Clamd) -> None:
    assert scanning.scan(io.BytesIO(EICAR), clamd.address) == "Eicar-Test-Signature"


def test_a_file_larger_than_the_scanner_takes_is_not_called_clean() -> None:
    with pretend.running(most=1000) as clamd, pytest.raises(scanning.NotScanned):
        scanning.scan(io.BytesIO(LARGE), clamd.address)


@pytest.mark.parametrize("answer", [b"", b"stream: ", b"COMMAND READ TIMED OUT", b"\xff\xff"])
def test_an_odd_answer_is_not_called_clean(clamd: Clamd, answer: bytes) -> None:
    clamd.says = answer or b" "
    with pytest.raises(scanning.Unreachable):
        scanning.scan(io.BytesIO(b"x"), clamd.address)


def test_a_scanner_that_is_not_there_is_said_to_be_away(tmp_path: Path) -> None:
    for address in (f"tcp://127.0.0.1:{processes.free_port()}", f"unix://{tmp_path}/none"):
        with pytest.raises(scanning.Unreachable):
            scanning.scan(io.BytesIO(b"x"), address)


@pytest.mark.parametrize("address", ["clamd", "tcp://", "http://127.0.0.1", "unix://"])
def test_an_address_that_can_not_be_is_refused_at_the_start(address: str) -> None:
    with pytest.raises(environment.WrongSetting, match="RESMI_CLAMAV"):
        environment.scanner({"RESMI_CLAMAV": address})


@pytest.mark.django_db
def test_an_infected_file_is_quarantined_and_never_opened(
    scanned: Clamd, graph: FakeGraph, tmp_path: Path
) -> None:
    row = ask(graph, StoredFile(EICAR, mime="application/pdf"), kind="document", mime="")
    media.fetch(str(row.pk))
    row = stored(row)
    assert (row.state, row.error) == ("quarantine", "Eicar-Test-Signature")
    assert fetched().media == ""
    assert (tmp_path / "quarantine" / f"{row.pk}.bin").read_bytes() == EICAR
    with pytest.raises(MediaFile.DoesNotExist):
        media.open(str(row.pk))


@pytest.mark.django_db
def test_while_the_scanner_is_away_a_file_waits(
    scanned: Clamd, graph: FakeGraph, settings: Any
) -> None:
    settings.CLAMAV = f"tcp://127.0.0.1:{processes.free_port()}"
    row = ask(graph, StoredFile(b"%PDF-1.4", mime="application/pdf"), kind="document", mime="")
    with pytest.raises(media.TryAgain, match="scanner"):
        media.fetch(str(row.pk))
    assert stored(row).state == "pending"
    settings.CLAMAV = scanned.address
    media.fetch(str(row.pk))
    assert stored(row).state == "stored"


@pytest.mark.django_db
def test_a_quarantined_file_that_was_harmless_comes_in_when_asked_again(
    scanned: Clamd, graph: FakeGraph, tmp_path: Path
) -> None:
    row = ask(graph, StoredFile(b"%PDF-1.4", mime="application/pdf"), kind="document", mime="")
    scanned.says = b"stream: Heuristics.Wrong FOUND"
    media.fetch(str(row.pk))
    scanned.says = None
    sari = making.account()
    assert operating.fetch_file_again(actor=sari, media_id=str(row.pk))
    assert not operating.fetch_file_again(actor=sari, media_id=str(row.pk))
    media.fetch(str(row.pk))
    assert stored(row).state == "stored"
    assert list((tmp_path / "quarantine").iterdir()) == []


@pytest.fixture(scope="module")
def real_clamd(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Debian's clamd with one signature of our own; skips where there is none."""
    if shutil.which("clamd") is None:
        pytest.skip("no clamd: apt install clamav-daemon")
    folder = tmp_path_factory.mktemp("clamd")
    (folder / "test.ndb").write_text(f"Resmi.Test.Eicar:0:*:{EICAR.hex()}\n")
    unix = Path("/tmp") / f"resmi-clamd-{processes.free_port()}"
    config = folder / "clamd.conf"
    config.write_text(
        f"DatabaseDirectory {folder}\nLocalSocket {unix}\nForeground yes\nUser root\n"
        "StreamMaxLength 1M\nMaxThreads 2\n"
    )
    env = {"PATH": "/usr/sbin:/usr/bin"}
    with processes.running("clamd", shutil.which("clamd") or "", "-c", str(config), env=env) as one:
        one.wait_until(lambda: _listens(unix))
        yield f"unix://{unix}"
    unix.unlink(missing_ok=True)


def _listens(path: Path) -> bool:
    with socket.socket(socket.AF_UNIX) as probe:
        return probe.connect_ex(str(path)) == 0


@pytest.mark.slow
def test_a_real_clamd_answers_as_the_pretended_one(real_clamd: str) -> None:
    assert scanning.scan(io.BytesIO(LARGE), real_clamd) == ""
    assert scanning.scan(io.BytesIO(EICAR), real_clamd).startswith("Resmi.Test.Eicar")
    with pytest.raises(scanning.NotScanned):
        scanning.scan(io.BytesIO(bytes(3_000_000)), real_clamd)
