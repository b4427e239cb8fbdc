"""What a test sees of the simulator at the other end: exact to the µs, whenever it looks, and whoever else uses the device."""

import gc
import sys
import threading
import time
from collections.abc import Iterator

import pytest
import serial

from firmware_sim.faults import FaultTextError, parse_fault
from firmware_sim.serial_urls import Serial, outlets
from firmware_sim.serial_urls.address import AddressError
from firmware_sim.serial_urls.live import Busy
from firmware_sim.testing import Bench, NotSeen
from tests.unit.firmware_sim_testing.program import ANSWER_S, STATUS, STOP, ask, level, start

# Channel 1 of the program: 20 mA, 200 µs, every 20 ms.
PERIOD_US = 20_000
PULSE_PC = 20_000 * 200


@pytest.fixture
def bench() -> Iterator[Bench]:
    with Bench() as bench:
        yield bench


def test_the_watchdog_acts_in_its_own_time_though_the_program_never_calls_again(bench: Bench) -> None:
    device = bench.switch_on("p24", watchdog_ms=170)
    with Serial(device.url, timeout=ANSWER_S) as port:
        start(port)
        assert device.scope.current_now_ua(1) == 20_000
        assert (device.scope.width_now_us(1), device.scope.period_now_us(1)) == (200, PERIOD_US)
        assert device.scope.zero_since_us is None
        assert not device.scope.is_zero
        time.sleep(0.25)
        on, off = device.scope.lines
        assert off.t_us - on.t_us == 170_000
        assert device.scope.zero_since_us == off.t_us
        assert device.scope.levels_ua(1) == [20_000, 0]
        totals = device.scope.totals(1)
        assert totals.pulses == 9, "at 0, 20, … 160 ms"
        assert (totals.charge_pc, totals.peak_ua) == (9 * PULSE_PC, 20_000)
        assert device.scope.totals(2).pulses == 0
        assert level(port) == 2


def test_without_output_it_is_zero_since_power_on(bench: Bench) -> None:
    before_us = time.monotonic_ns() // 1000
    device = bench.switch_on()
    assert device.scope.zero_since_us is not None
    assert before_us <= device.scope.zero_since_us <= device.scope.now_us
    assert device.scope.lines == []


def test_a_program_that_leaves_the_output_on_is_seen_after_it_has_closed_the_port(bench: Bench) -> None:
    device = bench.switch_on("p24")
    with Serial(device.url, timeout=ANSWER_S) as port:
        start(port)
    assert not device.scope.is_zero
    with Serial(device.url, timeout=ANSWER_S) as port:
        assert level(port) == 3
        ask(port, STOP)
    assert device.scope.is_zero


def test_waiting_ends_when_it_is_seen(bench: Bench) -> None:
    device = bench.switch_on("p24", watchdog_ms=100)
    port = Serial(device.url, timeout=ANSWER_S)
    later = threading.Timer(0.05, start, [port])
    later.start()
    seen_us = device.scope.wait_for(lambda scope: scope.current_now_ua(1) == 20_000, ANSWER_S)
    on_us = device.scope.lines[0].t_us
    assert on_us <= seen_us < on_us + 1_000_000
    off_us = device.scope.wait_for(lambda scope: scope.is_zero, ANSWER_S)
    assert on_us + 100_000 <= off_us < on_us + 1_000_000
    later.join()
    port.close()


def test_waiting_in_vain_ends_with_what_the_oscilloscope_shows(bench: Bench) -> None:
    device = bench.switch_on("p24", watchdog_ms=50)
    with pytest.raises(NotSeen, match=r"30 mA: not seen within 0.02 s; .* no current ever flowed"):
        device.scope.wait_for(lambda scope: scope.current_now_ua(1) == 30_000, 0.02, "30 mA")
    with Serial(device.url, timeout=ANSWER_S) as port:
        start(port)
    began = time.perf_counter()
    with pytest.raises(AssertionError, match=r"(?s)last lines:.*amplitude_ua=20000.*amplitude_ua=0"):
        device.scope.wait_for(lambda scope: scope.current_now_ua(1) == 30_000, 0.1)
    assert 0.1 <= time.perf_counter() - began < 3


def test_an_unknown_channel_is_a_sentence(bench: Bench) -> None:
    with pytest.raises(ValueError, match="no channel 9; the channels are 1 to 8"):
        bench.switch_on("p24").scope.current_now_ua(9)


# -- faults ------------------------------------------------------------------------------------------------------------------


