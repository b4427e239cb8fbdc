"""No record, no session: what happens when the journal cannot be kept."""

import subprocess
import sys

from emscontrol.record.verify import verify
from tests.pty.cable import Cable
from tests.pty.models import P24, REFERENCE, REHASTIM2, Model
from tests.pty.rig import Session, short_folder
from tests.pty.scope import Oscilloscope
from tests.pty.timed import ended, in_turn

AT_FAULT = 4
USAGE = 2
_WITHOUT_OVERRIDE = (
    "import ctypes,os,sys\n"
    "if os.geteuid() == 0 and ctypes.CDLL(None, use_errno=True).prctl(24, 1, 0, 0, 0):\n"  # PR_CAPBSET_DROP, CAP_DAC_OVERRIDE
    "    sys.exit('this root cannot give up its power over file modes')\n"
    "os.execv(sys.argv[1], sys.argv[1:])\n"
)


@in_turn(REHASTIM2)
def test_current_ends_when_the_disk_is_full_and_the_last_records_are_kept(model: Model) -> None:
    with ended("disk_full", model) as scene:
        session = scene.session
        assert session.wait_exit() == AT_FAULT
        assert "can no longer be written" in session.result["reason"]
        assert ".rest" in session.result["reason"], "it says where the last records are"
        report = verify(session.journal)
        assert report.ok
        assert report.ended


def test_current_ends_when_the_folder_of_the_record_is_removed() -> None:
    with ended("records_removed", P24) as scene:
        assert scene.session.wait_exit() == AT_FAULT
        assert "can no longer be written" in scene.session.result["reason"]


@in_turn(REFERENCE)
def test_nothing_is_armed_when_the_folder_of_the_record_is_read_only(model: Model) -> None:
    with short_folder() as folder:
        records = folder / "records"
        records.mkdir(mode=0o500)
        cable = Cable(answer=lambda heard: b"")
        session = Session(folder, model, cable.address, Oscilloscope(folder / "scope.jsonl"))
        command = [sys.executable, "-I", "-S", "-c", _WITHOUT_OVERRIDE, *session.command()]
        run = subprocess.run(command, capture_output=True, text=True, timeout=20)
        heard = cable.heard()
        cable.close()
    assert heard == b"", "not a byte to the stimulator"
    assert run.returncode == USAGE
    assert "cannot be written" in run.stderr
    assert "Traceback" not in run.stderr
