"""Which sessions are still to be told, by what lies in the folder."""

import fcntl
import stat
from datetime import timedelta
from pathlib import Path

from emscontrol.tui.screens.records.untold import mark_told, untold
from tests.tui.records.material import AT, broken_off, keep, screen_gone, signed, whole
from tests.unit.record.stations import chained_anew, signer


def test_only_what_nobody_ended_on_purpose_is_told_newest_first(tmp_path: Path) -> None:
    older = keep(tmp_path, broken_off(), AT)
    keep(tmp_path, whole(), AT + timedelta(hours=1))
    newer = keep(tmp_path, screen_gone(), AT + timedelta(hours=2))
    assert untold(str(tmp_path)) == [newer, older]


def test_a_record_torn_in_a_line_and_an_empty_one_are_told(tmp_path: Path) -> None:
    torn = keep(tmp_path, whole()[:-40], AT)
    empty = keep(tmp_path, b"", AT + timedelta(hours=1))
    assert untold(str(tmp_path)) == [empty, torn]


def test_a_record_whose_end_is_in_its_reserve_has_an_end(tmp_path: Path) -> None:
    lines = whole().splitlines(keepends=True)
    path = keep(tmp_path, b"".join(lines[:-2]))
    path.with_name(path.name + ".rest").write_bytes(b"".join(lines[-2:]) + bytes(1000))
    assert untold(str(tmp_path)) == []


def test_an_end_without_the_signature_that_is_due_keeps_nobody_from_being_told(tmp_path: Path) -> None:
    lines = signed(whole().splitlines(keepends=True), signer()).splitlines(keepends=True)
    keep(tmp_path, b"".join(lines), AT)
    assert untold(str(tmp_path)) == []
    cut = next(place for place, line in enumerate(lines) if b'"contraction_ended"' in line)
    forged = chained_anew([*lines[:cut], lines[-1].replace(b'"n":%d,' % len(lines), b'"n":%d,' % (cut + 1))])
    path = keep(tmp_path, b"".join([*lines[:cut], forged[-1]]), AT + timedelta(hours=1))
    assert untold(str(tmp_path)) == [path]
    bare = chained_anew([*lines[:cut], forged[-1]], lambda _, told: "" if told["n"] == cut + 1 else str(told.get("sig", "")))
    path.write_bytes(b"".join([*lines[:cut], bare[-1]]))
    assert untold(str(tmp_path)) == [path]


def test_a_session_that_runs_is_not_told(tmp_path: Path) -> None:
    path = keep(tmp_path, broken_off())
    with path.open("rb") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        assert untold(str(tmp_path)) == []
    assert untold(str(tmp_path)) == [path]


def test_what_was_told_is_not_told_again_and_only_its_user_can_read_that(tmp_path: Path) -> None:
    first = keep(tmp_path, broken_off(), AT)
    mark_told(str(tmp_path), [first])
    second = keep(tmp_path, broken_off(), AT + timedelta(hours=1))
    assert untold(str(tmp_path)) == [second]
    mark_told(str(tmp_path), [second])
    assert untold(str(tmp_path)) == []
    assert stat.S_IMODE((tmp_path / "told.json").stat().st_mode) == 0o600


def test_a_memory_that_cannot_be_read_tells_everything_again(tmp_path: Path) -> None:
    path = keep(tmp_path, broken_off())
    (tmp_path / "told.json").write_text("[")
    assert untold(str(tmp_path)) == [path]


def test_without_a_folder_there_is_nothing_to_tell(tmp_path: Path) -> None:
    assert untold(str(tmp_path / "nowhere")) == []
