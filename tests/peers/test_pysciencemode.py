"""The public client `pysciencemode`, unmodified, against the RehaStim 2 simulator on a pseudo-terminal, and in its own process.

The client has waits without end and a keep-alive thread that outlives its program, so it runs in a process of its own that is
killed when it takes too long. The oscilloscope tells what really came out.
"""

import json
import os
import select
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path

import pytest

from firmware_sim.scope import ScopeLine

pytestmark = [
    pytest.mark.skipif(sys.platform == "win32", reason="this client cannot open anything but a serial port or pseudo-terminal"),
    pytest.mark.skipif(find_spec("pysciencemode") is None, reason="pysciencemode is not installed: pip install -e .[peers]"),
]

CLIENT_LIMIT_S = 40
READY_LIMIT_S = 20

# One session as the client's own examples have it. Channel 5's 10 mA is a byte that this client escapes needlessly.
SESSION = """
import sys
from pysciencemode import Channel, Device, Modes, Rehastim2

def channels(factor):
    return [
        Channel(no_channel=1, amplitude=20 * factor, pulse_width=300, mode=Modes.SINGLE, device_type=Device.Rehastim2),
        Channel(no_channel=3, amplitude=14 * factor, pulse_width=271, mode=Modes.DOUBLET, device_type=Device.Rehastim2),
        Channel(no_channel=5, amplitude=10 * factor, pulse_width=85, mode=Modes.SINGLE, enable_low_frequency=True,
                device_type=Device.Rehastim2),
    ]

stimulator = Rehastim2(port=sys.argv[1])
stimulator.init_channel(stimulation_interval=25, list_channels=channels(1), inter_pulse_interval=9, low_frequency_factor=1)
stimulator.start_stimulation(stimulation_duration=float(sys.argv[2]))
if len(sys.argv) > 3:
    stimulator.start_stimulation(upd_list_channels=channels(2), stimulation_duration=float(sys.argv[3]))
stimulator.end_stimulation()
stimulator.disconnect()
stimulator.close_port()
print("whole session")
"""

# The client opens its port with `serial.Serial(name)`, which knows no URLs; so another class takes that one's place here.
IN_ITS_OWN_PROCESS = """
import serial
import firmware_sim.serial_urls
serial.Serial = firmware_sim.serial_urls.Serial
"""

WIDTHS_US = {1: 300, 3: 271, 5: 85}
PERIODS_US = {1: 25_000, 3: 25_000, 5: 50_000}  # channel 5 is served every second time
GROUPS = {1: 1, 3: 2, 5: 1}
CURRENTS_UA = {1: 20_000, 3: 14_000, 5: 10_000}
SLOTS_US = {1: 0, 3: 1_500, 5: 3_000}


class Simulator:
    """The process that serves, and the file its oscilloscope writes."""

    def __init__(self, process: subprocess.Popen[str], port: str, scope: Path) -> None:
        self.process = process
        self.port = port
        self.scope = scope

    def lines(self) -> list[ScopeLine]:
        """What the oscilloscope has written up to now; after the end of the process: everything."""
        return [ScopeLine(**json.loads(line)) for line in self.scope.read_text(encoding="utf-8").splitlines()]

    def end(self) -> None:
        """Switches it off in an orderly way."""
        self.process.terminate()
        assert self.process.wait(READY_LIMIT_S) == 0


@contextmanager
def served(scope: Path, *options: str) -> Iterator[Simulator]:
    command = [sys.executable, "-m", "firmware_sim", "serve", "rehastim2", "--scope", str(scope), *options]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            assert select.select([process.stdout], [], [], READY_LIMIT_S)[0], "the simulator never said where it is"
            yield Simulator(process, process.stdout.readline().strip(), scope)
        finally:
            process.kill()


def session(port: str, *durations_s: float, before: str = "") -> None:
    """Runs the client to its end, after the lines `before`; what it writes is only shown when it fails."""
    command = [sys.executable, "-c", before + SESSION, port, *map(str, durations_s)]
    done = subprocess.run(
        command,
        timeout=CLIENT_LIMIT_S,
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "PYTHONWARNINGS": "ignore"},
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.endswith("whole session\n"), done.stdout + done.stderr


