"""The day's agenda in a file: what was kept is read back, and neither a day late nor from another book."""

import stat
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from emscontrol.clinic.stations.day import Day, DayEntry, keep_day, read_day
from emscontrol.core.errors import BookError, NotAllowed, StorageError
from tests.clinic.conftest import NOW

DAY = Day(
    book="u-1",
    place="postgresql://clinic@server/book",
    practice=False,
    station="room 1",
    staff="anna",
    role="therapist",
    idle_lock_min=15,
    day="2026-03-02",
    time_zone="Europe/Berlin",
    taken_at=NOW,
    entries=(
        DayEntry(7, {"patient": "P-1", "at": "10:00", "due": ["screening"], "äöü": None}, '{"booking":"{}"}'),
        DayEntry(8, {"patient": "P-2", "why": "a block stands"}, ""),
    ),
)
TOKEN = "the token of anna's login"


def here(book: str) -> str:
    """She is logged in at the book that the day is of."""
    return TOKEN if book == DAY.book else ""


def test_what_was_kept_is_read_back_and_is_for_its_owner_only(tmp_path: Path) -> None:
    file = tmp_path / "state" / "day.json"
    keep_day(file, replace(DAY, entries=()), TOKEN)
    keep_day(file, DAY, TOKEN)
    assert read_day(file, NOW, here, book="u-1", place=DAY.place) == DAY
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE(file.parent.stat().st_mode) == 0o700
    assert [found.name for found in file.parent.iterdir()] == ["day.json"]


@pytest.mark.parametrize(
    ("hours", "words"),
    [
        (0, ""),
        (24, ""),
        (24.001, "of 2026-03-02 09:00 UTC: older than 24 h. Wait for the book"),
        (-0.08, ""),
        (-1, "clock is before"),
    ],
)
def test_a_day_is_good_for_24_hours_and_not_from_the_future(tmp_path: Path, hours: float, words: str) -> None:
    keep_day(tmp_path / "day.json", DAY, TOKEN)
    now = NOW + timedelta(hours=hours)
    if words:
        with pytest.raises(BookError, match=words):
            read_day(tmp_path / "day.json", now, here)
    else:
        assert read_day(tmp_path / "day.json", now, here) == DAY


@pytest.mark.parametrize("other", [{"book": "u-2"}, {"place": "/home/a/book.sqlite"}])
def test_a_day_of_another_book_is_refused(tmp_path: Path, other: dict[str, str]) -> None:
    keep_day(tmp_path / "day.json", DAY, TOKEN)
    with pytest.raises(BookError, match="is of another book"):
        read_day(tmp_path / "day.json", NOW, here, **other)


def test_none_at_all_and_a_spoilt_one_are_told(tmp_path: Path) -> None:
    with pytest.raises(BookError, match="No agenda was kept on this station"):
        read_day(tmp_path / "day.json", NOW, here)
    keep_day(tmp_path / "day.json", DAY, TOKEN)
    whole = (tmp_path / "day.json").read_text()
    for spoilt in (
        "",
        "{",
        "[]",
        '{"format": 1}',
        whole[:-20],
        whole.replace("+00:00", ""),
        whole.replace("taken_at", "taken"),
        whole.replace("told", "t"),
    ):
        (tmp_path / "day.json").write_text(spoilt)
        with pytest.raises(BookError, match="cannot be read"):
            read_day(tmp_path / "day.json", NOW, here)


def test_a_disk_that_fails_leaves_the_older_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    keep_day(tmp_path / "day.json", DAY, TOKEN)

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(StorageError, match="No space left"):
        keep_day(tmp_path / "day.json", replace(DAY, book="u-2"), TOKEN)
    monkeypatch.undo()
    assert read_day(tmp_path / "day.json", NOW, here) == DAY
    assert len(list(tmp_path.iterdir())) == 1


@pytest.mark.parametrize(
    ("written", "instead"),
    [
        ("P-1", "P-2"),
        ("10:00", "11:00"),
        ('"appointment": 7', '"appointment": 9'),
        ('"role": "therapist"', '"role": "specialist"'),
        ('"idle_lock_min": 15', '"idle_lock_min": 1500'),
        ("a block stands", ""),
        ("2026-03-02T09:00:00+00:00", "2026-03-02T10:00:00+00:00"),
        ('"seal": "', '"seal": "0'),
        (', "seal": ', ', "practice": true, "seal": '),
    ],
)
def test_a_day_that_was_changed_since_is_refused(tmp_path: Path, written: str, instead: str) -> None:
    keep_day(tmp_path / "day.json", DAY, TOKEN)
    whole = (tmp_path / "day.json").read_text()
    assert whole.count(written) == 1
    (tmp_path / "day.json").write_text(whole.replace(written, instead))
    with pytest.raises(NotAllowed, match="or it was changed since"):
        read_day(tmp_path / "day.json", NOW, here)


def test_a_day_is_for_the_login_that_kept_it_and_for_no_other(tmp_path: Path) -> None:
    keep_day(tmp_path / "day.json", DAY, TOKEN)
    with pytest.raises(NotAllowed, match="under another login"):
        read_day(tmp_path / "day.json", NOW, lambda _: "the token of her next login")
    with pytest.raises(NotAllowed, match="Nobody is logged in here"):
        read_day(tmp_path / "day.json", NOW, lambda _: "")
    keep_day(tmp_path / "day.json", DAY, "")
    with pytest.raises(NotAllowed, match="Nobody is logged in here"):
        read_day(tmp_path / "day.json", NOW, lambda _: "")


def test_an_appointment_that_was_run_has_nothing_to_run_any_more() -> None:
    left = DAY.without(7, "it was run")
    assert [(one.appointment, one.prescription, one.told["why"]) for one in left.entries] == [
        (7, "", "it was run"),
        (8, "", "a block stands"),
    ]
    assert DAY.without(9, "it was run") == DAY
