"""A journal as rows of one table: a row a record, or a row a channel where the record speaks of several."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Final, cast

from emscontrol.core.events import JSON, Event
from emscontrol.core.units import UA_PER_MA, US_PER_S
from emscontrol.record.line import Record

Cell = str | int | Decimal

# every quantity has its unit in the name; a cell that does not apply is empty
COLUMNS: Final = (
    "n",
    "t_s",
    "wall",
    "event",
    "severity",
    "phase",
    "contraction",
    "channel",
    "amplitude_ma",
    "pulse_width_us",
    "rate_hz",
    "period_us",
    "ramp_up_s",
    "hold_s",
    "ramp_down_s",
    "pulses",
    "contractions",
    "peak_ma",
    "plateau_ma",
    "charge_mc",
    "on_s",
    "sentence",
)
PC_PER_MC: Final = 10**9
_SWELL: Final = (
    ("ramp_up_s", "rise_us"),
    ("hold_s", "hold_us"),
    ("ramp_down_s", "fall_us"),
)  # of contractions the device makes


@dataclass(slots=True)
class _Course:
    """Where the session is, as far as the rows before tell."""

    phase: str = ""
    contraction: dict[int, int] = field(default_factory=dict)
    on: frozenset[int] = frozenset()


def rows(records: Iterable[Record]) -> Iterator[dict[str, Cell]]:
    """The rows, in order. A channel that a set point turns off gets a row with 0 mA."""
    course = _Course()
    for record in records:
        event = record.event
        _follow(course, event)
        base: dict[str, Cell] = {
            "n": record.n,
            "t_s": Decimal(record.t_us) / US_PER_S,
            "wall": record.wall,
            "event": event.kind,
            "severity": str(event.severity),
            "phase": course.phase,
            "sentence": event.sentence(),
        }
        for part in _parts(event, course):
            channel = part.get("channel")
            number = course.contraction.get(channel) if isinstance(channel, int) else None
            yield base | ({"contraction": number} if number else {}) | part


def _follow(course: _Course, event: Event) -> None:
    args = event.args
    if event.kind == "phase_started":
        course.phase, course.contraction = cast("str", args["name"]), {}
    elif event.kind == "contraction_started":
        course.contraction |= dict.fromkeys(cast("list[int]", args["channels"]), cast("int", args["index"]))


def _parts(event: Event, course: _Course) -> list[dict[str, Cell]]:
    """What is particular to each channel the event speaks of; one empty part where it speaks of none."""
    args = event.args
    if event.kind == "set_point":
        return _set_point(cast("list[Mapping[str, int]]", args["outputs"]), course) or [{}]
    if event.kind == "totals":
        totals = cast("Mapping[str, Mapping[str, int]]", args["channels"])
        return [_total(int(channel), row) for channel, row in totals.items()] or [{}]
    if event.kind == "adjusted":
        return [{"channel": cast("int", args["channel"]), "amplitude_ma": _ma(cast("int", args["to_ua"]))}]
    return [{"channel": channel} for channel in _channels(args)] or [{}]


def _channels(args: Mapping[str, JSON]) -> list[int]:
    if isinstance(channels := args.get("channels"), list | tuple):
        return cast("list[int]", list(channels))
    return [channel] if isinstance(channel := args.get("channel"), int) else []


def _set_point(outputs: list[Mapping[str, int]], course: _Course) -> list[dict[str, Cell]]:
    now = frozenset(output["channel"] for output in outputs if output["amplitude_ua"] > 0)
    off = sorted(course.on - {output["channel"] for output in outputs})
    course.on = now
    return [_output(output) for output in outputs] + [{"channel": channel, "amplitude_ma": Decimal(0)} for channel in off]


def _output(output: Mapping[str, int]) -> dict[str, Cell]:
    period_us = output["period_us"]
    row: dict[str, Cell] = {
        "channel": output["channel"],
        "amplitude_ma": _ma(output["amplitude_ua"]),
        "pulse_width_us": output["width_us"],
        "period_us": period_us,
    }
    if period_us:
        row["rate_hz"] = round(Decimal(US_PER_S) / period_us, 3)
    return row | {name: Decimal(output[key]) / US_PER_S for name, key in _SWELL if key in output}


def _total(channel: int, row: Mapping[str, int]) -> dict[str, Cell]:
    return {
        "channel": channel,
        "pulses": row["pulses"],
        "contractions": row["contractions"],
        "peak_ma": _ma(row["peak_ua"]),
        **({"plateau_ma": _ma(row["plateau_ua"])} if "plateau_ua" in row else {}),  # journals of format 1 have none
        "charge_mc": Decimal(row["charge_pc"]) / PC_PER_MC,
        "on_s": Decimal(row["on_us"]) / US_PER_S,
    }


def _ma(amplitude_ua: int) -> Decimal:
    return Decimal(amplitude_ua) / UA_PER_MA
