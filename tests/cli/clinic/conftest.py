"""A clinic for each test, copied from one that is made once."""

import shutil
from pathlib import Path

import pytest

from tests.cli.clinic.clinic import Clinic, make_busy, make_home


@pytest.fixture(scope="session")
def master_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with a practice book and its staff."""
    home = tmp_path_factory.mktemp("clinic") / "home"
    with pytest.MonkeyPatch.context() as patch:
        make_home(home, patch)
    return home


@pytest.fixture
def clinic(master_home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Clinic:
    """A copy of it; the therapist is logged in."""
    shutil.copytree(master_home, tmp_path / "home")
    copy = Clinic(tmp_path / "home", monkeypatch, capsys)
    copy.be("anna")
    return copy


@pytest.fixture(scope="session")
def busy_home(master_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same with a stimulator, opening hours, and a patient who has a plan, is screened and is booked."""
    home = tmp_path_factory.mktemp("clinic") / "home"
    shutil.copytree(master_home, home)
    with pytest.MonkeyPatch.context() as patch:
        make_busy(Clinic(home, patch, None))
    return home


@pytest.fixture
def busy(busy_home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Clinic:
    """A copy of it; the therapist is logged in."""
    shutil.copytree(busy_home, tmp_path / "home")
    copy = Clinic(tmp_path / "home", monkeypatch, capsys)
    copy.be("anna")
    return copy
