"""A host that knows the reference protocol's page alone, against the reference simulator on a pseudo-terminal.

Each test holds the device to sentences of `docs/reference-protocol.md`; what comes out is read from the oscilloscope.
"""

import struct
import sys
import time
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from firmware_sim.scope import ScopeLine
from tests.peers.page_client import ACTIVE, ARMED, FAULT, IDLE, LEASE_OVER, REBOOTED, Command, Frame, Host, status_of, stuffed
from tests.peers.page_client import LIMITS as LIMITS_BLOCK
from tests.unit.firmware_sim.served import Served, delivered, is_off, served

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="there are no pseudo-terminals")

LIMITS = {"channel": 1, "flags": 0, "shapes": 0b1011, "burst_max": 2, "amplitude_max": 300, "width_max_us": 2_000}
LIMITS |= {"period_min_us": 10_000, "charge_max_nc": 4_000, "rise_max": 500}
TRAIN = {"channel": 1, "shape": 0, "width_us": 200, "gap_us": 50, "recovery_ratio": 1, "period_us": 20_000}
TRAIN |= {"burst_pulses": 1, "burst_interval_us": 0}
OFF_WITHIN_US = 1_000
RENEW_S = 0.1


def now_us() -> int:
    """The oscilloscope's clock."""
    return time.monotonic_ns() // 1000


class Bench:
    """A host, the simulator it talks to, and what the oscilloscope has seen since the host came."""

    def __init__(self, host: Host, device: Served) -> None:
        self.host, self.device, self.since_us = host, device, now_us()

    def wait(self, what: Callable[[list[ScopeLine]], bool]) -> list[ScopeLine]:
        lines = self.device.wait(lambda lines: what(self._own(lines)))
        return self._own(lines)

    def ready(self, lease_ms: int = 500) -> Host:
        """Channel 1 has its limits and its train, and the device is armed."""
        answers = [self.host.limits(LIMITS), self.host.train(TRAIN), self.host.arm(lease_ms)]
        assert [answer.result for answer in answers] == ["OK"] * 3
        return self.host

    def _own(self, lines: list[ScopeLine]) -> list[ScopeLine]:
        return [line for line in lines if line.t_us >= self.since_us]


