"""One pulse and one cycle of contractions, drawn to scale in the cells of a terminal."""

import re
from collections.abc import Sequence
from textwrap import wrap
from typing import Final

from rich.text import Text

from emscontrol.core.pulse import PhaseForm, Waveform
from emscontrol.core.units import US_PER_S
from emscontrol.protocol.findings import plain
from emscontrol.protocol.model import Protocol
from emscontrol.protocol.parts import Contract, Group, PhaseSpec
from emscontrol.protocol.phase_rules import starts_s
from emscontrol.tui.braille import DOTS_Y, Canvas, Span
from emscontrol.tui.language import _

LEFT: Final = 7  # columns for the figures of the upward axis
PULSE_ROWS: Final = 6
GROUP_ROWS: Final = 2
NARROWEST: Final = 16
_UNIT_UA: Final = 1_000_000  # phases are asked for at this amplitude, so that their shape keeps its proportions
_STUCK: Final = chr(0xA0)
_BEFORE_UNIT: Final = re.compile(r"(?<=[0-9]) (?=[a-zµ%])")
Points = list[tuple[float, float]]


def pulse_points(waveform: Waveform) -> Points:
    """The current over time: µs, and parts of the first phase's peak. A triangle rises evenly up to its end."""
    points: Points = []
    at_us = 0
    for phase in waveform.phases(_UNIT_UA):
        peak = phase.peak_ua / _UNIT_UA
        begin = 0.0 if phase.form is PhaseForm.TRIANGLE else peak
        points += [(at_us, 0), (at_us, begin), (at_us + phase.duration_us, peak), (at_us + phase.duration_us, 0)]
        at_us += phase.duration_us + waveform.gap_us
    return points


def pulse_drawn(waveform: Waveform, percent: str, width: int, plain_only: bool) -> list[Text]:
    """The pulse with its peak as `percent` words above, its zero line, and the times below where something begins or ends."""
    columns = max(NARROWEST, width - LEFT)
    margin = waveform.duration_us / 12
    across, upwards = Span(-margin, waveform.duration_us + margin), Span(-1.1, 1.1)
    canvas = Canvas(columns, PULSE_ROWS, plain_only)
    for x in range(0, canvas.wide, 3):
        canvas.dot(x, round(upwards.part(0) * (canvas.high - 1)))
    canvas.polyline(pulse_points(waveform), across, upwards)
    peak, second = 1.0, -1.0 / waveform.recovery_ratio
    figures = {
        _row(upwards, y, canvas): words for y, words in ((second, _second(waveform, percent)), (0, "0"), (peak, f"+{percent}"))
    }
    rows = [Text(f"{figures.get(number, ''):>{LEFT - 1}} {line}") for number, line in enumerate(canvas.lines())]
    first_us, gap_us = waveform.width_us, waveform.gap_us
    ticks = [(at_us, _us(at_us)) for at_us in dict.fromkeys((0, first_us, first_us + gap_us, waveform.duration_us))]
    return [*rows, Text(" " * LEFT + ticked(ticks, across, columns)), *folded(_pulse_words(waveform), width)]


def _row(upwards: Span, value: float, canvas: Canvas) -> int:
    return (canvas.high - 1 - round(upwards.part(value) * (canvas.high - 1))) // DOTS_Y


def _second(waveform: Waveform, percent: str) -> str:
    return f"-{percent}" if waveform.recovery_ratio == 1 else f"-1/{waveform.recovery_ratio}"


def _pulse_words(waveform: Waveform) -> str:
    shape = _(waveform.shape.value.replace("_", " "))
    words = _("{shape}: phase {first}, gap {gap}, phase {second}, {total} in all")
    second_us = waveform.width_us * waveform.recovery_ratio
    first, gap, second, total = map(_us, (waveform.width_us, waveform.gap_us, second_us, waveform.duration_us))
    return words.format(shape=shape, first=first, gap=gap, second=second, total=total)


