"""The port of an `ems-sim://` URL behaves as a real serial port does: the same tests run on a pseudo-terminal of the system.

What both give is the expectation; where only the URL is tested, pyserial's documentation is.
"""

import sys
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import serial
import serial.threaded

from firmware_sim.p24 import wire
from firmware_sim.p24.framing import Deframer
from firmware_sim.serial_urls import Serial
from firmware_sim.testing import Bench, Simulator
from tests.unit.firmware_sim_testing.program import ANSWER_S, INIT, STATUS, UPDATE, ask, level, start

BOTH = ["url", pytest.param("pty", marks=pytest.mark.skipif(sys.platform == "win32", reason="no pseudo-terminals"))]
ANSWER = wire.encode("get_stim_status_ack", {"result": 0, "stim_status": 0, "high_voltage": 1})


@pytest.fixture
def bench() -> Iterator[Bench]:
    with Bench() as bench:
        yield bench


@pytest.fixture
def device(bench: Bench) -> Simulator:
    return bench.switch_on("p24")


@pytest.fixture(params=BOTH)
def port(request: pytest.FixtureRequest, device: Simulator) -> Iterator[serial.SerialBase]:
    with serial.serial_for_url(getattr(device, request.param), timeout=ANSWER_S) as opened:
        yield opened


@pytest.fixture
def url_port(device: Simulator) -> Iterator[Serial]:
    with Serial(device.url, timeout=ANSWER_S, write_timeout=ANSWER_S) as opened:
        yield opened


def until(condition: Callable[[], object]) -> None:
    """Waits, with an end."""
    end = time.monotonic() + ANSWER_S
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.002)


def seconds(call: Callable[[], object]) -> float:
    began = time.perf_counter()
    call()
    return time.perf_counter() - began


# -- reading -----------------------------------------------------------------------------------------------------------------


def test_every_way_of_reading_gets_the_answer(port: serial.SerialBase) -> None:
    buffer = bytearray(len(ANSWER))

    def into() -> bytes:
        assert port.readinto(buffer) == len(buffer)
        return bytes(buffer)

    for read in (
        port.read_all,
        lambda: port.read(len(ANSWER)),
        lambda: port.read_until(b"\x0f"),
        lambda: b"".join(port.read(1) for _ in ANSWER),
        lambda: next(port.iread_until(b"\x0f")),
        into,
    ):
        assert port.write(STATUS) == len(STATUS)
        until(lambda: port.in_waiting == len(ANSWER))
        assert read() == ANSWER
        assert port.in_waiting == 0


@pytest.mark.parametrize("kind", [bytes, bytearray, memoryview, list])
def test_whatever_pyserial_takes_as_bytes_can_be_written(url_port: Serial, kind: Callable[[bytes], Any]) -> None:
    assert url_port.write(kind(STATUS)) == len(STATUS)
    assert url_port.read(len(ANSWER)) == ANSWER
    with pytest.raises(TypeError, match="unicode"):
        url_port.write("text")  # type: ignore[arg-type]


def test_a_read_ends_when_its_timeout_is_over(port: serial.SerialBase) -> None:
    port.timeout = 0.12
    assert 0.1 <= seconds(lambda: port.read(1)) < 1
    port.timeout = ANSWER_S
    port.timeout = 0
    assert seconds(lambda: port.read(1)) < 1
    port.timeout = ANSWER_S
    port.write(STATUS)
    until(lambda: port.in_waiting == len(ANSWER))
    port.timeout = 0.12
    assert len(port.read(1000)) == len(ANSWER)


def test_a_read_without_timeout_waits_for_a_late_answer(device: Simulator, port: serial.SerialBase) -> None:
    device.inject("late:150")
    port.timeout = None
    assert 0.14 <= seconds(lambda: ask(port, STATUS)) < 1


def test_a_read_is_cancelled_from_another_thread_or_beforehand(port: serial.SerialBase) -> None:
    got: list[bytes] = []
    reader = threading.Thread(target=lambda: got.append(port.read(1)))
    reader.start()
    time.sleep(0.03)
    port.cancel_read()
    reader.join(ANSWER_S)
    assert got == [b""]
    port.cancel_read()
    assert seconds(lambda: port.read(1)) < 1
    assert level(port) == 0, "only one read was cancelled"


def test_between_two_bytes_a_read_waits_no_longer_than_the_inter_byte_timeout(url_port: Serial) -> None:
    url_port.inter_byte_timeout = 0.05
    url_port.write(STATUS)
    assert seconds(lambda: url_port.read(1000)) < 1
    url_port.timeout = 0.2
    assert seconds(lambda: url_port.read(1000)) >= 0.18, "before the first byte only the timeout counts"


