"""What was given in a session whose record has no end: counted from its set points, as the engine itself counts.

Pulses are those that the set points stand for up to the last record; whatever flowed after it, nobody knows.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, cast

from emscontrol.core.pulse import Output, Outputs, Shape, Swell, Train, Waveform
from emscontrol.program.tally import Tally
from emscontrol.protocol.model import Protocol
from emscontrol.protocol.parts import Group
from emscontrol.record.line import Record

_KEYS: Final = ("pulses", "contractions", "peak_ua", "charge_pc", "on_us")


@dataclass(slots=True)
class _Course:
    """Where the session is: its phase, and the contractions that the device makes by itself, each with when it began."""

    phase: int = 0
    swells: int = 0


def reckoned(
    records: Sequence[Record], protocol: Protocol | None, capabilities: Mapping[str, Any]
) -> dict[int, dict[str, int]]:
    """Totals by channel, as the record's own `totals`: pulses, contractions, peak_ua, charge_pc, on_us."""
    tally = Tally(
        _prepared(records, protocol) if capabilities.get("common_grid") else {},
        _delays_us(records, int(capabilities.get("slot_us", 0))),
        int(capabilities.get("amplitude_step_ua", 1)),
    )
    course = _Course()
    running: dict[int, tuple[Swell, int]] = {}
    begun: dict[int, int] = {}
    for record in records:
        args = record.event.args
        if record.event.kind == "phase_started":
            course.phase = cast("int", args["index"]) - 1
        elif record.event.kind == "contraction_started":
            for channel in cast("Sequence[int]", args["channels"]):
                begun[channel] = begun.get(channel, 0) + 1
        elif record.event.kind == "set_point":
            rows = cast("Sequence[Mapping[str, int]]", args["outputs"])
            running = {row["channel"]: _swell(row, running.get(row["channel"]), course, record.t_us) for row in rows}
            tally.set(record.t_us, Outputs(tuple(_output(row, running, protocol, course.phase) for row in rows)))
        elif record.event.kind == "stop_sent":
            tally.stop(record.t_us)
    if records:
        tally.stop(records[-1].t_us)
    sums = {number: (s.pulses, begun.get(number, 0), s.peak_ua, s.charge_pc, s.on_us) for number, s in tally.sums().items()}
    return {number: dict(zip(_KEYS, figures, strict=True)) for number, figures in sorted(sums.items())}


def _set_points(records: Sequence[Record]) -> list[Mapping[str, int]]:
    rows = [record.event.args["outputs"] for record in records if record.event.kind == "set_point"]
    return [row for outputs in rows for row in cast("Sequence[Mapping[str, int]]", outputs)]


def _prepared(records: Sequence[Record], protocol: Protocol | None) -> dict[int, Train]:
    """The trains of a device with one pulse clock: a channel keeps its rate through a session."""
    return {row["channel"]: _train(row, protocol, 0) for row in _set_points(records)}


def _delays_us(records: Sequence[Record], slot_us: int) -> dict[int, int]:
    channels = sorted({row["channel"] for row in _set_points(records)})
    return {channel: place * slot_us for place, channel in enumerate(channels)}


def _swell(row: Mapping[str, int], before: tuple[Swell, int] | None, course: _Course, now_us: int) -> tuple[Swell, int]:
    """The contraction that a device makes by itself: the one before goes on while it lasts and looks the same."""
    shape = (row.get("rise_us", 0), row.get("hold_us", 0), row.get("fall_us", 0))
    if before and now_us < before[1] + before[0].end_us and (before[0].rise_us, before[0].hold_us, before[0].fall_us) == shape:
        return before
    course.swells += 1
    return Swell(course.swells, *shape), now_us


def _output(row: Mapping[str, int], running: Mapping[int, tuple[Swell, int]], protocol: Protocol | None, phase: int) -> Output:
    swell = running[row["channel"]][0] if "rise_us" in row else None
    return Output(row["channel"], _train(row, protocol, phase), row["amplitude_ua"], swell)


def _train(row: Mapping[str, int], protocol: Protocol | None, phase: int) -> Train:
    """The pulses of a set point. Its record has width and period; shape and bursts are those of the protocol's group."""
    group = _group(protocol, phase, row["channel"])
    if group is None:
        return Train(Waveform(Shape.SYMMETRIC, row["width_us"]), row["period_us"])
    waveform = Waveform(group.waveform, row["width_us"], recovery_ratio=group.recovery_ratio)
    return Train(waveform, row["period_us"], group.burst_pulses, group.burst_interval_us)


def _group(protocol: Protocol | None, phase: int, channel: int) -> Group | None:
    if protocol is None or phase >= len(protocol.phases):
        return None
    return next((group for group in protocol.phases[phase].groups if channel in group.channels), None)