def folded(words: str, width: int, indent: int = 0) -> list[Text]:
    """The words in lines of this width; a figure stays with its unit."""
    kept = _BEFORE_UNIT.sub(_STUCK, words)
    return [Text(" " * indent + line.replace(_STUCK, " ")) for line in wrap(kept, max(NARROWEST, width - indent))]


def _us(time_us: int) -> str:
    return f"{time_us} µs" if time_us < 10_000 else f"{time_us / 1000:g} ms"


def cycle_drawn(phase: PhaseSpec, protocol: Protocol, width: int, plain_only: bool) -> list[Text]:
    """The groups of a phase one below the other on one clock, so that taking turns is seen; the seconds of each in words."""
    columns = max(NARROWEST, width - LEFT)
    starts = [float(start_s) for start_s in starts_s(phase)]
    end_s = max(start_s + group.cycle_us / US_PER_S for group, start_s in zip(phase.groups, starts, strict=True))
    if phase.contract is not Contract.TOGETHER:
        end_s = max(
            phase.groups[0].cycle_us / US_PER_S, *(s + g.on_us / US_PER_S for g, s in zip(phase.groups, starts, strict=True))
        )
    across = Span(0, end_s)
    upwards = Span(0, max(1.0, *(float(group.intensity.fraction) for group in phase.groups)))
    lines: list[Text] = []
    for group, start_s in zip(phase.groups, starts, strict=True):
        canvas = Canvas(columns, GROUP_ROWS, plain_only)
        canvas.polyline(cycle_points(group, start_s, end_s), across, upwards)
        names = ", ".join(f"{c} {protocol.channels[c].label}" for c in group.channels)
        lines += [Text(line.plain, style="bold") for line in folded(names, width)]
        percent = f"{plain(group.intensity.fraction * 100)} %"
        lines += [Text(f"{percent if not row else '0':>{LEFT - 1}} {line}") for row, line in enumerate(canvas.lines())]
        lines += folded(_cycle_words(group), width, LEFT)
    middle = round(end_s / 2)
    ticks = [(0, "0 s"), (middle, f"{middle}"), (end_s, f"{end_s:g} s")]
    return [*lines, Text(" " * LEFT + ticked(ticks, across, columns))]


def cycle_points(group: Group, start_s: float, end_s: float) -> Points:
    """The envelope of a group's contractions up to `end_s`: seconds, and the fraction of the level."""
    high = float(group.intensity.fraction)
    rise_s, fall_s, on_s = group.ramp_up_us / US_PER_S, group.ramp_down_us / US_PER_S, group.on_us / US_PER_S
    points: Points = [(0.0, 0.0)]
    at_s = start_s
    while at_s < end_s:
        points += [(at_s, 0.0), (at_s + rise_s, high), (at_s + on_s - fall_s, high), (at_s + on_s, 0.0)]
        at_s += group.cycle_us / US_PER_S
    return [*points, (max(end_s, points[-1][0]), 0.0)]


def _cycle_words(group: Group) -> str:
    hold_s = group.on_s - group.ramp_up_s - group.ramp_down_s
    return _("rise {rise} s, hold {hold} s, fall {fall} s, rest {rest} s").format(
        rise=plain(group.ramp_up_s), hold=plain(hold_s), fall=plain(group.ramp_down_s), rest=plain(group.off_s)
    )


def ticked(ticks: Sequence[tuple[float, str]], across: Span, columns: int) -> str:
    """The words below their places; one that would touch another is left out, the first and the last before the others."""
    line = [" "] * columns
    for value, words in sorted(ticks, key=lambda tick: tick not in (ticks[0], ticks[-1])):
        at = max(0, min(round(across.part(value) * (columns - 1)) - len(words) // 2, columns - len(words)))
        if all(cell == " " for cell in line[max(0, at - 1) : at + len(words) + 1]):
            line[at : at + len(words)] = words
    return "".join(line)
