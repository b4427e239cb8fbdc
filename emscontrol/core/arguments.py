"""What an event may carry: the types of its arguments, what fits each, and how each is shown in a sentence."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from math import isfinite
from typing import Final, TypeAlias, cast

from emscontrol.core.units import MN_PER_N, counted, format_ma, format_s

JSON: TypeAlias = "bool | int | float | str | Sequence[JSON] | Mapping[str, JSON] | None"

DEPTH_MAX: Final = 32  # nesting of an object argument; a protocol's envelope needs four
WHOLE_MAX: Final = 2**63 - 1  # what every reader of the records can hold in an integer


class ArgType(StrEnum):
    """What an argument holds; `FITS` checks it and `SHOWN` puts it into a sentence."""

    TEXT = "text"
    COUNT = "count"  # whole number, 0 or more
    INTEGER = "integer"
    FLAG = "flag"
    CHANNEL = "channel"  # counts from 1
    CHANNELS = "channels"
    UA = "ua"  # µA
    US = "us"  # µs
    MN = "mn"  # mN, shown as N
    PERCENT = "percent"
    OUTPUTS = "outputs"  # [{channel, amplitude_ua, width_us, period_us}]
    TOTALS = "totals"  # {channel as text: {pulses, contractions, peak_ua, plateau_ua, charge_pc, on_us}}
    OBJECT = "object"  # any JSON object


OUTPUT_KEYS: Final = frozenset({"channel", "amplitude_ua", "width_us", "period_us"})
ROW_KEYS: Final = (OUTPUT_KEYS, OUTPUT_KEYS | {"rise_us", "hold_us", "fall_us"})
TOTAL_KEYS: Final = frozenset({"pulses", "contractions", "peak_ua", "plateau_ua", "charge_pc", "on_us"})
TOTAL_ROWS: Final = (TOTAL_KEYS, TOTAL_KEYS - {"plateau_ua"})  # as they are written; as journals of format 1 have them


@dataclass(frozen=True, slots=True)
class Arg:
    """One argument: its type and what it means, unit included. An optional one may be None or left out."""

    type: ArgType
    meaning: str
    optional: bool = False


def printable(text: str) -> str:
    """The text with control, bidirectional and other invisible characters as escapes, so that it cannot steer a terminal."""
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode("ascii") for c in text)


def _whole(value: JSON) -> bool:
    return type(value) is int and 0 <= value <= WHOLE_MAX


def _channel(value: JSON) -> bool:
    return type(value) is int and 1 <= value <= WHOLE_MAX


def _channels(value: JSON) -> bool:
    return isinstance(value, list | tuple) and all(map(_channel, value))


def _outputs(value: JSON) -> bool:
    if not isinstance(value, list | tuple):
        return False
    for item in value:  # written out, because half of a journal's records are set points
        if not isinstance(item, dict) or item.keys() not in ROW_KEYS:
            return False
        for figure in item.values():
            if type(figure) is not int or not 0 <= figure <= WHOLE_MAX:
                return False
    return True


def _totals(value: JSON) -> bool:
    if not isinstance(value, dict):
        return False
    return all(
        isinstance(key, str)
        and key.isdecimal()
        and isinstance(row, dict)
        and row.keys() in TOTAL_ROWS
        and all(map(_whole, row.values()))
        for key, row in value.items()
    )


def _is_json(value: object, depth: int = DEPTH_MAX) -> bool:
    if value is None or isinstance(value, str):
        return True
    if isinstance(value, int):
        return abs(value) <= WHOLE_MAX
    if isinstance(value, float):
        return isfinite(value)
    if depth == 0:
        return False
    if isinstance(value, dict):
        return all(isinstance(key, str) and _is_json(inner, depth - 1) for key, inner in value.items())
    return isinstance(value, list | tuple) and all(_is_json(inner, depth - 1) for inner in value)


FITS: Final[Mapping[ArgType, Callable[[JSON], bool]]] = {
    ArgType.TEXT: lambda value: isinstance(value, str),
    ArgType.COUNT: _whole,
    ArgType.INTEGER: lambda value: type(value) is int and abs(value) <= WHOLE_MAX,
    ArgType.FLAG: lambda value: isinstance(value, bool),
    ArgType.CHANNEL: _channel,
    ArgType.CHANNELS: _channels,
    ArgType.UA: _whole,
    ArgType.US: _whole,
    ArgType.MN: _whole,
    ArgType.PERCENT: lambda value: type(value) is int and 0 <= value <= 100,
    ArgType.OUTPUTS: _outputs,
    ArgType.TOTALS: _totals,
    ArgType.OBJECT: lambda value: isinstance(value, dict) and _is_json(value),
}


def _show_channels(value: JSON) -> str:
    channels = cast("Sequence[int]", value)
    return f"channel{'s' if len(channels) > 1 else ''} {', '.join(map(str, channels))}" if channels else "no channel"


def _show_outputs(value: JSON) -> str:
    outputs = cast("Sequence[Mapping[str, int]]", value)
    return ", ".join(map(_show_output, outputs)) or "all channels off"


def _show_output(output: Mapping[str, int]) -> str:
    level = f"channel {output['channel']} {format_ma(output['amplitude_ua'])}"
    if "rise_us" not in output:
        return level
    return f"{level} (up {format_s(output['rise_us'])}, hold {format_s(output['hold_us'])}, down {format_s(output['fall_us'])})"


def _show_totals(value: JSON) -> str:
    totals = cast("Mapping[str, Mapping[str, int]]", value)
    return (
        "; ".join(
            f"channel {channel}: {counted(row['pulses'], 'pulse')} in {counted(row['contractions'], 'contraction')}, "
            f"peak {format_ma(row['peak_ua'])}{_plateau(row)}, "
            f"{Decimal(row['charge_pc']) / 10**9:.3f} mC, {format_s(row['on_us'])} on"
            for channel, row in totals.items()
        )
        or "no channel had current"
    )


def _plateau(row: Mapping[str, int]) -> str:
    return f", plateau {format_ma(row['plateau_ua'])}" if "plateau_ua" in row else ""


SHOWN: Final[Mapping[ArgType, Callable[[JSON], str]]] = {
    ArgType.TEXT: lambda value: printable(str(value)) or "–",
    ArgType.COUNT: str,
    ArgType.INTEGER: str,
    ArgType.FLAG: lambda value: "yes" if value else "no",
    ArgType.CHANNEL: lambda value: f"channel {value}",
    ArgType.CHANNELS: _show_channels,
    ArgType.UA: lambda value: format_ma(cast("int", value)),
    ArgType.US: lambda value: format_s(cast("int", value)),
    ArgType.MN: lambda value: f"{Decimal(cast('int', value)) / MN_PER_N:.1f} N",
    ArgType.PERCENT: lambda value: f"{value} %",
    ArgType.OUTPUTS: _show_outputs,
    ArgType.TOTALS: _show_totals,
    ArgType.OBJECT: lambda value: printable(str(value)),
}


def show(arg: Arg, value: JSON) -> str:
    return f"unknown {arg.type}" if value is None else SHOWN[arg.type](value)
