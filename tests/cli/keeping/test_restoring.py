"""What is left when the files of a restored backup can't be put in place."""

from __future__ import annotations

from pathlib import Path

import pytest

from resmi.cli.keeping import restoring
from resmi.cli.keeping.contents import Places
from resmi.cli.trouble import Trouble


def test_keys_that_can_not_be_put_in_place_are_kept_and_it_is_said_where(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no folder")
    folder = tmp_path / "restore-1"
    (folder / "keys").mkdir(parents=True)
    (folder / "keys/receipt-keys.json").write_text("{}")
    (folder / "media").mkdir()
    places = Places(tmp_path, {"receipt-keys.json": tmp_path / "file/receipt-keys.json"})
    with pytest.raises(Trouble, match=f"Those left are in {folder}"):
        restoring._take_files(folder, places, "1", lambda _words: None)
    assert (tmp_path / "media").is_dir()
    assert (folder / "keys/receipt-keys.json").read_text() == "{}"
