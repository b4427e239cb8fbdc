"""The figures of a session as Observations: what each channel was given, what was measured, which thresholds were found."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

from emscontrol.record.exports.fhir import codes
from emscontrol.record.exports.fhir.resources import Resource, body_site, coded
from emscontrol.record.exports.fhir.summary import Measured, Summary, words
from emscontrol.record.exports.tables import TABLES, Value
from emscontrol.record.knowledge import TOTALS, Knowledge, knowledge_of

Named: TypeAlias = tuple[str, Resource]
"""A resource, and what makes it another one than its neighbours."""


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure of a channel. `scale` of its whole numbers make `unit` (UCUM); `shown` is the unit for people."""

    name: str
    text: str
    unit: str
    knowledge: Knowledge
    scale: int = 1
    shown: str = ""


def _given(column: str, text: str, figure: str, unit: str = "") -> Figure:
    """A column of the table `channels`, by the name that the journal has for it."""
    table = TABLES["channels"]
    about = table.columns[table.place(column)]
    shown = about.unit or f"{column}"
    return Figure(column, text, unit or about.unit, TOTALS[figure], about.scale, shown)


GIVEN: Final = (
    _given("contractions", "Contractions begun", "contractions", "{contraction}"),
    _given("peak_ma", "Highest amplitude commanded", "peak_ua"),
    _given("plateau_ma", "Mean amplitude commanded on the plateaus", "plateau_ua"),
    _given("pulses", "Pulses, assumed", "pulses", "{pulse}"),
    _given("charge_mc", "Charge of all first phases, assumed", "charge_pc"),
    _given("on_s", "Time with a current commanded", "on_us"),
)
MEASURED: Final = (
    Figure("peak_ua", "Highest current measured", "mA", knowledge_of("measured", "amplitude_ua"), 1000, "mA"),
    Figure("pulses", "Pulses counted by the stimulator", "{pulse}", knowledge_of("measured", "pulses"), 1, "pulses"),
    Figure("resistance_ohm", "End voltage ÷ current, last measured", "Ohm", knowledge_of("measured", "ohm"), 1, "Ω"),
)
AT_REST: Final = Figure("ohm", "Impedance of the electrodes at rest", "Ohm", knowledge_of("electrode_checked", "ohm"), 1, "Ω")
THRESHOLD: Final = Figure("amplitude_ma", "", "mA", knowledge_of("threshold_found", "amplitude_ua"), 1000, "mA")
ASIDE: Final = (
    Figure("pulse_width_us", "Pulse width of the first phase", "us", Knowledge.COMMANDED, 1, "µs"),
    Figure("below_ma", "Highest step without it", "mA", Knowledge.COMMANDED, 1000, "mA"),
    Figure("up_to_ma", "Highest step given", "mA", Knowledge.COMMANDED, 1000, "mA"),
    Figure("too_much_ma", "Step that was too much", "mA", Knowledge.COMMANDED, 1000, "mA"),
)
"""Beside a threshold, as components."""


def observations(summary: Summary, refers: Mapping[str, Resource]) -> Iterator[Named]:
    """All of them, channel by channel, then the thresholds in the order of the record."""
    when = _over(summary.period())
    totalled = {channel for channel, told in summary.channels.items() if told["pulses"] is not None}
    for channel in sorted(totalled | summary.with_current | summary.measured.keys()):  # others were given nothing
        told = summary.channels.get(channel, {})
        measured = summary.measured.get(channel, Measured())
        for figure in GIVEN:
            yield f"given {channel} {figure.name}", _of_channel(summary, channel, figure, told.get(figure.name), when, refers)
        for figure in MEASURED:
            value = getattr(measured, figure.name)
            read = when if value is None else _over(summary.period(measured.last_us))
            yield f"measured {channel} {figure.name}", _of_channel(summary, channel, figure, value, read, refers)
    for channel, ohm in sorted(summary.at_rest_ohm.items()):
        yield f"at rest {channel}", _of_channel(summary, channel, AT_REST, ohm, {}, refers)
    for place, told in enumerate(summary.thresholds, 1):
        yield f"threshold {place}", _threshold(summary, told, refers)


def _over(period: Mapping[str, str] | None) -> Resource:
    return {"effectivePeriod": period} if period else {}


def _of_channel(
    summary: Summary, channel: int, figure: Figure, value: Value, when: Resource, refers: Mapping[str, Resource]
) -> Resource:
    text = f"{figure.text}, channel {channel}"
    return _observation(summary, channel, "therapy", text, figure, value, refers) | when


def _threshold(summary: Summary, told: Mapping[str, Value], refers: Mapping[str, Resource]) -> Resource:
    channel = int(told["channel"] or 0)
    name = words(told["threshold"])
    text = f"{name.capitalize()} threshold, channel {channel}" if name else "Threshold"
    made = _observation(summary, channel, "exam", text, THRESHOLD, told["amplitude_ma"], refers)
    moment = summary.moment(told["t_s"] if isinstance(told["t_s"], int) else None)
    aside = [
        {"code": {"text": figure.text}, "valueQuantity": quantity(figure, value)}
        for figure in ASIDE
        if isinstance(value := told[figure.name], int)
    ]
    return made | ({"effectiveDateTime": moment} if moment else {}) | ({"component": aside} if aside else {})


def _observation(
    summary: Summary, channel: int, category: str, text: str, figure: Figure, value: Value, refers: Mapping[str, Resource]
) -> Resource:
    made: Resource = {"resourceType": "Observation", "partOf": [refers["procedure"]], "status": "final"}
    made["category"] = [coded(codes.OBSERVATION_CATEGORY, category)]
    made |= {"code": {"text": text}, "subject": refers["subject"]}
    if isinstance(value, int):
        made["valueQuantity"] = quantity(figure, value)
    else:
        made["dataAbsentReason"] = coded(codes.ABSENT_REASON, "unknown")
    if site := body_site(summary, channel):
        made["bodySite"] = site
    made["method"] = coded(codes.KNOWLEDGE, figure.knowledge.value, codes.KNOWN[figure.knowledge])
    return made | {"device": refers["device"]}


def quantity(figure: Figure, value: int) -> dict[str, Any]:
    """A figure in its unit."""
    told = value if figure.scale == 1 else value / figure.scale
    return {"value": told, "unit": figure.shown, "system": codes.UCUM, "code": figure.unit}
