"""The real-time server in a process of its own: ports, clients that come and go, faults, signals."""

import contextlib
import os
import select
import signal
import socket
import subprocess
import sys
import termios
import time
from itertools import pairwise
from pathlib import Path

import pytest
import serial

from firmware_sim.p24 import wire
from firmware_sim.p24.framing import Deframer
from tests.unit.firmware_sim.p24_host import train
from tests.unit.firmware_sim.served import LIMIT_S, Served, delivered, is_off, served

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="pseudo-terminals and POSIX signals")

INIT = wire.encode("ml_init", {"stop_all_on_error": False})
UPDATE = wire.encode("ml_update", {"channels": [train(0, 20)]})
STOP = wire.encode("ml_stop", {})
STATUS = wire.encode("get_stim_status", {})


def open_port(address: str, **settings: object) -> serial.SerialBase:
    """As any host opens it: by pySerial, path or URL."""
    return serial.serial_for_url(address, timeout=LIMIT_S, **settings)


def ask(port: serial.SerialBase, data: bytes) -> wire.Frame:
    """One command and its one answer."""
    port.write(data)
    deframer = Deframer()
    while not (frames := deframer.feed(byte := port.read(1))):
        assert byte, "no answer"
    return wire.read(frames[0], "device")


def level(port: serial.SerialBase) -> int:
    return int(ask(port, STATUS).params["stim_status"])


@pytest.fixture(params=["--pty", "--tcp"])
def device(request: pytest.FixtureRequest, tmp_path: Path) -> object:
    options = ["--pty"] if request.param == "--pty" else ["--tcp", "127.0.0.1:0"]
    with served(tmp_path, "p24", "--watchdog-ms", "700", *options) as simulator:
        yield simulator


def test_clients_come_and_go_and_the_device_stays_as_it_is(device: Served) -> None:
    for round_number in range(1, 4):
        with open_port(device.address) as port:
            assert level(port) == (0 if round_number == 1 else 2)
            assert ask(port, INIT).params["result"] == 0
            assert ask(port, UPDATE).params["result"] == 0
            began = time.monotonic_ns() // 1000
        lines = device.wait(lambda lines, n=round_number: is_off(lines) and delivered(lines) == {1: 35 * n})  # type: ignore[misc]
        starts = [
            line for before, line in zip([None, *lines], lines, strict=False) if before is None or before.amplitude_ua == 0
        ]
        assert lines[-1].t_us - starts[-1].t_us == 700_000
        assert abs(starts[-1].t_us - began) < 100_000, "the oscilloscope's clock is the machine's monotonic clock"
    device.end()


def test_an_answer_comes_within_milliseconds(device: Served) -> None:
    with open_port(device.address) as port:
        times = []
        for _ in range(50):
            began = time.perf_counter()
            ask(port, STATUS)
            times.append(time.perf_counter() - began)
    assert sorted(times)[25] < 0.005


