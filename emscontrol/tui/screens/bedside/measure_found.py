"""What a measurement has found: worked out from its record, so that it is what the record says, with how sure it is."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from emscontrol.core.errors import JournalBroken, UsageError
from emscontrol.core.events import Event
from emscontrol.core.units import format_ma
from emscontrol.measure.plot import table
from emscontrol.measure.rebuild import rebuild
from emscontrol.measure.strength_duration import CurvePoint
from emscontrol.measure.suggestion import Assessment, Suggestion, assess
from emscontrol.record.replay import final_state, read_events
from emscontrol.tui.language import _

if TYPE_CHECKING:
    pass

LMN_OF: Final = {
    Suggestion.INNERVATED: "intact",
    Suggestion.PARTLY: "partial",
    Suggestion.DENERVATED: "absent",
}
"""The finding of the nerve that a suggestion would be; an undecided one is none."""


@dataclass(frozen=True, slots=True)
class Found:
    """The findings of one record. `over` is False where the procedure was left before its end; `simulated` as recorded.

    `journal_id` is that by which the book knows the record. `ending` says how it ended.
    """

    findings: tuple[Event, ...]
    over: bool
    simulated: bool
    journal_id: str
    ending: str
    points: tuple[CurvePoint, ...] = ()

    @property
    def thresholds(self) -> list[Event]:
        """Thresholds that were found, in mA from the weakest; where nothing was felt the end is no comfort level."""
        found = [event for event in self.findings if event.kind == "threshold_found"]
        return [event for event in found if not (self.nothing_felt and event.args["threshold"] == "comfort")]

    @property
    def nothing_felt(self) -> bool:
        """Nobody felt a step, so that no step can be called comfortable."""
        return any(event.kind == "threshold_absent" and event.args["threshold"] == "sensory" for event in self.findings)

    @property
    def assessment(self) -> Assessment | None:
        """What the curve suggests; None without a curve."""
        return assess(self.points) if self.points else None

    @property
    def lmn(self) -> str:
        """The finding of the nerve that may be kept, "" for none."""
        assessment = self.assessment
        return LMN_OF.get(assessment.suggestion, "") if assessment is not None else ""


def found_in(journal: str) -> Found:
    """Read a record. Raises JournalBroken or UsageError where it cannot be read."""
    records = list(read_events(Path(journal)))
    if not records:
        raise JournalBroken(_("The record is empty: nothing was measured."), _("Measure again."))
    rebuilt = rebuild(record.event for record in records)
    final = final_state(Path(journal))
    ending = f"{final.result}: {final.reason}" if final.ended else _("the record has no end")
    simulated = bool(records[0].event.args["simulated"])
    return Found(rebuilt.findings, rebuilt.over, simulated, _hash_of_first(journal), ending, rebuilt.points)


def found_words(found: Found) -> Iterator[str]:
    """Line by line, with how sure each is."""
    for event in found.findings:
        if event.kind == "threshold_found":
            yield f"{_(str(event.args['threshold'])):<8} {_found(event, found.nothing_felt)}"
        elif event.kind == "threshold_absent":
            yield f"{_(str(event.args['threshold'])):<8} {_absent(event)}"
    yield from table(found.points)
    assessment = found.assessment
    if assessment is not None:
        yield ""
        yield _("Suggestion, no diagnosis: {suggestion}.").format(suggestion=_(assessment.suggestion.value).upper())
        yield assessment.reason


def _found(event: Event, nothing_felt: bool) -> str:
    told = _ma(event, "amplitude_ua")
    if event.args["threshold"] == "comfort":
        unfelt = _("; nothing was felt, so this is where somebody stopped, and no comfort level")
        return told + (unfelt if nothing_felt else _(", the most that was comfortable"))
    below_ua, at_ua = event.args.get("below_ua"), event.args["amplitude_ua"]
    if not isinstance(below_ua, int) or not isinstance(at_ua, int):
        return told
    if not below_ua:
        return _("{at}, the first step").format(at=told)
    return _("{at}, not at {below}: known to {step}").format(
        at=told, below=format_ma(below_ua), step=format_ma(at_ua - below_ua)
    )


def _absent(event: Event) -> str:
    too_much = "" if event.args.get("too_much_ua") is None else _(", too much at {ma}").format(ma=_ma(event, "too_much_ua"))
    if not event.args.get("up_to_ua"):
        return _("not measured") + too_much
    if event.args["threshold"] == "comfort":
        told = _("comfortable up to {ma}").format(ma=_ma(event, "up_to_ua"))
        return told + (too_much or _(", the limit was not reached"))
    return _("none up to {ma}").format(ma=_ma(event, "up_to_ua")) + too_much


def _ma(event: Event, name: str) -> str:
    value = event.args.get(name)
    return format_ma(value) if isinstance(value, int) else "?"


def _hash_of_first(journal: str) -> str:
    from emscontrol.record.line import link

    with Path(journal).open("rb") as file:
        first = link(file.readline().rstrip(b"\n"))
    if first is None:
        raise UsageError(_("The record has no first line."), _("Measure again."))
    return first.hash
