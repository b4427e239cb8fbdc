"""How fast frames are made and read, beside public clients and this project's own plain encoder, all in one run.

    .venv/bin/python bench/wire.py

Each round times every contestant once, in turn, so that a busy moment of the machine meets all; medians of the rounds are
printed. Rates are frames per second of processor time, so of one core that has nothing else to do; other programs still
cost some, through shared caches, so ratios are steadier than rates. Every contestant's bytes are checked first.
"""

import json
import sys
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from statistics import median
from time import process_time
from typing import Any

from emscontrol.devices.reference import wire as reference
from emscontrol.devices.sciencemode2 import wire as sciencemode2
from emscontrol.devices.sciencemode4 import wire as sciencemode4

DATA = Path(__file__).parent.parent / "tests" / "data"
ROUNDS = 15
SLICE_S = 0.04  # each contestant's share of a round


@dataclass(frozen=True)
class Contestant:
    """Somebody who does the job; `call` does it once."""

    name: str
    call: Callable[[], object]


@dataclass(frozen=True)
class Contest:
    """A job, the rate to reach, ours first and then whom it is measured against."""

    job: str
    aim_per_s: int
    contestants: tuple[Contestant, ...]


def vector(file: str, name: str) -> tuple[dict[str, Any], bytes]:
    """Parameters and bytes of a test vector."""
    found = next(v for v in json.loads((DATA / file).read_text()) if v["name"] == name)
    return found["params"], bytes.fromhex(found["hex"])


def check(name: str, made: object, right: object) -> None:
    """Stop when somebody's result is not the right one: its speed would mean nothing."""
    if made != right:
        sys.exit(f"{name}: {made!r} is not {right!r}")


def peers(name: str, make: Callable[[], Callable[[], object]], right: object) -> tuple[Contestant, ...]:
    """A public client as a contestant, checked; none, with a word about it, where it is not installed."""
    try:
        call = make()
    except ImportError as error:
        print(f"{name} is left out: {error}. Install it with: pip install -e .[peers]", file=sys.stderr)
        return ()
    check(name, call(), right)
    return (Contestant(name, call),)


def update_contest() -> Contest:
    """Encode an update of 8 channels with 3 points each for a P24."""
    params, raw = vector("sciencemode4.json", "ml_update_8_channels")
    number = params["packet_number"]
    trains = [
        (c["channel"], c["period_ms"] * 1000, c["ramp"], [(us, ma * 1000) for us, ma in c["points"]])
        for c in params["channels"]
    ]
    check("encode_ml_update", sciencemode4.encode_ml_update(number, trains), raw)
    check("encode", sciencemode4.encode("ml_update", params), raw)
    peer = peers("science-mode-4 0.0.23", lambda: science_mode_4_update(params), raw)
    return Contest(
        "encode 8-channel, 3-point P24 update",
        40_000,
        (
            Contestant("emscontrol encode_ml_update", lambda: sciencemode4.encode_ml_update(number, trains)),
            Contestant("emscontrol encode (plain table)", lambda: sciencemode4.encode("ml_update", params)),
            *peer,
        ),
    )


def decode_contest() -> Contest:
    """Read the P24's answer about its channels."""
    params, raw = vector("sciencemode4.json", "ml_get_ack_errors")
    decoder = sciencemode4.Decoder("device")
    check("Decoder", decoder.feed(raw)[0].params, params)
    peer = peers("science-mode-4 0.0.23", lambda: science_mode_4_decode(raw), (params["active"], params["channel_state"]))
    return Contest(
        "decode P24 current data (selection 4)",
        150_000,
        (Contestant("emscontrol Decoder.feed", lambda: decoder.feed(raw)), *peer),
    )


def start_contest() -> Contest:
    """Encode a start of 8 channels for a RehaStim 2."""
    params, raw = vector("sciencemode2.json", "start_clm_8_channels_max_stuffing")
    number = params["packet_number"]
    pulses = [(c["mode"], c["pulse_width_us"], c["current_ma"] * 1000) for c in params["channels"]]
    check("encode_start", sciencemode2.encode_start(number, pulses), raw)
    check("encode", sciencemode2.encode("StartChannelListMode", params), raw)
    peer = peers("pysciencemode 1.1.5", lambda: pysciencemode_start(params), raw)
    return Contest(
        "encode 8-channel RehaStim 2 start",
        80_000,
        (
            Contestant("emscontrol encode_start", lambda: sciencemode2.encode_start(number, pulses)),
            Contestant("emscontrol encode (plain table)", lambda: sciencemode2.encode("StartChannelListMode", params)),
            *peer,
        ),
    )


REFERENCE_EPOCH = 0x5EED0001
REFERENCE_ROW = {"flags": 1, "pulses": 123_456, "set": 300, "measured": 299, "ohm": 1_180}
REFERENCE_STATUS = {
    "seq": 513, "epoch": REFERENCE_EPOCH, "result": 0, "state": 2, "faults": 0, "lease_left_ms": 500, "battery": 80,
    "temperature": 31, "device_ms": 3_600_000, "each": [{"channel": channel, **REFERENCE_ROW} for channel in (1, 2)],
}  # fmt: skip


