"""The demo's folder and ports."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest

from resmi.bot import packs
from resmi.cli.demo import plan, premises
from resmi.cli.demo.plan import Plan
from resmi.cli.trouble import Trouble


def planned(home: Path) -> Plan:
    return Plan(home=home, web_port=8700, simulator_port=8701)


def test_a_second_demo_in_the_same_folder_is_told_where_the_first_is(tmp_path: Path) -> None:
    with (
        premises.occupied(planned(tmp_path / "demo")),
        pytest.raises(Trouble, match=r"http://127\.0\.0\.1:8700/demo/"),
        premises.occupied(planned(tmp_path / "demo")),
    ):
        pass


def test_the_folder_is_free_again_when_the_demo_has_ended(tmp_path: Path) -> None:
    for _ in range(2):
        with premises.occupied(planned(tmp_path / "demo")):
            pass


def test_a_folder_with_other_things_in_it_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "thesis.odt").write_text("years of work")
    with pytest.raises(Trouble, match="no demo's"), premises.occupied(planned(tmp_path)):
        pass
    with pytest.raises(Trouble, match="no demo's"):
        premises.clear(tmp_path)
    assert (tmp_path / "thesis.odt").exists()


def test_a_reset_forgets_everything(tmp_path: Path) -> None:
    home = tmp_path / "demo"
    with premises.occupied(planned(home)):
        (home / "media").mkdir()
    premises.clear(home)
    assert not home.exists()


def test_a_running_demo_is_not_reset(tmp_path: Path) -> None:
    with (
        premises.occupied(planned(tmp_path / "demo")),
        pytest.raises(Trouble, match="already runs"),
    ):
        premises.clear(tmp_path / "demo")


def test_the_demo_never_uses_the_folder_of_an_installation() -> None:
    assert plan.home_for(None, {"RESMI_HOME": "/srv/resmi"}) == Path("/srv/resmi/demo")
    assert plan.home_for(Path("/tmp/x"), {"RESMI_HOME": "/srv/resmi"}) == Path("/tmp/x")


def test_settings_of_an_installation_do_not_reach_the_demo(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RESMI_WHATSAPP_TOKEN", "the real one")
    monkeypatch.setenv("RESMI_DATABASE_URL", "postgresql://production/")
    env = plan.settings(planned(tmp_path), "postgresql:///demo", tmp_path)
    assert "the real one" not in env.values()
    assert env["RESMI_DATABASE_URL"] == "postgresql:///demo"
    assert env["RESMI_MODE"] == "demo"


def test_a_taken_port_is_replaced_by_a_free_one() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        assert plan.free_port(port) != port


def test_the_demos_pack_is_whole_and_never_closes(tmp_path: Path) -> None:
    pack = packs.load(premises.write_pack(tmp_path))
    assert all(day[0].start == 0 and day[0].end == 1440 for day in pack.hours.weekly)
