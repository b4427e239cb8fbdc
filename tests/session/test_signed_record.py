"""A signed record through whole sessions: every model, long pauses, a disk that fails, the station's key."""

import json
from pathlib import Path

import pytest

from emscontrol.core.errors import StorageError
from emscontrol.core.units import US_PER_S
from emscontrol.record.journal import Journal
from emscontrol.record.line import CHECKPOINT_US, SIGNED
from emscontrol.record.sink import FileSink
from emscontrol.record.verify import verify, verify_lines
from emscontrol.session.inputs import Arm
from emscontrol.session.states import State
from tests.session.rig import MODELS, SHORT, Rig
from tests.unit.record.sample import WALL
from tests.unit.record.stations import key, signer

HERE = {key(1)[0]: "Here"}


LONG = SHORT.replace("contractions: 2", "contractions: 40")  # 200 s without a change of state


def signed_rig(model: str, patch: pytest.MonkeyPatch, journal: Journal | None = None, text: str = SHORT) -> Rig:
    """A session whose record this station signs."""
    made = journal or Journal.in_memory(lambda: WALL, signer())
    patch.setattr(Journal, "in_memory", lambda *_: made)
    return Rig(model, text=text)


@pytest.mark.parametrize("model", MODELS)
def test_a_session_is_signed_to_its_last_record_and_adds_up(model: str, monkeypatch: pytest.MonkeyPatch) -> None:
    rig = signed_rig(model, monkeypatch).to_armed().start()
    rig.run.finish()
    report = verify_lines(rig.journal.lines, HERE)
    assert (report.ok, report.ended, report.signer) == (True, True, "Here")
    assert (report.signed_to, report.totals_checked) == (len(rig.journal.lines), True)
    assert {str(channel): row for channel, row in report.totals.items()} == rig.engine.totals()


@pytest.mark.parametrize("model", MODELS)
def test_while_a_session_is_open_no_record_is_unsigned_for_more_than_a_minute(
    model: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    rig = signed_rig(model, monkeypatch, text=LONG).to_armed().start()
    rig.run.finish()
    records = [json.loads(line) for line in rig.journal.lines]
    assert sum(record["event"] == "checkpoint" for record in records) == 3
    signed_us = [record["t_us"] for record in records if record["event"] in SIGNED]
    for record in records:
        assert min(at_us for at_us in signed_us if at_us >= record["t_us"]) - record["t_us"] <= CHECKPOINT_US + US_PER_S
    report = verify_lines(rig.journal.lines, HERE)
    assert (report.ok, report.ended, report.totals_checked) == (True, True, True)


class FullDisk(FileSink):
    """A disk that is full after so many bytes; the reserve takes what follows."""

    room = 20_000

    def _append(self, line: bytes) -> None:
        if not self._in_rest and self._written + len(line) > self.room:
            raise OSError(28, "No space left on device")
        super()._append(line)


@pytest.mark.parametrize("model", MODELS)
def test_when_the_disk_is_full_the_session_ends_at_zero_and_what_was_written_verifies(
    model: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    path = tmp_path / "a.jsonl"
    sink = FullDisk(path, sync=False)
    journal = Journal(sink, lambda: WALL, threaded=False, path=path, signer=signer())
    rig = signed_rig(model, monkeypatch, journal).to_armed()
    FullDisk.room = sink._written + 3_000
    rig.start()
    rig.run.play_out()
    journal.close()
    assert rig.engine.result == "fault"
    assert rig.engine.off_confirmed
    assert rig.lines[-1].amplitude_ua == 0
    report = verify(path, HERE)
    assert (report.ok, report.ended, report.in_reserve) == (True, True, True)
    assert report.signed_to == report.lines


def test_without_a_key_that_signs_nothing_is_armed(monkeypatch: pytest.MonkeyPatch) -> None:
    broken = signer()
    broken._seed = "00" * 32
    rig = signed_rig("p24", monkeypatch, Journal.in_memory(lambda: WALL, broken))
    with pytest.raises(StorageError, match="cannot be signed"):
        rig.run.give(Arm())
    assert rig.engine.state is State.IDLE