def test_faults_come_as_texts_or_ready_made_and_can_be_mended(bench: Bench) -> None:
    device = bench.switch_on("p24", faults=["late:400", parse_fault("electrode_off:1@0.05")])
    with Serial(device.url, timeout=ANSWER_S) as port:
        began = time.perf_counter()
        start(port)
        assert time.perf_counter() - began >= 0.8
        device.mend("late")
        device.scope.wait_for(lambda scope: scope.is_zero, ANSWER_S)
        on, off = device.scope.lines
        assert off.t_us - on.t_us == 50_000
        began = time.perf_counter()
        ask(port, STATUS)
        assert time.perf_counter() - began < 0.35
    with pytest.raises(FaultTextError, match="no fault is called 'on_fire'"):
        device.inject("on_fire")
    with pytest.raises(FaultTextError, match="fault 'on_fire': no fault is called 'on_fire'; there are drop_reply"):
        device.mend("on_fire")


def test_one_fault_may_be_given_as_a_plain_text(bench: Bench) -> None:
    assert "fault=late:150@3+2" in bench.switch_on("p24", faults="late:150@3+2").url
    with pytest.raises(AddressError, match="no fault is called 'on_fire'"):
        bench.switch_on("p24", faults="on_fire")
    with pytest.raises(AddressError, match="no model is called 'p25'"):
        bench.switch_on("p25")


def test_a_seed_repeats_the_same_damage(bench: Bench) -> None:
    def damaged(seed: int) -> bytes:
        with Serial(f"ems-sim://p24?fault=garble:0.3&seed={seed}") as port:
            port.write(STATUS * 20)
            return port.read_all() or b""

    assert damaged(7) == damaged(7)
    assert damaged(7) != damaged(8)
    assert "seed=7" in bench.switch_on(seed=7).url


def test_power_can_be_cycled(bench: Bench) -> None:
    device = bench.switch_on("p24")
    with Serial(device.url, timeout=ANSWER_S) as port:
        start(port)
        device.power_cycle()
        assert device.scope.is_zero
        assert level(port) == 0


# -- who is switched on ------------------------------------------------------------------------------------------------------


def test_a_device_without_a_name_is_a_new_one_each_time() -> None:
    port = serial.serial_for_url("ems-sim://p24", timeout=ANSWER_S)
    start(port)
    with serial.serial_for_url("ems-sim://p24", timeout=ANSWER_S) as other:
        assert (level(port), level(other)) == (3, 0)
    port.close()
    port.open()
    assert level(port) == 0
    port.close()


def test_a_device_with_a_name_goes_on_for_the_next_who_opens_it() -> None:
    url = "ems-sim://p24?watchdog_ms=60000&name=left%20leg"
    try:
        with serial.serial_for_url(url, timeout=ANSWER_S) as port:
            start(port)
        for other in (url, "ems-sim://p24?name=left%20leg"):
            with serial.serial_for_url(other, timeout=ANSWER_S) as port:
                assert level(port) == 3
        for other in ("ems-sim://p24?seed=3&name=left%20leg", "ems-sim://rehastim2?name=left%20leg"):
            with pytest.raises(serial.SerialException, match="switched on with other options, as ems-sim://p24"):
                serial.serial_for_url(other)
    finally:
        outlets.switch_off_all()


def test_a_port_that_is_forgotten_lets_go_of_its_device(bench: Bench) -> None:
    device = bench.switch_on("p24")
    Serial(device.url, timeout=ANSWER_S).write(STATUS)
    gc.collect()
    with Serial(device.url, timeout=ANSWER_S) as port:
        assert level(port) == 0


def test_at_the_end_of_a_bench_nothing_is_left_on() -> None:
    with Bench() as bench:
        devices = [bench.switch_on("p24"), bench.switch_on("rehastim2")]
        threads = threading.active_count()
        if sys.platform != "win32":
            assert devices[1].pty
            assert threading.active_count() == threads + 1
        port = Serial(devices[0].url, timeout=ANSWER_S)
        start(port)
        assert len({device.url for device in devices}) == 2
    assert threading.active_count() == threads
    assert devices[0].scope.is_zero
    with pytest.raises(serial.SerialException, match="switched off"):
        port.write(STATUS)


def test_a_bench_speaks_for_its_only_simulator(bench: Bench) -> None:
    with pytest.raises(LookupError, match="no simulator is switched on"):
        _ = bench.scope.lines
    bench.switch_on()
    assert bench.scope.lines == []
    bench.switch_on()
    with pytest.raises(LookupError, match="2 simulators"):
        _ = bench.scope.lines


@pytest.mark.skipif(sys.platform == "win32", reason="no pseudo-terminals")
def test_a_line_has_one_end(bench: Bench) -> None:
    device = bench.switch_on("p24")
    with Serial(device.url), pytest.raises(Busy, match="a port of this process"):
        _ = device.pty
    path = device.pty
    assert device.pty == path
    with pytest.raises(serial.SerialException, match="its pseudo-terminal has it"):
        Serial(device.url)
    with serial.Serial(path, timeout=ANSWER_S) as port:
        start(port)
        assert device.scope.current_now_ua(1) == 20_000
