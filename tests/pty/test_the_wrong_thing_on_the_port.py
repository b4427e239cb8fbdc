"""Before any current: what is on the port is not the stimulator, is taken already, or was plugged in anew."""

import os
import random
import re
import signal
import subprocess
import sys
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from pathlib import Path

import pytest

from emscontrol.core.errors import ExitCode
from tests.pty.cable import Cable
from tests.pty.models import MODELS, P24, REFERENCE, REHASTIM2, Model
from tests.pty.rig import EMSCONTROL, Session, Simulator, prepared, short_folder
from tests.pty.scope import Oscilloscope
from tests.pty.timed import every_model, in_turn
from tests.pty.waiting import wait_for

AT_FAULT = 4
NMEA = b"$GPGGA,092750.000,5321.6802,N,00630.3372,W,1,8,1.03,61.7,M,55.2,M,,*76\r\n"
BOOT_TEXT = b"\x00\xf0\x81U-Boot 2021.07 (Jul 05 2021)\r\nDRAM:  64 MiB\r\nStarting kernel ...\r\n\x0f"


def _random_bytes(heard: bytes) -> bytes:
    return random.Random(len(heard)).randbytes(3_000)


IMPOSTORS: Mapping[str, tuple[Callable[[], Cable], str]] = {
    "satellite receiver": (lambda: Cable(chatter=NMEA), "NMEA"),
    "echo": (lambda: Cable(answer=lambda heard: heard), "echoes"),
    "modem": (lambda: Cable(answer=lambda heard: b"\r\nERROR\r\n"), "modem"),
    "random bytes": (lambda: Cable(answer=_random_bytes), "no frames of its protocol"),
    "nothing at all": (lambda: Cable(answer=lambda heard: b""), "Nothing at all was heard"),
}


@pytest.mark.parametrize("impostor", IMPOSTORS)
def test_nothing_is_armed_when_something_else_is_on_the_port(impostor: str) -> None:
    """One model each, in turn; with EMS_EXPLORE=1 all at once: each waits for its own stimulator to speak.

    What each model takes for its own is held by tests/unit/devices, byte by byte.
    """
    build, words = IMPOSTORS[impostor]
    turn = list(MODELS.values())[list(IMPOSTORS).index(impostor) % len(MODELS)]
    with ExitStack() as stack:
        runs = []
        for model in MODELS.values() if os.environ.get("EMS_EXPLORE") else [turn]:
            cable = build()
            stack.callback(cable.close)
            runs.append((model, cable, _begun(model, cable.address, stack)))
        for model, cable, session in runs:
            _refused_unarmed(model, cable, session, words)


@every_model
def test_nothing_is_armed_when_the_other_model_is_on_the_port(model: Model) -> None:
    with ExitStack() as stack:
        other = next(each for each in MODELS.values() if each is not model)
        simulator = Simulator(stack.enter_context(short_folder()), other)
        stack.callback(simulator.close)
        cable = Cable(simulator.address)
        stack.callback(cable.close)
        _refused_unarmed(model, cable, _begun(model, cable.address, stack), "")
        assert simulator.scope.lines() == []


@in_turn(REFERENCE)
def test_a_board_that_resets_and_prints_its_boot_text_when_the_port_is_opened_is_met_with_patience(model: Model) -> None:
    with prepared(model) as (session, simulator), ExitStack() as stack:
        cable = Cable(simulator.address, first=BOOT_TEXT)
        stack.callback(cable.close)
        session.port = cable.address
        session.begin()
        session.wait_current()
        first = model.frames(cable.heard())[0].command
        assert first in model.harmless
        session.signal_client(signal.SIGINT)
        assert session.wait_exit() == 130


@in_turn(P24)
def test_a_second_controller_is_told_who_has_the_stimulator_and_changes_nothing(model: Model) -> None:
    with prepared(model) as (first, simulator), short_folder() as folder:
        first.begin()
        first.wait_current()
        second = Session(folder, model, first.port, simulator.scope)
        second.home = first.home
        second.begin()
        assert second.wait_exit() == AT_FAULT
        assert f"in use by emscontrol (process {first.engine.pid})" in second.errors
        assert simulator.scope.flowing, "the first session goes on"
        assert first.records("link_noise") == []
        subprocess.run([*EMSCONTROL, "stop", "--home", str(first.home)], check=True, capture_output=True, timeout=20)
        assert first.wait_exit() == ExitCode.STOPPED


def test_of_two_controllers_that_start_at_the_same_moment_one_has_the_stimulator() -> None:
    with prepared(P24) as (first, simulator), short_folder() as folder:
        second = Session(folder, P24, first.port, simulator.scope)
        second.home = first.home
        first.begin()
        second.begin()
        wait_for(lambda: simulator.scope.flowing, "one of them runs")
        both = (first.client, second.client)
        wait_for(lambda: any(each is not None and each.poll() is not None for each in both), "the other one gives up")
        loser, winner = (first, second) if first.client and first.client.poll() is not None else (second, first)
        assert loser.wait_exit() == AT_FAULT
        assert re.search(r"in use by emscontrol \(process \d+\)", loser.errors)
        winner.signal_client(signal.SIGTERM)
        assert winner.wait_exit() == 143