def reference_contests() -> tuple[Contest, ...]:
    """What goes over the line each 100 ms of a session on a reference stimulator, and the set points between."""
    heading = {"seq": 513, "epoch": REFERENCE_EPOCH}
    rows = [{"channel": channel, "amplitude": 300} for channel in range(1, 9)]
    asked = {"RENEW": {"state": 2, "channels": 3}, "SET": {"each": rows}}
    contests = []
    for name, params in asked.items():
        raw = reference.encode(name, heading | params)
        decoder = reference.Decoder("host")
        check(name, decoder.feed(raw)[0].params, heading | params)
        check(name, reference.request(name, params)(513, REFERENCE_EPOCH), raw)
        make, read = partial(reference.encode, name, heading | params), partial(decoder.feed, raw)
        what = "a renewal" if name == "RENEW" else "8 amplitudes"
        contests.append(Contest(f"encode {what} of the reference protocol", 100_000, (Contestant("emscontrol encode", make),)))
        contests.append(Contest(f"decode {what} of the reference protocol", 100_000, (Contestant("emscontrol Decoder", read),)))
    raw = reference.encode("RENEW_ANSWER", REFERENCE_STATUS)
    device = reference.Decoder("device")
    check("RENEW_ANSWER", device.feed(raw)[0].params, REFERENCE_STATUS)
    contestant = Contestant("emscontrol Decoder", partial(device.feed, raw))
    return (*contests, Contest("decode a status block of two channels", 100_000, (contestant,)))


def science_mode_4_update(params: dict[str, Any]) -> Callable[[], bytes]:
    """The public P24 client's way from milliamperes to bytes; its value objects are made outside of the measurement."""
    from science_mode_4.mid_level.mid_level_types import MidLevelChannelConfiguration
    from science_mode_4.mid_level.mid_level_update import PacketMidLevelUpdate
    from science_mode_4.protocol.channel_point import ChannelPoint
    from science_mode_4.protocol.protocol import Protocol

    packet = PacketMidLevelUpdate()
    packet.number = params["packet_number"]
    packet.channel_configuration = [
        MidLevelChannelConfiguration(True, c["ramp"], c["period_ms"], [ChannelPoint(us, ma) for us, ma in c["points"]])
        for c in params["channels"]
    ]
    return lambda: bytes(Protocol.packet_to_bytes(packet))


def science_mode_4_decode(raw: bytes) -> Callable[[], object]:
    """The public P24 client's way from received bytes to activity and state per channel."""
    from science_mode_4.mid_level.mid_level_current_data import PacketMidLevelGetCurrentDataAck
    from science_mode_4.protocol.packet_factory import PacketFactory
    from science_mode_4.protocol.protocol import Protocol
    from science_mode_4.protocol.types import ResultAndError

    factory = PacketFactory()
    state = {
        ResultAndError.NO_ERROR: 0,
        ResultAndError.ELECTRODE_ERROR: 1,
        ResultAndError.PULSE_TIMEOUT_ERROR: 2,
        ResultAndError.PULSE_LOW_CURRENT_ERROR: 3,
    }

    def decode() -> tuple[list[bool], list[int]]:
        start, stop = Protocol.find_packet_in_buffer(raw)
        answer: PacketMidLevelGetCurrentDataAck = factory.create_packet_with_data(
            *Protocol.extract_packet_data(raw[start : stop + 1])
        )
        return answer.is_stimulation_active_per_channel, [state[error] for error in answer.channel_error]

    return decode


def pysciencemode_start(params: dict[str, Any]) -> Callable[[], bytes]:
    """The public RehaStim 2 client's way from milliamperes to bytes, without the port its constructor would open."""
    from pysciencemode import Rehastim2

    client = object.__new__(Rehastim2)
    client.packet_count = params["packet_number"]
    client.amplitude = [c["current_ma"] for c in params["channels"]]
    client.pulse_width = [c["pulse_width_us"] for c in params["channels"]]
    client.mode = [{"single": 0, "doublet": 1, "triplet": 2}[c["mode"]] for c in params["channels"]]
    build: Callable[[], bytes] = client._packet_start_stimulation
    return build


def rates(contest: Contest) -> list[float]:
    """The median rate of each contestant over all rounds."""
    calls = [max(1, int(SLICE_S / seconds(c.call, 3) * 3)) for c in contest.contestants]
    rounds = [[n / seconds(c.call, n) for c, n in zip(contest.contestants, calls, strict=True)] for _ in range(ROUNDS)]
    return [median(column) for column in zip(*rounds, strict=True)]


def seconds(call: Callable[[], object], times: int) -> float:
    """How much time of the processor so many calls take; waiting for other programs is not counted."""
    begun = process_time()
    for _ in range(times):
        call()
    return process_time() - begun


def report(contest: Contest) -> None:
    """One block: ours against the aim and against everybody else."""
    ours, *_ = measured = rates(contest)
    reached = "reached" if ours >= contest.aim_per_s else "NOT reached"
    print(f"{contest.job}: aim {contest.aim_per_s:,}/s, {reached}")
    for contestant, rate in zip(contest.contestants, measured, strict=True):
        ratio = "" if rate == ours else f"   ours is {ours / rate:.1f} × as fast"
        print(f"    {contestant.name:<34}{rate:>12,.0f}/s{ratio}")


def main() -> None:
    """Run every contest."""
    for contest in (update_contest(), decode_contest(), start_contest(), *reference_contests()):
        report(contest)


if __name__ == "__main__":
    main()
