"""The dose against each limit: rows with value, limit and how much of it is used, and in words the one that binds."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from typing import Final

from rich.text import Text

from emscontrol.core.units import US_PER_S, format_ma
from emscontrol.program.judge import Ceiling
from emscontrol.protocol.model import Protocol
from emscontrol.safety.rules import SESSION
from emscontrol.safety.verdict import Band, Judgement, Verdict, shown
from emscontrol.tui.bench import Examined
from emscontrol.tui.glyphs import ascii_only
from emscontrol.tui.language import _

MARKS: Final = {Band.OK: " ", Band.WARN: "!", Band.REFUSE: "X"}
BAR: Final = 10
SOURCES_FROM: Final = 112  # columns from which each row has its source beside it
_PULSE_TIME: Final = "µs a pulse"
_TENTH_US: Final = US_PER_S // 10


def dose_lines(examined: Examined, ceilings: Sequence[Ceiling], protocol: Protocol, width: int) -> Iterator[Text]:
    """Everything the rules say of a protocol on one model: what is refused first, then what binds, then every limit."""
    judgement = examined.judgement
    if judgement.refused:
        yield Text(_("REFUSED: it would not be begun."), style="bold reverse")
        yield from (Text(f"X {_whose(channel, protocol)}: {verdict.sentence()}") for channel, verdict in judgement.refused)
        yield Text("")
    for ceiling in ceilings:
        yield from _binding(ceiling, protocol)
    for channel, verdict in judgement.warned:
        yield Text(f"! {_whose(channel, protocol)}: {verdict.sentence()}")
    binding = {(ceiling.channel, ceiling.binding.rule) for ceiling in ceilings}
    for channel, verdicts in _by_channel(judgement.judgements).items():
        yield Text("")
        yield Text(_whose(channel, protocol), style="bold")
        yield from _table(verdicts, {rule for one, rule in binding if one == channel}, width)
    yield Text("")
    yield Text(_("> met first when the current rises   ! near the limit   X beyond it"), style="dim")


def _by_channel(judgements: Iterable[Judgement]) -> dict[int, list[Verdict]]:
    """All verdicts of a channel, those of which most is used first; the session's at the end."""
    found: dict[int, list[Verdict]] = {}
    for each in sorted(judgements, key=lambda judgement: (judgement.channel == SESSION, judgement.channel)):
        known = found.setdefault(each.channel, [])
        known += [verdict for verdict in each.verdicts if verdict not in known]
    return {channel: sorted(verdicts, key=lambda v: v.usage, reverse=True) for channel, verdicts in found.items()}


def _binding(ceiling: Ceiling, protocol: Protocol) -> Iterator[Text]:
    name = _whose(ceiling.channel, protocol)
    words = _("{name}: planned {planned}, at most {allowed} is allowed.")
    planned, allowed = format_ma(ceiling.planned_ua), format_ma(ceiling.allowed_ua)
    yield Text(words.format(name=name, planned=planned, allowed=allowed), style="bold")
    binding = ceiling.binding
    words = _("   Binding: {quantity} ({source}; certainty {mark}).")
    yield Text(words.format(quantity=binding.quantity or binding.rule, source=binding.source, mark=binding.mark))


def _whose(channel: int, protocol: Protocol) -> str:
    if channel == SESSION:
        return _("The session")
    return _("Channel {number} {label}").format(number=channel, label=protocol.channels[channel].label)


def _table(verdicts: Sequence[Verdict], binding: Collection[str], width: int) -> Iterator[Text]:
    figures = [_figures(verdict) for verdict in verdicts]
    value_width = max(len(value) for value, _limit in figures)
    limit_width = max(len(limit) for _value, limit in figures)
    room = min(width, SOURCES_FROM) - value_width - limit_width - len("> ") - len("  ") - len("  100 %")
    bar_width = BAR if room >= BAR + 18 else 0
    for verdict, (value, limit) in zip(verdicts, figures, strict=True):
        mark = ">" if verdict.rule in binding and verdict.band is Band.OK else MARKS[verdict.band]
        percent = -(-verdict.usage.numerator * 100 // verdict.usage.denominator)
        line = Text(f"{mark} ", no_wrap=True, overflow="ellipsis", style="bold" if mark != " " else "")
        name = Text(_("pulses a second") if verdict.unit == _PULSE_TIME else verdict.quantity or verdict.rule)
        name.truncate(max(12, min(34, room - bar_width - 1)), overflow="ellipsis", pad=True)
        line.append_text(name)
        line.append(f" {value:>{value_width}} {limit:<{limit_width}} {bar_of(percent, bar_width)}{percent:4d} %")
        if width >= SOURCES_FROM:
            line.append(f"  [{verdict.mark}] {verdict.source}", style="dim")
        line.truncate(width, overflow="ellipsis")
        yield line


def _figures(verdict: Verdict) -> tuple[str, str]:
    """Value and limit as people read them; the time from pulse to pulse as a rate, which turns least into most."""
    if verdict.unit == _PULSE_TIME:
        return _hz(verdict.value), _("at most {limit}").format(limit=_hz(verdict.limit))
    words = _("at least {limit}") if verdict.at_least else _("at most {limit}")
    if verdict.duration:
        return _s(verdict.value, verdict.at_least), words.format(limit=_s(verdict.limit, verdict.at_least))
    return shown(verdict.value, verdict.unit), words.format(limit=shown(verdict.limit, verdict.unit))


def _s(time_us: int, at_least: bool) -> str:
    """Tenths of a second, rounded towards the limit."""
    tenths = time_us // _TENTH_US if at_least else -(-time_us // _TENTH_US)
    return f"{tenths // 10}.{tenths % 10} s"


def _hz(period_us: int) -> str:
    return f"{US_PER_S / period_us:.4g} Hz" if period_us else "-"


def bar_of(percent: int, width: int) -> str:
    """So much of a bar; anything above zero shows."""
    full = min(width, -(-max(0, percent) * width // 100))
    on, off = ("#", ".") if ascii_only() else ("█", "·")
    return on * full + off * (width - full)