def stretches(lines: list[ScopeLine], channel: int) -> list[tuple[int, int, int, int]]:
    """(on, off, µA, pulses) for each time that a channel had one and the same current."""
    found: list[tuple[int, int, int, int]] = []
    on: ScopeLine | None = None
    pulses = 0
    for line in (line for line in lines if line.channel == channel):
        pulses += line.pulses
        if on is None or line.amplitude_ua != on.amplitude_ua:
            if on is not None and on.amplitude_ua:
                found.append((on.t_us, line.t_us, on.amplitude_ua, pulses))
            on, pulses = line, 0
    return found


def expected_pulses(channel: int, on_us: int, off_us: int) -> int:
    """Pulses of a train that begins at `on_us` and of which none begins at or after `off_us`, one by one."""
    pulses, cycle_us = 0, on_us
    while cycle_us < off_us:
        pulses += sum(cycle_us + member * 9_000 < off_us for member in range(GROUPS[channel]))
        cycle_us += PERIODS_US[channel]
    return pulses


def test_two_whole_sessions_one_after_the_other(tmp_path: Path) -> None:
    with served(tmp_path / "scope.jsonl", "--watchdog-ms", "2000") as simulator:
        session(simulator.port, 2.0, 0.5)
        session(simulator.port, 0.3)
        simulator.end()
        lines = simulator.lines()
    assert {line.channel for line in lines} == {1, 3, 5}
    for line in lines:
        if line.amplitude_ua:
            assert (line.width_us, line.period_us) == (WIDTHS_US[line.channel], PERIODS_US[line.channel])
    begins = {}
    for channel, current_ua in CURRENTS_UA.items():
        on = stretches(lines, channel)
        assert [amplitude for _, _, amplitude, _ in on] == [current_ua, 2 * current_ua, current_ua]
        for (on_us, off_us, _, pulses), asked_s in zip(on, (2.0, 0.5, 0.3), strict=True):
            # a new current is in force from a cycle on in which a low-frequency channel may not have its turn
            turns_us = {on_us, on_us + 25_000} if PERIODS_US[channel] == 50_000 else {on_us}
            assert pulses in {expected_pulses(channel, turn_us, off_us) for turn_us in turns_us}
            assert asked_s - 0.1 < (off_us - on_us) / 1e6 < asked_s + 0.5
        begins[channel] = on[0][0]
        assert [line for line in lines if line.channel == channel][-1].amplitude_ua == 0
    assert {channel: begin_us - begins[1] for channel, begin_us in begins.items()} == SLOTS_US


def test_its_keep_alive_is_too_slow_for_the_documented_watchdog(tmp_path: Path) -> None:
    with served(tmp_path / "scope.jsonl") as simulator:
        session(simulator.port, 1.8)  # does not notice, and takes the device's Init for the answers that are missing
        simulator.end()
        lines = simulator.lines()
    for channel, current_ua in CURRENTS_UA.items():
        ((on_us, off_us, amplitude_ua, pulses),) = stretches(lines, channel)
        assert amplitude_ua == current_ua
        assert pulses == expected_pulses(channel, on_us, off_us)
        assert 1_190_000 - SLOTS_US[channel] <= off_us - on_us <= 1_200_000, "1.2 s after the start command, its last packet"


def test_a_whole_session_with_the_simulator_in_its_own_process(tmp_path: Path) -> None:
    scope = tmp_path / "scope.jsonl"
    session(f"ems-sim://rehastim2?watchdog_ms=2000&scope={scope}", 0.5, 0.3, before=IN_ITS_OWN_PROCESS)
    lines = [ScopeLine(**json.loads(line)) for line in scope.read_text(encoding="utf-8").splitlines()]
    for channel, current_ua in CURRENTS_UA.items():
        on = stretches(lines, channel)
        assert [amplitude for _, _, amplitude, _ in on] == [current_ua, 2 * current_ua]
        for (on_us, off_us, _, pulses), asked_s in zip(on, (0.5, 0.3), strict=True):
            turns_us = {on_us, on_us + 25_000} if PERIODS_US[channel] == 50_000 else {on_us}
            assert pulses in {expected_pulses(channel, turn_us, off_us) for turn_us in turns_us}
            assert asked_s - 0.1 < (off_us - on_us) / 1e6 < asked_s + 0.5
