"""Every page looks as it was last looked at. What has changed on purpose: `make pictures`, look, commit."""

from pathlib import Path

import pytest

from tests.tui.snapshots.stills import FOLDER, KINDS, STILLS, file_of, take_all


@pytest.mark.parametrize(("size", "colour"), KINDS, ids=lambda value: str(value))
def test_the_pages_look_as_they_were_looked_at(
    size: tuple[int, int], colour: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not colour:
        monkeypatch.setenv("NO_COLOR", "1")
    for name, picture in take_all(tmp_path / "h", size, colour).items():
        assert picture == file_of(name, size, colour).read_text("utf-8"), name
        assert "STOP" in picture


def test_there_is_no_picture_of_what_is_not_pictured() -> None:
    assert set(FOLDER.glob("*.txt")) == {file_of(still.name, *kind) for still in STILLS for kind in KINDS}
