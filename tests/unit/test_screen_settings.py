"""How the screens look to a user, kept beside his settings."""

from pathlib import Path

import pytest

from emscontrol.config import ScreenSettings, keep_screen, read_screen, read_settings, screen_file
from emscontrol.core.errors import StorageError


def test_what_is_kept_is_read_again_and_the_settings_are_left_alone(tmp_path: Path) -> None:
    (tmp_path / "settings.toml").write_text('# mine\n[station]\nname = "room 2"\n', "utf-8")
    settings = read_settings(str(tmp_path))
    assert read_screen(str(tmp_path)) == ScreenSettings()
    keep_screen(settings, ScreenSettings("light", "de", bell=False))
    assert read_screen(str(tmp_path)) == ScreenSettings("light", "de", bell=False)
    assert (tmp_path / "settings.toml").read_text("utf-8").startswith("# mine\n")
    assert [file.name for file in tmp_path.iterdir() if file.name.startswith("screen")] == ["screen.toml"]


@pytest.mark.parametrize("text", ["theme = ", "\x00", "theme = 3\nbell = 1\nother = true\n"])
def test_what_cannot_be_read_is_as_at_first(tmp_path: Path, text: str) -> None:
    screen_file(read_settings(str(tmp_path))).write_text(text, "utf-8")
    assert read_screen(str(tmp_path)) == ScreenSettings()


def test_one_good_key_among_bad_ones_counts(tmp_path: Path) -> None:
    (tmp_path / "screen.toml").write_text('theme = 3\nlanguage = "de"\n', "utf-8")
    assert read_screen(str(tmp_path)) == ScreenSettings(language="de")


def test_broken_settings_do_not_keep_the_screens_from_opening(tmp_path: Path) -> None:
    (tmp_path / "settings.toml").write_text("[nonsense", "utf-8")
    assert read_screen(str(tmp_path)) == ScreenSettings()


def test_a_place_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "screen.toml").mkdir()
    settings = read_settings(str(tmp_path))
    with pytest.raises(StorageError) as refusal:
        keep_screen(settings, ScreenSettings())
    assert "screen.toml" in refusal.value.what
