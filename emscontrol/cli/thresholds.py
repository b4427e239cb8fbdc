"""Reading CHANNEL=MA: amplitudes on the command line, exactly or not at all, and for the channels of the protocol alone."""

import re
from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import TYPE_CHECKING, Final

import click

from emscontrol.core.errors import UsageError
from emscontrol.core.units import format_ma, ua_from_ma

if TYPE_CHECKING:
    from emscontrol.protocol.model import Protocol

_FIGURE = re.compile(r"(?P<channel>[1-9][0-9]?)=(?P<ma>[0-9]{1,3}(\.[0-9]{1,3})?)", re.ASCII)

CURRENT: Final = "milliamperes from 0 to 999.999 with a point and at most three decimals, no sign, no unit"
"""What `_FIGURE` takes, for those whose figure was not taken."""


def read_thresholds(texts: tuple[str, ...], option: str) -> dict[str, int]:
    """{channel: µA}. One number format: a point for decimals, no thousands, no unit; anything else is refused."""
    found: dict[str, int] = {}
    for text in texts:
        match = _FIGURE.fullmatch(text)
        if match is None:
            raise click.BadParameter(
                f"{text!r} is not CHANNEL=MA. Write it like 1=22.5: channel, equals sign, {CURRENT}.",
                param_hint=option,
            )
        channel = match["channel"]
        if channel in found:
            raise click.BadParameter(f"channel {channel} is given twice.", param_hint=option)
        found[channel] = ua_from_ma(Decimal(match["ma"]))
    return found


def check_levels(protocol: "Protocol", comfort_ua: Mapping[str, int], motor_ua: Mapping[str, int]) -> None:
    """Each channel has its comfort level, its motor threshold where the protocol asks for that, and no other channel has any.

    Raises UsageError with all that is missing and too much; a motor threshold above the comfort level is a warning.
    """
    declared = {str(channel): channel for channel in protocol.channels}
    by_motor = [str(channel) for channel in channels_by_motor(protocol)]
    wrong = [
        *_missing("--comfort", [c for c in declared if c not in comfort_ua], ""),
        *_missing("--motor", [c for c in by_motor if c not in motor_ua], ", which the protocol doses by the motor threshold"),
        *_too_much("--comfort", comfort_ua, declared),
        *_too_much("--motor", motor_ua, declared),
    ]
    if wrong:
        needed = [*(f"--comfort {c}=MA" for c in declared), *(f"--motor {c}=MA" for c in by_motor)]
        raise UsageError(f"{'; '.join(wrong)}.", f"This protocol needs {' '.join(needed)}.")
    for channel in [c for c in motor_ua if motor_ua[c] > comfort_ua[c]]:
        click.echo(
            f"Warning: the motor threshold of channel {channel}, {format_ma(motor_ua[channel])}, is above its comfort level, "
            f"{format_ma(comfort_ua[channel])}. Have they been mixed up?",
            err=True,
        )


def channels_by_motor(protocol: "Protocol") -> list[int]:
    """The channels whose amplitude is a fraction of the motor threshold, in at least one phase."""
    groups = (group for phase in protocol.phases for group in phase.groups if group.intensity.of == "motor")
    return sorted({channel for group in groups for channel in group.channels})


def _missing(option: str, channels: list[str], why: str) -> list[str]:
    return [f"{option} is missing for {_named(channels)}{why}"] if channels else []


def _too_much(option: str, given: Iterable[str], declared: Iterable[str]) -> list[str]:
    unknown = sorted(set(given) - set(declared), key=int)
    return [f"{option} is given for {_named(unknown)}, which the protocol does not use"] if unknown else []


def _named(channels: list[str]) -> str:
    return f"channel{'s' if len(channels) > 1 else ''} {', '.join(channels)}"