@in_turn(REHASTIM2)
def test_another_stimulator_that_takes_the_name_of_the_lost_one_hears_nothing(model: Model) -> None:
    with prepared(model, "unplug@1.0") as (session, _), ExitStack() as stack:
        other = Cable(answer=lambda heard: b"")
        stack.callback(other.close)
        name = session.folder / "by-id-stimulator"
        name.symlink_to(session.port)
        session.port = str(name)
        session.begin()
        session.wait_current()
        wait_for(lambda: session.records("link_lost"), "the unplugging is noticed")
        swapped = Path(f"{name}.new")
        swapped.symlink_to(other.address)
        os.replace(swapped, name)
        assert session.wait_exit() == AT_FAULT
        assert other.heard() == b"", "not one byte to a stimulator that nobody chose"
        assert len(session.records("armed")) == 1


def test_a_stimulator_that_comes_back_under_another_name_starts_from_zero() -> None:
    with prepared(P24, "unplug@1.0+0.5") as (session, simulator):
        session.begin()
        session.wait_current()
        session.port = simulator.next_address()
        assert session.wait_exit() == AT_FAULT
        assert not simulator.scope.flowing
        lines = len(simulator.scope.lines())
        session.journal = session.folder / "records" / "second.jsonl"
        session.begin()
        session.wait_current()
        again = next(line for line in simulator.scope.lines()[lines:] if line.amplitude_ua)
        assert again.amplitude_ua <= 2_000, "the first step of the ramp"
        session.signal_client(signal.SIGINT)
        assert session.wait_exit() == 130


AS_ANOTHER_USER = """
import os, socket, sys
if os.getuid() == 0:
    os.setgroups([]); os.setgid(65534); os.setuid(65534)
engine = socket.socket(socket.AF_UNIX)
engine.settimeout(5)
try:
    engine.connect(sys.argv[1])
    engine.sendall(b'{"do":"hello","role":"operator","name":"intruder","version":1}\\n{"do":"pause"}\\n')
    print("heard", len(engine.recv(1)))
except PermissionError:
    print("kept out")
except OSError:
    print("heard 0")
"""


def test_another_user_cannot_reach_the_engine() -> None:
    """As root another user is tried, with the folder closed and with its mode loosened; otherwise the modes are looked at."""
    with prepared(P24) as (session, _):
        session.begin()
        session.wait_current()
        run = Path(session.engine.path).parent
        assert run.stat().st_mode & 0o777 == 0o700
        if os.getuid() == 0:
            assert _as_another_user(session.engine.path) == "kept out"
            for folder in (session.folder, session.home, run):
                folder.chmod(0o755)
            Path(session.engine.path).chmod(0o777)
            assert _as_another_user(session.engine.path) == "heard 0"
        # a starved machine may lose the link, its time or the client meanwhile, and says so; an intruder may nothing
        starved = [each for kind in ("link_lost", "tick_gap", "lease_lost") for each in session.records(kind)]
        assert session.scope.flowing or starved, session.errors
        assert session.records("paused") == []
        assert "intruder" not in session.journal.read_text(encoding="utf-8")
        stop = subprocess.run([*EMSCONTROL, "stop", "--home", str(session.home)], capture_output=True, timeout=20)
        assert stop.returncode == 0, "a stop asks for no rights"
        ended = session.wait_exit()
        assert ended in (ExitCode.STOPPED, ExitCode.DEVICE), session.errors
        assert ended == ExitCode.DEVICE or session.records("stop_requested"), session.errors


def test_no_engine_listens_in_a_folder_that_others_can_use() -> None:
    with ExitStack() as stack:
        cable = Cable(answer=lambda heard: b"")
        stack.callback(cable.close)
        folder = stack.enter_context(short_folder())
        (folder / "home" / "run").mkdir(parents=True)
        (folder / "home" / "run").chmod(0o755)
        session = Session(folder, P24, cable.address, Oscilloscope(folder / "scope.jsonl"))
        session.begin()
        assert session.wait_exit() == 5
        assert "can be used by others" in session.errors
        assert cable.heard() == b""


def _begun(model: Model, port: str, stack: ExitStack) -> Session:
    folder = stack.enter_context(short_folder())
    session = Session(folder, model, port, Oscilloscope(folder / "scope.jsonl"))
    stack.callback(session.close)
    session.begin()
    return session


def _refused_unarmed(model: Model, cable: Cable, session: Session, words: str) -> None:
    assert session.wait_exit() == AT_FAULT
    assert model.arming_frames(cable.heard()) == []
    assert session.records("armed") == []
    assert session.result["result"] == "fault"
    assert words in session.result["reason"], session.result["reason"]
    assert "Traceback" not in session.errors


def _as_another_user(path: str) -> str:
    tried = subprocess.run([sys.executable, "-I", "-c", AS_ANOTHER_USER, path], capture_output=True, text=True, timeout=20)
    return tried.stdout.strip() or tried.stderr
