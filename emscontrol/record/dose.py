"""What each channel was given at its strongest, against every limit that was in force.

Figures and limits are those of the rule book (`emscontrol.safety.rules`) on the strongest output that the set points commanded
with each train; the limits are the envelope that the record itself names. What a record does not say is None here, never zero.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Final

from emscontrol.core.errors import SafetyRefusal
from emscontrol.core.pulse import Output
from emscontrol.record.knowledge import DOSE, Knowledge
from emscontrol.record.reckon import Reckoner
from emscontrol.safety.dose import charge_density_pc_per_cm2
from emscontrol.safety.envelope import ChannelEnvelope, Origin, hard_envelope
from emscontrol.safety.rules import RULES, judge, max_amplitude_ua
from emscontrol.safety.verdict import Verdict, shown

NO_DOSE: Final = frozenset({"PULSE_FITS", "BURST_FITS"})  # arithmetic of a train, of which the record has not every figure
BY_TRAIN: Final = NO_DOSE | {"WIDTH_MAX", "WIDTH_MIN", "LONG_PULSE", "RATE"}  # the same at every amplitude
PER_AREA: Final = frozenset({"J_DC", "J_RMS", "POWER", "CHARGE_DENSITY"})
WITHOUT_SHAPE: Final = frozenset({"AMPLITUDE", "WIDTH_MIN", "RATE"})
"""The rules whose figures are the same whatever the pulse looks like."""

NO_SHAPE: Final = (
    "The record does not say what the pulses looked like, so r.m.s. current, charge per phase and densities are not known."
)
NO_AREA: Final = "The record does not say how large the pads were, so densities are not known."
NO_LIMITS: Final = "The record does not say which limits were in force."
NO_SENSE: Final = "Set points in the record make no sense, so nothing was worked out from them."
CUT_SHORT: Final = "The record lacks lines or stops making sense before its end; what came after that is not in these figures."


@dataclass(frozen=True, slots=True)
class DoseFigure:
    """One figure against its limit, both in `unit`; `value` is None where it is not known.

    `rule` is the id in the rule book; `CHARGE_DENSITY` has no limit there. `limit` is None where there is none or the record
    does not say. `margin_percent` is what is left up to it, rounded down; `source` and `mark` say who set it and how certain it
    is. `binds` is True for the limit that is met first when the channel is raised. Of several trains the worst one counts.
    """

    rule: str
    quantity: str
    value: int | None
    unit: str
    known: Knowledge
    limit: int | None = None
    at_least: bool = False
    margin_percent: int | None = None
    source: str = ""
    mark: str = ""
    binds: bool = False

    def words(self) -> str:
        """The figure beside its limit, as a person reads it."""
        value = "unknown" if self.value is None else shown(self.value, self.unit)
        bound = "at least" if self.at_least else "at most"
        limit = "" if self.limit is None else f", {bound} {shown(self.limit, self.unit)} ({self.source}; {self.mark})"
        return f"{self.quantity} {value} ({self.known}){limit}{', binding' if self.binds else ''}"


@dataclass(frozen=True, slots=True)
class ChannelDose:
    """One channel: `area_mm2` of its smaller pad, the `figures`, and in `unknown` why some are missing.

    `allowed_ua` is how far the limits would have let the amplitude go with the train that came nearest to them.
    """

    channel: int
    area_mm2: int | None
    allowed_ua: int | None
    figures: tuple[DoseFigure, ...]
    unknown: tuple[str, ...] = ()

    def figure(self, rule: str) -> DoseFigure | None:
        """The figure of a rule; None where that rule does not apply to what was given."""
        return next((figure for figure in self.figures if figure.rule == rule), None)


def doses(reckoner: Reckoner) -> tuple[ChannelDose, ...]:
    """The doses of what has been counted so far, by channel. Channels that were never given current are not in it."""
    strongest: dict[int, list[Output]] = {}
    for output in reckoner.strongest():
        strongest.setdefault(output.channel, []).append(output)
    return tuple(_of(channel, outputs, reckoner) for channel, outputs in sorted(strongest.items()))


def _of(channel: int, outputs: list[Output], reckoner: Reckoner) -> ChannelDose:
    shaped, row = reckoner.shapes_known, reckoner.limits.get(str(channel))
    row = row if isinstance(row, Mapping) else {}
    area_mm2 = row.get("area_mm2")
    area_mm2 = area_mm2 if type(area_mm2) is int and area_mm2 > 0 else None
    envelope = _envelope(channel, row)
    worst = _worst(outputs, envelope or hard_envelope(max(1, channel), area_mm2 or 1))
    allowed_ua, binding = (None, "") if envelope is None or not shaped or not worst else _nearest(outputs, envelope)
    figures = [_figure(verdict, envelope is not None, shaped, area_mm2, verdict.rule == binding) for verdict in worst]
    if worst:
        density = max(charge_density_pc_per_cm2(output, area_mm2) for output in outputs) if area_mm2 and shaped else None
        figures.append(DoseFigure("CHARGE_DENSITY", "charge density", density, "pC/cm²", DOSE["CHARGE_DENSITY"]))
    why = {
        NO_SENSE: not worst,
        CUT_SHORT: reckoner.lost,
        NO_SHAPE: not shaped,
        NO_AREA: not area_mm2,
        NO_LIMITS: envelope is None,
    }
    return ChannelDose(channel, area_mm2, allowed_ua, tuple(figures), tuple(text for text, holds in why.items() if holds))


def _worst(outputs: Iterable[Output], envelope: ChannelEnvelope) -> list[Verdict]:
    """Of each rule the verdict of whose limit most is used, in the order of the rule book."""
    worst: dict[str, Verdict] = {}
    for output in outputs:
        for verdict in judge(output, envelope).verdicts:
            before = worst.get(verdict.rule)
            if verdict.quantity and verdict.rule not in NO_DOSE and (before is None or verdict.usage > before.usage):
                worst[verdict.rule] = verdict
    return [worst[rule.id] for rule in RULES if rule.id in worst]


def _nearest(outputs: Iterable[Output], envelope: ChannelEnvelope) -> tuple[int, str]:
    """How far the limits let the channel go, with the train that came nearest to them, and which is met first."""
    nearest = max(outputs, key=lambda output: _used(output, envelope))
    allowed_ua, binding = max_amplitude_ua(nearest.train, envelope)
    return allowed_ua, binding.rule


def _used(output: Output, envelope: ChannelEnvelope) -> Fraction:
    """The largest share of a limit on the amplitude or on what follows from it."""
    verdicts = judge(output, envelope).verdicts
    return max((v.usage for v in verdicts if v.rule not in BY_TRAIN), default=Fraction())


def _figure(verdict: Verdict, limited: bool, shaped: bool, area_mm2: int | None, binds: bool) -> DoseFigure:
    known = DOSE[verdict.rule]
    if not (shaped or verdict.rule in WITHOUT_SHAPE) or (area_mm2 is None and verdict.rule in PER_AREA):
        return DoseFigure(verdict.rule, verdict.quantity, None, verdict.unit, known)
    figure = DoseFigure(verdict.rule, verdict.quantity, verdict.value, verdict.unit, known, at_least=verdict.at_least)
    if not limited:
        return figure
    return DoseFigure(
        verdict.rule,
        verdict.quantity,
        verdict.value,
        verdict.unit,
        known,
        verdict.limit,
        verdict.at_least,
        verdict.margin_percent,
        verdict.source,
        verdict.mark,
        binds,
    )


def _envelope(channel: int, row: Mapping[str, Any]) -> ChannelEnvelope | None:
    """The limits as the record has them; None when it does not have them all, or they are wider than any can be."""
    try:
        origins = tuple(Origin(str(source), str(mark)) for source, mark in row["origins"])
        envelope = ChannelEnvelope(**{**row, "origins": origins})
    except (KeyError, TypeError, ValueError, SafetyRefusal):
        return None
    return envelope if envelope.channel == channel else None