def test_each_byte_begins_the_inter_byte_timeout_anew(device: Simulator, url_port: Serial) -> None:
    device.inject("late:300")
    url_port.inter_byte_timeout = 0.2
    url_port.write(STATUS)
    time.sleep(0.1)
    url_port.write(STATUS)
    assert url_port.read(1000) == 2 * ANSWER, "the first comes after more than 0.2 s, the second 0.1 s later"


def test_what_was_received_can_be_thrown_away(port: serial.SerialBase) -> None:
    port.write(STATUS)
    until(lambda: port.in_waiting)
    port.reset_input_buffer()
    assert port.in_waiting == 0


def test_one_thread_reads_while_another_writes(url_port: Serial) -> None:
    got = bytearray()
    reader = threading.Thread(target=lambda: got.extend(url_port.read(50 * len(ANSWER))))
    reader.start()
    for _ in range(50):
        url_port.write(STATUS)
    reader.join(ANSWER_S)
    assert len(Deframer().feed(bytes(got))) == 50


def test_the_reader_thread_of_pyserial_runs_on_it(port: serial.SerialBase) -> None:
    heard = bytearray()
    lost = []

    class Listener(serial.threaded.Protocol):
        def data_received(self, data: bytes) -> None:
            heard.extend(data)

        def connection_lost(self, exc: BaseException | None) -> None:
            lost.append(exc)

    with serial.threaded.ReaderThread(port, Listener):
        port.write(STATUS)
        until(lambda: len(heard) == len(ANSWER))
    assert lost == [None]
    assert not port.is_open


# -- the line ----------------------------------------------------------------------------------------------------------------


def test_settings_are_kept_and_can_be_changed_while_open(url_port: Serial) -> None:
    port = url_port
    port.baudrate, port.parity, port.stopbits, port.bytesize = 460_800, serial.PARITY_EVEN, 2, serial.EIGHTBITS
    kept = port.get_settings()
    assert (kept["baudrate"], kept["parity"], kept["stopbits"]) == (460_800, "E", 2)
    port.baudrate = 9600
    port.apply_settings(kept)
    assert port.baudrate == 460_800
    assert level(port) == 0
    with pytest.raises(ValueError, match="parity"):
        port.parity = "X"


def test_the_handshake_lines_can_be_set_and_read(url_port: Serial) -> None:
    url_port.dtr, url_port.rts = False, False
    assert (url_port.dtr, url_port.rts) == (False, False)
    assert (url_port.cts, url_port.dsr, url_port.ri, url_port.cd) == (True, True, False, True)
    url_port.send_break(0.001)
    url_port.set_buffer_size(4096 * 128)
    assert level(url_port) == 0


def test_there_is_nothing_to_select_on(url_port: Serial) -> None:
    with pytest.raises(OSError, match="no file descriptor"):
        url_port.fileno()


CALLS: list[Callable[[serial.SerialBase], object]] = [
    lambda port: port.read(1),
    lambda port: port.write(STATUS),
    lambda port: port.in_waiting,
    lambda port: port.reset_input_buffer(),
    lambda port: port.flush(),
    lambda port: port.reset_output_buffer(),
    lambda port: port.out_waiting,
]


@pytest.mark.parametrize("call", CALLS)
def test_nothing_works_on_a_closed_port_and_everything_after_it_is_opened_again(url_port: Serial, call: object) -> None:
    url_port.close()
    url_port.close()
    with pytest.raises(serial.PortNotOpenError):
        call(url_port)  # type: ignore[operator]
    url_port.timeout = 0
    url_port.open()
    call(url_port)  # type: ignore[operator]
    with pytest.raises(serial.SerialException, match="already open"):
        url_port.open()


def test_a_port_without_a_name_cannot_be_opened() -> None:
    with pytest.raises(serial.SerialException, match="configured"):
        Serial().open()


def test_closing_ends_a_read_of_another_thread(url_port: Serial) -> None:
    got: list[bytes] = []
    reader = threading.Thread(target=lambda: got.append(url_port.read(1)))
    reader.start()
    time.sleep(0.03)
    url_port.close()
    reader.join(ANSWER_S)
    assert got == [b""]


def test_one_program_at_a_time(device: Simulator, url_port: Serial) -> None:
    with pytest.raises(serial.SerialException, match=r"a port of this process .* has it"):
        Serial(device.url)
    assert level(url_port) == 0
    url_port.close()
    with Serial(device.url, timeout=ANSWER_S) as second:
        assert level(second) == 0