@pytest.fixture(scope="module")
def device(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with served(tmp_path_factory.mktemp("reference"), "reference") as simulator:
        yield simulator


@pytest.fixture
def bench(device: Served) -> Iterator[Bench]:
    with opened(device) as own:
        yield own


@contextmanager
def opened(device: Served) -> Iterator[Bench]:
    """A host that has said HELLO, and says STOP at the end."""
    with Host(device.address) as host:
        assert host.hello().result == "OK"
        yield Bench(host, device)
        assert host.ask("STOP").result == "OK"


def keep(host: Host, seconds: float, *channels: int) -> None:
    """Renews every 100 ms."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        assert host.renew(ACTIVE, *channels).result == "OK"
        time.sleep(RENEW_S)


def test_the_frame_that_the_page_shows() -> None:
    shown = bytes.fromhex("03 0c 07 01 01 01 01 05 b2 85 c9 47 00")
    assert Frame(Command["STOP"], 7).line() == shown


def test_who_are_you_and_what_can_you_do(bench: Bench) -> None:
    answer = bench.host.hello()
    version, _, state = struct.unpack("<BIB", answer.rest)
    assert (answer.result, version, state) == ("OK", 1, IDLE)
    texts = bench.host.identify()
    assert len(texts) == 4
    assert all(0 < len(text.encode()) <= 32 for text in texts)
    can = bench.host.capabilities()
    assert (can["channels"], can["shapes"], can["amplitude_max"], can["lease_max_ms"]) == (8, 15, 1200, 500)


@pytest.mark.parametrize("channel", [1, 8])
def test_limits_are_read_back_as_they_were_given(bench: Bench, channel: int) -> None:
    given = LIMITS | {"channel": channel, "amplitude_max": 257, "charge_max_nc": 0x0102_03}
    assert bench.host.limits(given).result == "OK"
    assert bench.host.read_limits(channel) == given
    assert bench.host.ask("READ_LIMITS", bytes([2])).result == "NO_LIMITS"


def test_a_session_as_on_the_page(bench: Bench) -> None:
    host = bench.host
    asymmetric = {"channel": 2, "shape": 1, "recovery_ratio": 4, "period_us": 25_000}
    for changes in ({}, asymmetric):
        assert host.limits(LIMITS | {"channel": changes.get("channel", 1)}).result == "OK"
        assert host.train(TRAIN | changes).result == "OK"
    assert host.arm().result == "OK"
    assert host.renew(ARMED).result == "OK"
    answer = host.contract([(1, 100, 200_000, 100_000, 100_000), (2, 80, 160_000, 80_000, 100_000)])
    assert (answer.result, answer.rest) == ("OK", struct.pack("<BBHBH", 2, 1, 100, 2, 80))
    keep(host, 0.5, 1, 2)
    told = host.status()
    assert host.set({}).rest == b"\0"
    assert host.renew(ARMED).result == "OK"
    assert host.ask("STOP").rest == bytes([IDLE])
    assert host.renew(ARMED).result == "NO_EPOCH"
    lines = bench.wait(is_off)
    wanted = {1: contraction(100, (200, 100, 100), 20, 1), 2: contraction(80, (160, 80, 100), 25, 4)}
    for channel, amplitudes in wanted.items():
        seen = without_repeats([line.amplitude_ua // 100 for line in lines if line.channel == channel])
        assert seen[seen[0] == 0 :] == without_repeats(amplitudes)
        pulses = sum(amplitude > 0 for amplitude in amplitudes)
        assert delivered(lines)[channel] == told[f"{channel}.pulses"] == pulses


def contraction(amplitude: int, times_ms: tuple[int, int, int], period_ms: int, step: int) -> list[int]:
    """The amplitudes of its pulses by the page's formula, in 0.1 mA; of the zeros only the one that ends it."""
    rise, hold, fall = times_ms
    end = rise + hold + fall
    found = []
    for t in range(0, end, period_ms):
        exact = amplitude * t / rise if t < rise else amplitude if t <= rise + hold else amplitude * (end - t) / fall
        found.append(int(exact / step) * step)
    return [value for value in found if value] + [0]


def without_repeats(values: list[int]) -> list[int]:
    return [value for at, value in enumerate(values) if at == 0 or values[at - 1] != value]


def test_set_points_flow_as_asked(bench: Bench) -> None:
    host = bench.ready()
    assert host.set({1: 100}).rest == struct.pack("<BBH", 1, 1, 100)
    keep(host, 0.15, 1)
    assert host.set({1: 50}).result == "OK"
    keep(host, 0.15, 1)
    assert host.set({}).result == "OK"
    told = host.status()
    lines = bench.wait(is_off)
    assert without_repeats([line.amplitude_ua for line in lines]) == [10_000, 5_000, 0]
    assert {(line.width_us, line.period_us) for line in lines if line.amplitude_ua} == {(200, 20_000)}
    on_us = lines[-1].t_us - lines[0].t_us
    assert delivered(lines)[1] == told["1.pulses"] == -(-on_us // 20_000)
    assert (told["state"], told["1.set"], told["1.measured"], told["1.flags"]) == (ARMED, 0, 0, 0)


def test_only_newer_accepted_commands_renew_the_lease_and_its_end_is_zero_in_time(bench: Bench) -> None:
    host = bench.ready(lease_ms=300)
    assert host.set({1: 50}).result == "OK"
    keep(host, 0.4, 1)
    frame = host.frame("SET", struct.pack("<BBH", 1, 1, 50))
    sent_us = now_us()
    answer = host.send(frame)
    answered_us = now_us()
    while now_us() < sent_us + 150_000:
        assert host.send(frame) == answer
        time.sleep(RENEW_S / 5)
    while host.status()["state"] == ACTIVE:
        host.set({1: 301})
        host.ask("RENEW", bytes([ACTIVE, 1]), host.epoch + 1)
        time.sleep(RENEW_S / 5)
    off_us = bench.wait(is_off)[-1].t_us
    assert sent_us + 300_000 <= off_us <= answered_us + 300_000 + OFF_WITHIN_US
    assert host.renew(ACTIVE, 1).result == "NO_EPOCH"


def test_the_end_of_the_lease_is_told_once_and_stays_until_the_next_arming(bench: Bench) -> None:
    host = bench.ready(lease_ms=100)
    event = host.event()
    told = status_of(event.payload)
    assert (event.epoch, told["state"], told["lease_left_ms"]) == (host.epoch, IDLE, 0)
    assert told["faults"] & LEASE_OVER
    assert host.hello().result == "OK"
    assert host.status()["faults"] & LEASE_OVER
    ended = host.epoch
    bench.ready()
    assert host.epoch not in (0, ended)
    assert not host.status()["faults"] & LEASE_OVER
    assert host.events == []


def test_a_frame_of_another_arming_is_refused_and_changes_nothing(bench: Bench) -> None:
    host = bench.ready()
    earlier = host.epoch
    assert host.ask("STOP").result == "OK"
    bench.ready()
    for epoch in (earlier, 0, host.epoch + 1):
        for name, payload in (("SET", b"\1\1\x32\0"), ("RENEW", bytes([ARMED, 0])), ("RENEW", bytes([ACTIVE, 1]))):
            assert host.ask(name, payload, epoch).result == "WRONG_EPOCH"
    assert (host.status()["state"], host.status()["count"]) == (ARMED, 0)


def test_a_repeated_frame_is_answered_alike_and_not_carried_out_twice(bench: Bench) -> None:
    host = bench.ready()
    assert host.ask("STOP").result == "OK"
    assert [host.limits(LIMITS).result, host.train(TRAIN).result] == ["OK", "OK"]
    arming = host.frame("ARM", struct.pack("<H", 100))
    first = host.send(arming)
    assert first.result == "OK"
    assert host.send(arming) == first
    assert status_of(host.event().payload)["state"] == IDLE
    assert host.send(arming) == first
    assert host.status()["state"] == IDLE


@pytest.mark.parametrize("start", [100, 65_534, 65_535, 5])
def test_an_old_number_and_one_used_for_something_else_are_stale(bench: Bench, start: int) -> None:
    host = bench.host
    host.seq = start
    assert host.hello().result == "OK"
    bench.ready()
    used = host.frame("SET", b"\1\1\x32\0")
    assert host.send(used).result == "OK"
    for frame in (
        Frame(used.code, used.seq, used.epoch, b"\1\1\x33\0"),
        *(Frame(used.code, (used.seq - back) % 65_536, used.epoch, b"\0") for back in (1, 9, 32_768)),
    ):
        assert host.send(frame).result == "STALE"
    told = host.status()
    assert (told["state"], told["1.set"]) == (ACTIVE, 50)


def test_limits_are_only_tightened_while_armed(bench: Bench) -> None:
    host = bench.ready()
    wider = {"flags": 1, "shapes": 0b1111, "burst_max": 3, "amplitude_max": 301, "width_max_us": 2_001}
    wider |= {"period_min_us": 9_999, "charge_max_nc": 4_001, "rise_max": 501}
    for name, value in wider.items():
        assert host.limits(LIMITS | {name: value}).result == "WIDER", name
    assert host.limits(LIMITS | {"channel": 2}).result == "WIDER"
    assert host.read_limits(1) == LIMITS
    assert host.set({1: 100}).result == "OK"
    assert host.limits(LIMITS | {"amplitude_max": 99}).result == "OVER_AMPLITUDE"
    assert host.limits(LIMITS | {"amplitude_max": 100}).result == "OK"
    assert host.set({1: 101}).result == "OVER_AMPLITUDE"
    assert host.ask("STOP").result == "OK"
    assert host.ask("READ_LIMITS", b"\1").result == "NO_LIMITS"
    assert host.limits(LIMITS | wider).result == "OK"


@pytest.mark.parametrize(
    ("change", "result"),
    [
        ({"width_us": 2_001}, "OVER_WIDTH"),
        ({"period_us": 9_999}, "OVER_RATE"),
        ({"shape": 2}, "OVER_SHAPE"),
        ({"shape": 3}, "OVER_SHAPE"),
        ({"width_us": 1_001}, "OVER_SHAPE"),
        ({"burst_pulses": 3, "burst_interval_us": 1_000}, "OVER_SHAPE"),
        ({"burst_pulses": 2, "burst_interval_us": 450}, "NO_ROOM"),
        ({"recovery_ratio": 2}, "BAD_VALUE"),
        ({"burst_interval_us": 1}, "BAD_VALUE"),
        ({"channel": 9}, "UNKNOWN_CHANNEL"),
        ({"channel": 2}, "NO_LIMITS"),
    ],
)
def test_a_train_beyond_the_limits_is_refused(bench: Bench, change: dict[str, int], result: str) -> None:
    assert bench.host.limits(LIMITS).result == "OK"
    assert bench.host.train(TRAIN | change).result == result
    assert bench.host.arm().result == "OK"
    assert bench.host.set({1: 10}).result == "NO_TRAIN"


def test_an_amplitude_beyond_the_limits_is_refused_as_a_whole(bench: Bench) -> None:
    host = bench.host
    both = [host.limits(LIMITS | {"channel": 2}), host.train(TRAIN | {"channel": 2})]
    assert [answer.result for answer in both] == ["OK", "OK"]
    bench.ready()
    for amplitude, result in ((301, "OVER_AMPLITUDE"), (201, "OVER_CHARGE"), (102, "OVER_RISE")):
        answer = host.set({1: 50, 2: amplitude})
        assert (answer.result, answer.rest) == (result, b"\2")
    assert host.set({1: 50, 3: 1}).result == "NO_TRAIN"
    for rise_us in (0, 199_999):
        assert host.contract([(1, 100, rise_us, 50_000, 0)]).result == "OVER_RISE"
    assert (host.status()["state"], host.status()["count"]) == (ARMED, 0)
    assert host.set({2: 101}).result == "OK"
    assert host.contract([(1, 100, 200_000, 0, 0)]).result == "OK"
    assert bench.wait(bool)[0].channel == 2


@pytest.mark.parametrize("belief", [(ARMED,), (ACTIVE,), (ACTIVE, 2), (ACTIVE, 1, 2), (ARMED, 1)])
def test_a_host_that_believes_something_else_ends_the_current(bench: Bench, belief: tuple[int, ...]) -> None:
    host = bench.ready()
    assert host.set({1: 50}).result == "OK"
    assert host.renew(ACTIVE, 1).result == "OK"
    sent_us = now_us()
    assert host.renew(*belief).result == "MISBELIEF"
    answered_us = now_us()
    assert sent_us <= bench.wait(is_off)[-1].t_us <= answered_us + OFF_WITHIN_US
    assert host.status()["state"] == IDLE
    assert host.set({1: 50}).result == "NO_EPOCH"


@pytest.mark.parametrize(("number", "epoch"), [("newer", 0), ("older", 0), ("last", 0), ("older", 0xDEAD)])
@pytest.mark.parametrize("state", [IDLE, ARMED, ACTIVE])
def test_stop_needs_nothing(bench: Bench, state: int, number: str, epoch: int) -> None:
    host = bench.host
    if state != IDLE:
        bench.ready()
    if state == ACTIVE:
        assert host.set({1: 50}).result == "OK"
    assert host.status()["state"] == state
    seq = (host.seq + {"newer": 1, "older": -3, "last": 0}[number]) % 65_536
    sent_us = now_us()
    answer = host.send(Frame(Command["STOP"], seq, epoch))
    answered_us = now_us()
    assert (answer.result, answer.rest) == ("OK", bytes([IDLE]))
    if state == ACTIVE:
        assert sent_us <= bench.wait(is_off)[-1].t_us <= answered_us + OFF_WITHIN_US
    host.seq += 1
    assert host.status()["state"] == IDLE
    assert host.set({}).result == "NO_EPOCH"


def damaged() -> dict[str, bytes]:
    """An `ARM` that would be obeyed, in the ways in which the page says that it is dropped."""
    arm = Frame(Command["ARM"], 1_000, 0, struct.pack("<H", 500))
    plain = arm.plain()
    return {
        "wrong CRC": stuffed(plain[:-1] + bytes([plain[-1] ^ 1])),
        "changed field": stuffed(plain[:7] + bytes([plain[7] ^ 0x40]) + plain[8:]),
        "one byte lost": arm.line()[:4] + arm.line()[5:],
        "half of it and an end byte": arm.line()[:7] + b"\0",
        "an answer's code": Frame(Command["ARM"] | 0x80, 1_000, 0, arm.payload).line(),
        "code 0x40": Frame(0x40, 1_000).line(),
        "too short": stuffed(plain[:6] + struct.pack("<I", zlib.crc32(plain[:6]))),
        "too long": Frame(Command["ARM"], 1_000, 0, bytes(225)).line(),
        "241 bytes and no end": b"\2" * 241 + b"\0",
    }


@pytest.mark.parametrize("what", damaged())
def test_a_damaged_frame_is_not_answered(bench: Bench, what: str) -> None:
    assert bench.host.limits(LIMITS).result == "OK"
    bench.host.port.write(b"\0\0" + damaged()[what])
    assert bench.host.status()["state"] == IDLE


def test_a_half_frame_is_not_completed_late(bench: Bench) -> None:
    host = bench.host
    line = host.frame("ARM", struct.pack("<H", 500)).line()
    host.port.write(line[:7])
    time.sleep(0.25)
    host.port.write(line[7:])
    assert host.status()["state"] == IDLE
    host.port.write(line[:7])
    time.sleep(0.25)
    assert host.status()["state"] == IDLE


@pytest.mark.parametrize(
    ("code", "payload", "result"),
    [
        (0x0F, b"", "UNKNOWN_COMMAND"),
        (0x7F, b"xyz", "UNKNOWN_COMMAND"),
        (0x0B, b"x", "BAD_LENGTH"),
        (0x09, b"\2\1\0\0", "BAD_LENGTH"),
    ],
)
def test_what_is_not_a_command_is_told_and_its_number_is_not_used(bench: Bench, code: int, payload: bytes, result: str) -> None:
    answer = bench.host.send(Frame(code, bench.host.seq + 1, 0, payload))
    assert (answer.result, answer.rest) == (result, b"\0")
    assert bench.host.status()["state"] == IDLE


@pytest.mark.parametrize("versions", [(2, 2), (2, 255)])
def test_versions_that_the_device_does_not_speak_are_refused_with_nothing_done(bench: Bench, versions: tuple[int, int]) -> None:
    host = bench.ready()
    assert host.hello(*versions).result == "NO_VERSION"
    assert host.renew(ARMED).result == "OK"
    assert host.hello(1, 255).rest[0] == 1
    assert host.renew(ARMED).result == "NO_EPOCH"


def test_a_refusal_that_is_no_belief_leaves_the_current_alone(bench: Bench) -> None:
    host = bench.ready()
    assert host.set({1: 50}).result == "OK"
    for state in (IDLE, FAULT):
        assert host.renew(state, 1).result == "BAD_VALUE"
    for epoch in (host.epoch, 1):
        assert host.ask("STATUS", epoch=epoch).result == "WRONG_EPOCH"
        assert host.ask("LIMITS", LIMITS_BLOCK.pack(LIMITS), epoch=epoch).result == "WRONG_EPOCH"
    assert host.train(TRAIN).result == "BUSY_CHANNEL"
    assert host.ask("CHECK", b"\1").result == "WRONG_STATE"
    assert host.hello(2, 1).result == "NO_VERSION"
    assert host.hello(0, 1).result == "BAD_VALUE"
    assert host.renew(ACTIVE, 1).result == "OK"


def test_a_contraction_stays_in_force_after_it_has_run_out(bench: Bench) -> None:
    host = bench.ready()
    assert host.contract([(1, 10, 20_000, 20_000, 0)]).result == "OK"
    bench.wait(lambda lines: is_off(lines) and delivered(lines) == {1: 1})
    assert host.renew(ACTIVE, 1).result == "OK"
    assert host.limits(LIMITS | {"amplitude_max": 9}).result == "OVER_AMPLITUDE"
    assert host.contract([(1, 0, 1, 0, 0)]).rest == struct.pack("<BBH", 1, 1, 0)
    assert host.renew(ACTIVE, 1).result == "OK"
    assert host.set({1: 0}).rest == b"\0"
    assert host.renew(ARMED).result == "OK"


def test_charge_is_compared_without_rounding_and_credit_is_spent(bench: Bench) -> None:
    host = bench.host
    assert host.limits(LIMITS | {"charge_max_nc": 2}).result == "OK"
    assert host.train(TRAIN | {"width_us": 25}).result == "OK"
    assert host.arm().result == "OK"
    assert host.set({1: 1}).result == "OVER_CHARGE"  # 0.1 mA for 25 µs is 2.5 nC
    assert host.ask("STOP").result == "OK"
    bench.ready()
    wanted = [(101, "OK"), (50, "OK"), (101, "OVER_RISE"), (0, "OK"), (101, "OK")]
    assert [(amplitude, host.set({1: amplitude}).result) for amplitude, _ in wanted] == wanted


def test_an_electrode_is_measured_with_one_pulse_that_nobody_feels(bench: Bench) -> None:
    time.sleep(0.1)
    assert bench.host.ask("CHECK", b"\3").rest == struct.pack("<BH", 3, 1_000)
    lines = bench.wait(is_off)
    assert [(line.channel, line.amplitude_ua, line.width_us) for line in lines if line.amplitude_ua] == [(3, 500, 100)]
    assert delivered(lines) == {3: 1}
    assert "3.pulses" not in bench.host.status()


def test_a_fault_ends_the_current_and_stop_is_obeyed_in_it(tmp_path: Path) -> None:
    faults = ("--fault", "electrode_off:1@0.03", "--fault", "lower_limits:20", "--watchdog-ms", "400")
    with served(tmp_path, "reference", *faults) as device, opened(device) as bench:
        host = bench.host
        can = host.capabilities()
        assert (can["amplitude_max"], can["lease_max_ms"]) == (200, 400)
        assert host.limits(LIMITS).result == "NOT_CAPABLE"
        assert host.limits(LIMITS | {"amplitude_max": 200}).result == "OK"
        assert host.train(TRAIN).result == "OK"
        assert host.arm(401).result == "NOT_CAPABLE"
        assert host.arm(400).result == "OK"
        assert host.set({1: 50}).result == "OK"
        told = status_of(host.event().payload)
        assert (told["state"], told["faults"], told["1.set"], told["1.measured"]) == (FAULT, 1, 50, 0)
        for epoch in (0, host.epoch):
            assert host.ask("STOP", epoch=epoch).rest == bytes([FAULT])
        assert host.renew(ACTIVE, 1).result == "NO_EPOCH"
        assert host.arm(400).result == "WRONG_STATE"
        bench.wait(is_off)
        assert host.ask("CLEAR").rest == b"\0\0"
        assert host.status()["state"] == IDLE


def test_a_device_that_restarts_comes_up_idle_and_says_so(tmp_path: Path) -> None:
    with served(tmp_path, "reference", "--fault", "reboot@0.25") as device, opened(device) as bench:
        host = bench.host
        assert not host.status()["faults"] & REBOOTED
        before = host.hello().rest
        bench.ready()
        assert host.set({1: 50}).result == "OK"
        while (answer := host.renew(ACTIVE, 1)).result == "OK":
            time.sleep(0.05)
        assert answer.result == "NO_EPOCH"
        bench.wait(is_off)
        told = host.status()
        assert (told["state"], told["faults"], told["count"]) == (IDLE, REBOOTED, 0)
        after = host.hello().rest
        assert after[1:5] != before[1:5]
        assert not host.status()["faults"] & REBOOTED
        assert host.events == []