def test_the_oscilloscope_is_written_every_100_ms_while_on(device: Served) -> None:
    with open_port(device.address) as port:
        ask(port, INIT)
        ask(port, UPDATE)
        device.wait(is_off)
    times = [line.t_us for line in device.lines()]
    gaps = [after - before for before, after in pairwise(times)]
    assert sorted(gaps)[len(gaps) // 2] <= 100_000
    assert len(times) >= 7


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_switches_off_and_ends_it(tmp_path: Path, number: int) -> None:
    with served(tmp_path, "p24") as simulator, open_port(simulator.address) as port:
        ask(port, INIT)
        ask(port, UPDATE)
        simulator.process.send_signal(number)
        assert simulator.process.wait(LIMIT_S) == 0
        assert is_off(simulator.lines())


def test_a_pseudo_terminal_can_be_opened_again_and_again_with_even_parity(tmp_path: Path) -> None:
    with served(tmp_path, "p24") as simulator:
        for _ in range(4):
            with open_port(simulator.address, baudrate=460_800, parity="E") as port:
                assert level(port) == 0


def test_bytes_pass_unchanged_through_the_pseudo_terminal(tmp_path: Path) -> None:
    with served(tmp_path, "p24") as simulator, open_port(simulator.address) as port:
        for number in range(64):  # every packet number, so that 0D, 0A, 11, 13 and 03 pass as well
            assert ask(port, wire.encode("get_stim_status", {"packet_number": number})).params["packet_number"] == number


def test_a_host_that_sets_nothing_finds_the_pseudo_terminal_raw(tmp_path: Path) -> None:
    with served(tmp_path, "p24") as simulator:
        descriptor = os.open(simulator.address, os.O_RDWR | os.O_NOCTTY)
        try:
            flags = termios.tcgetattr(descriptor)
            assert not flags[3] & (termios.ECHO | termios.ICANON | termios.ISIG)
            assert not flags[0] & (termios.ICRNL | termios.IXON)
            assert not flags[1] & termios.OPOST
        finally:
            os.close(descriptor)


def test_what_a_client_left_unread_is_not_told_to_the_next_one(tmp_path: Path) -> None:
    with served(tmp_path, "p24") as simulator:
        for _ in range(3):
            descriptor = os.open(simulator.address, os.O_RDWR | os.O_NOCTTY)
            try:
                ready, _, _ = select.select([descriptor], [], [], 0.05)
                assert not ready
                os.write(descriptor, STATUS)
                assert select.select([descriptor], [], [], LIMIT_S)[0]
            finally:
                os.close(descriptor)
            time.sleep(0.05)


def test_what_was_said_to_nobody_is_not_told_to_the_next_client(tmp_path: Path) -> None:
    with served(tmp_path, "p24", "--fault", "late:300") as simulator:
        with open_port(simulator.address) as port:
            port.write(STATUS)
            port.flush()
            time.sleep(0.05)
        time.sleep(0.5)
        with open_port(simulator.address) as port:
            ready, _, _ = select.select([port.fileno()], [], [], 0.1)
            assert not ready


def test_unplugged_it_hangs_up_goes_on_by_itself_and_comes_back_elsewhere(tmp_path: Path) -> None:
    with served(tmp_path, "p24", "--watchdog-ms", "500", "--fault", "unplug@0.2+0.6") as simulator:
        descriptor = os.open(simulator.address, os.O_RDWR | os.O_NOCTTY)
        try:
            os.write(descriptor, INIT + UPDATE)
            hung_up = select.poll()
            hung_up.register(descriptor, 0)
            assert hung_up.poll(LIMIT_S * 1000), "no hang-up seen"
            address = simulator.next_address()
        finally:
            os.close(descriptor)
        lines = simulator.wait(is_off)
        assert lines[-1].t_us - lines[0].t_us == 500_000
        with open_port(address) as port:
            assert level(port) == 2


def test_a_deaf_device_lets_the_buffers_of_the_host_fill(tmp_path: Path) -> None:
    with served(tmp_path, "p24", "--watchdog-ms", "500", "--fault", "deaf@0.1") as simulator:
        descriptor = os.open(simulator.address, os.O_RDWR | os.O_NOCTTY | os.O_NONBLOCK)
        try:
            os.write(descriptor, INIT + UPDATE)
            simulator.wait(is_off)
            taken = 0
            with contextlib.suppress(BlockingIOError):
                while taken < 1_000_000:
                    taken += os.write(descriptor, bytes(4096))
            assert taken < 1_000_000
        finally:
            os.close(descriptor)


def test_an_idle_server_hardly_uses_the_processor(tmp_path: Path) -> None:
    with served(tmp_path, "p24") as simulator, open_port(simulator.address) as port:
        level(port)
        before = _cpu_s(simulator.process.pid)
        time.sleep(0.5)
        assert _cpu_s(simulator.process.pid) - before < 0.1


def test_a_port_that_is_taken_is_one_sentence(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        place = f"127.0.0.1:{taken.getsockname()[1]}"
        done = subprocess.run(
            [sys.executable, "-m", "firmware_sim", "serve", "p24", "--tcp", place], capture_output=True, text=True
        )
    assert done.returncode == 2
    assert f"cannot listen on {place}" in done.stderr
    assert "Traceback" not in done.stderr


def _cpu_s(pid: int) -> float:
    """Processor time of a process in seconds (Linux only)."""
    stat = Path(f"/proc/{pid}/stat")
    if not stat.exists():
        pytest.skip("no /proc")
    fields = stat.read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
