"""Commands in a home of their own."""

from pathlib import Path

import pytest

from emscontrol.__main__ import main
from tests.cli.command import Command, Said


@pytest.fixture
def emscontrol(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Command:
    """Call it with the words of a command line."""
    home = tmp_path / "home"

    def call(*words: object) -> Said:
        monkeypatch.setattr("sys.argv", ["emscontrol", "--home", str(home), *map(str, words)])
        code = main()
        told = capsys.readouterr()
        return Said(code, told.out, told.err)

    return call
