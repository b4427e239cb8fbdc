"""What was asked for on the form, read into the procedure that measures it. Raises UsageError by the field that is wrong."""

import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Final

from emscontrol.core.errors import EmsError, UsageError
from emscontrol.core.units import mm2_from_cm2, period_us_from_hz
from emscontrol.record.place import journal_folder, journal_name, room_for_journal
from emscontrol.session.spec import ProcedureSpec, SessionSpec
from emscontrol.tui.bench import Bench
from emscontrol.tui.choices import Rehearsal, is_simulated, typed_device
from emscontrol.tui.figures import typed_ua
from emscontrol.tui.language import _

if TYPE_CHECKING:
    from emscontrol.protocol.model import Protocol

THRESHOLD: Final = "threshold"
CURVE: Final = "strength-duration"
USUAL_WIDTH_US: Final = 300
USUAL_RATE_HZ: Final = 35
_PADS: Final = re.compile(r"([0-9]{1,2}(?:\.[0-9])?) ?x ?([0-9]{1,2}(?:\.[0-9])?)", re.ASCII)
_WIDTHS: Final = re.compile(r"[1-9][0-9]{0,5}(?:[ ,]+[1-9][0-9]{0,5})*", re.ASCII)
_HZ: Final = re.compile(r"[0-9]{1,3}(?:\.[0-9]{1,3})?", re.ASCII)

Answers = Mapping[str, str]


def procedure_asked(answers: Answers, protocol: "Protocol | None", bench: Bench) -> ProcedureSpec:
    """The procedure. A threshold search for a plan takes the pulses of its protocol, everything else those of the form."""
    up_to_ua, step_ua, fine_ua = (_ua(answers, *field) for field in (("up_to", "Up to"), ("step", "Step"), ("fine", "Fine")))
    channel = _channel(answers["channel"])
    if protocol is not None and answers["kind"] == THRESHOLD:
        return bench.procedure_for(protocol, channel, up_to_ua, step_ua, fine_ua)
    device, kind = device_asked(answers, bench), answers["kind"]
    muscle, side, area_mm2 = _place(answers, protocol, channel)
    return ProcedureSpec(
        kind=kind,
        channel=channel,
        muscle=muscle,
        side=side,
        area_mm2=area_mm2,
        up_to_ua=up_to_ua,
        step_ua=step_ua,
        fine_ua=fine_ua,
        widths_us=_widths_us(answers["widths"], kind, device, bench),
        period_us=_period_us(answers["rate"], kind, device, bench),
    )


def in_fields(problem: EmsError) -> str:
    """What was refused and what to do, with the fields of the form in place of the command line's options."""
    told = f"{problem.what} {problem.remedy}".strip()
    for option, field in (("--up-to", _("Up to")), ("--step", _("Step")), ("--body", _("Simulated body"))):
        told = told.replace(option, field)
    return told


def device_asked(answers: Answers, bench: Bench) -> str:
    """MODEL@PORT, as typed or as chosen."""
    typed = answers["port"] or answers["device"]
    if not typed:
        raise UsageError(_("No stimulator is chosen."), _("Choose one, or type MODEL@PORT."))
    return typed_device(typed, bench.models)


def spec_asked(
    procedure: ProcedureSpec, device: str, protocol: "Protocol | None", body: str, bench: Bench, home: str, rehearsal: Rehearsal
) -> SessionSpec:
    """The session that measures, with a place for its record. Raises StorageError when there is no room for one."""
    from emscontrol.protocol.travel import to_line

    folder = journal_folder(Path(home) if home else None)
    room_for_journal(folder)
    journal = str((folder / journal_name(procedure.kind, datetime.now(UTC))).absolute())
    line = to_line(protocol) if protocol is not None and procedure.kind == THRESHOLD else ""
    spec = replace(bench.measuring(procedure, device, journal, line), home=home)
    if not is_simulated(device):
        return spec
    return replace(spec, body=body, speed=rehearsal.speed, scope=rehearsal.scope, faults=rehearsal.faults)


def _ua(answers: Answers, name: str, words: str) -> int:
    try:
        return typed_ua(answers[name])
    except UsageError as problem:
        raise UsageError(f"{_(words)}: {problem.what}", problem.remedy) from problem


def _channel(text: str) -> int:
    if not text.isascii() or not text.isdigit() or not 1 <= int(text) <= 99:
        raise UsageError(_("Channel: {text} is no channel.").format(text=repr(text)), _("Write its number, as 1."))
    return int(text)


def _place(answers: Answers, protocol: "Protocol | None", channel: int) -> tuple[str, str, int]:
    if protocol is not None:
        place = protocol.channels[channel]
        return place.muscle, place.side.value, place.electrode.area_mm2
    return answers["muscle"], answers["side"], area_mm2(answers["pads"])


def area_mm2(text: str) -> int:
    """The area of a pad typed as WxH in cm, in whole mm², rounded down."""
    match = _PADS.fullmatch(text.strip())
    area = mm2_from_cm2(Fraction(match[1]) * Fraction(match[2])) if match else 0
    if not area:
        raise UsageError(_("Pads: {text} is no size.").format(text=repr(text)), _("Write the smaller pad in cm, as 5x9."))
    return area


def _widths_us(text: str, kind: str, device: str, bench: Bench) -> tuple[int, ...]:
    """Those that were typed, else the usual ones."""
    if not text:
        return bench.usual_widths_us(device.partition("@")[0]) if kind == CURVE else (USUAL_WIDTH_US,)
    if _WIDTHS.fullmatch(text) is None:
        raise UsageError(_("Widths: {text} are none.").format(text=repr(text)), _("Write them in µs, as 300 or 300 500 1000."))
    found = tuple(int(width) for width in re.split(r"[ ,]+", text))
    if kind == THRESHOLD and len(found) > 1:
        raise UsageError(_("A threshold search has one pulse width."), _("Give one, or measure the curve."))
    return found


def _period_us(text: str, kind: str, device: str, bench: Bench) -> int:
    """That of the rate that was typed, else single pulses for a curve and the usual rate for a search."""
    if not text:
        single = kind == CURVE
        return bench.single_pulse_us(device.partition("@")[0]) if single else period_us_from_hz(USUAL_RATE_HZ)
    if _HZ.fullmatch(text) is None or not Decimal(text):
        raise UsageError(_("Rate: {text} is none.").format(text=repr(text)), _("Write it like 35: pulses a second."))
    return period_us_from_hz(Decimal(text))