# -- what goes wrong ---------------------------------------------------------------------------------------------------------


def test_an_unplugged_port_is_dead_until_it_is_opened_again(device: Simulator, port: serial.SerialBase) -> None:
    ask(port, INIT)
    ask(port, UPDATE)
    device.inject("unplug")
    with pytest.raises(serial.SerialException):
        port.read(1)
    for call in CALLS[:3]:
        with pytest.raises(OSError):  # noqa: PT011 - which number it has depends on the system
            call(port)
    port.close()
    device.scope.wait_for(lambda scope: scope.is_zero)
    assert device.scope.lines[-1].t_us - device.scope.lines[0].t_us == 2_000_000, "the device's own watchdog goes on"


def test_a_port_that_is_plugged_in_again_must_be_opened_again(device: Simulator, url_port: Serial) -> None:
    device.inject("unplug")
    with pytest.raises(serial.SerialException, match="unplugged"):
        url_port.read(1)
    url_port.close()
    with pytest.raises(serial.SerialException, match="it is unplugged"):
        url_port.open()
    device.mend("unplug")
    url_port.open()
    assert level(url_port) == 0


def test_an_unplug_that_nobody_saw_happen_is_noticed_all_the_same(device: Simulator, url_port: Serial) -> None:
    start(url_port)
    device.inject("unplug@0.4+0.1")
    time.sleep(0.6)
    with pytest.raises(serial.SerialException, match="unplugged"):
        url_port.write(STATUS)
    url_port.close()
    url_port.open()
    assert level(url_port) == 3


def test_a_device_that_is_switched_off_is_gone(device: Simulator, url_port: Serial) -> None:
    device.switch_off()
    with pytest.raises(serial.SerialException, match="switched off"):
        url_port.write(STATUS)
    url_port.close()


def test_a_deaf_device_fills_the_buffer_and_hears_everything_later(device: Simulator, url_port: Serial) -> None:
    device.inject("deaf")
    url_port.write_timeout = 0.05
    assert url_port.write(STATUS) == len(STATUS)
    assert url_port.out_waiting == len(STATUS)
    with pytest.raises(serial.SerialTimeoutException):
        url_port.write(bytes(100_000))
    url_port.reset_output_buffer()
    assert url_port.out_waiting == 0
    url_port.write_timeout = 0
    assert 0 < url_port.write(bytes(100_000)) < 100_000
    url_port.reset_output_buffer()
    url_port.write(STATUS)
    assert url_port.in_waiting == 0
    device.mend("deaf")
    url_port.flush()
    assert len(url_port.read(len(ANSWER))) == len(ANSWER)


def test_a_slow_device_takes_its_time(device: Simulator, url_port: Serial) -> None:
    device.inject("slow_reader:2000")
    noise = bytes(4_096)
    assert url_port.write(noise) == len(noise)
    assert 3_000 < url_port.out_waiting <= 4_096
    assert 0.1 < seconds(lambda: url_port.write(bytes(400))) < 2, "200 ms for 400 bytes that find no room"
    url_port.reset_output_buffer()
    assert url_port.out_waiting == 0
    assert 0.1 < seconds(lambda: (url_port.write(bytes(300)), url_port.flush())) < 2


def test_what_a_deaf_device_has_not_heard_is_lost_with_its_power(device: Simulator, url_port: Serial) -> None:
    device.inject("deaf")
    url_port.write(STATUS)
    device.power_cycle()
    assert url_port.out_waiting == 0
    device.mend("deaf")
    assert level(url_port) == 0
    assert url_port.in_waiting == 0


def test_what_it_says_while_nobody_listens_is_lost(device: Simulator, url_port: Serial) -> None:
    device.inject("late:20")
    url_port.write(STATUS)
    url_port.close()
    time.sleep(0.05)
    url_port.open()
    assert url_port.in_waiting == 0


def test_a_write_that_does_not_get_through_is_cancelled_from_another_thread(device: Simulator, url_port: Serial) -> None:
    device.inject("deaf")
    url_port.write_timeout = None
    sent: list[int] = []
    for attempt in (lambda: sent.append(url_port.write(bytes(100_000))), url_port.flush):
        writer = threading.Thread(target=attempt)
        writer.start()
        time.sleep(0.03)
        url_port.cancel_write()
        writer.join(ANSWER_S)
        assert not writer.is_alive()
    assert 0 < sent[0] < 100_000
