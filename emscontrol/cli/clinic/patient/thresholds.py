"""`emscontrol patient threshold` and `thresholds`."""

from datetime import date, time
from typing import Any

import click

from emscontrol.cli.clinic.command import book_command, on_a_terminal
from emscontrol.cli.clinic.desk import Desk
from emscontrol.cli.clinic.found import taken_at
from emscontrol.cli.clinic.options import AT, MUSCLE, ON, SIDE
from emscontrol.cli.clinic.patient.electrodes import how_to_add
from emscontrol.cli.clinic.typed import MA, PADS, amplitude_ua, area_mm2
from emscontrol.clinic.patients.electrode_sets import set_in_use
from emscontrol.clinic.patients.lookup import Level, level_for
from emscontrol.clinic.patients.patients import find_patient
from emscontrol.clinic.patients.thresholds import (
    KINDS,
    Measured,
    far_above_words,
    is_due,
    last_far_below,
    newest_thresholds,
    record_threshold,
)
from emscontrol.clinic.tables.findings import Threshold
from emscontrol.core.errors import UsageError
from emscontrol.core.units import format_ma

_COLUMNS = {
    "number": "NUMBER",
    "muscle": "MUSCLE",
    "side": "SIDE",
    "kind": "KIND",
    "amplitude_ma": "MA",
    "width_us": "µS",
    "area_cm2": "CM²",
    "measured_at": "MEASURED",
    "due": "DUE AGAIN",
    "how": "HOW",
}
_PAD_SIZE = click.option(
    "--pads", type=area_mm2, required=True, metavar=PADS, help="Size of the smaller electrode in cm, as 5x9."
)
_WIDTH = click.option("--width-us", type=click.IntRange(1), required=True, help="Pulse width of one phase.")


@book_command
@click.argument("patient")
@click.argument("kind", type=click.Choice(KINDS))
@click.argument("amplitude", type=amplitude_ua, metavar=MA)
@MUSCLE
@SIDE
@_PAD_SIZE
@_WIDTH
@click.option("--rate-hz", type=click.IntRange(1, 150), default=None, help="Pulses a second, where that is known.")
@click.option("--how", default="by hand", show_default=True, help="How it was measured.")
@click.option(
    "--much-higher",
    default="",
    metavar="REASON",
    help="Why a comfort level is right that is more than a quarter above the last one; asked for on a terminal.",
)
@ON
@AT
def threshold(
    desk: Desk,
    patient: str,
    kind: str,
    amplitude: int,
    muscle: str,
    side: str,
    pads: int,
    width_us: int,
    rate_hz: int | None,
    how: str,
    much_higher: str,
    on: date | None,
    at: time | None,
) -> None:
    """A threshold of PATIENT as it was measured: sensory, motor or comfort, in milliamperes."""
    measured = Measured(
        muscle=muscle,
        side=side,
        kind=kind,
        area_mm2=pads,
        width_us=width_us,
        amplitude_ua=amplitude,
        how=how,
        measured_at=taken_at(desk, desk.now(), on, at),
        rate_mhz=None if rate_hz is None else rate_hz * 1000,
    )
    why = much_higher or _why_much_higher(desk, patient, measured)
    with desk.writing("thresholds") as (session, actor, now):
        row = record_threshold(session, actor, now, find_patient(session, patient).id, measured, why)
        without = set_in_use(session, row.patient_id, pads, muscle, side) is None
    words = f"{patient}: {kind} of {muscle} {side} {format_ma(amplitude)} at {width_us} µs on {pads / 100:g} cm²."
    desk.paper.done(words, threshold_facts(row, due=False))
    if without:
        place = f"{muscle} {side}"
        click.echo(f"No electrodes of {pads / 100:g} cm² are entered for {place}: {how_to_add(patient, place)}", err=True)


@book_command
@click.argument("patient")
@click.option("--muscle", default=None, metavar="ID", help="What holds for this muscle, with --side, --pads and --width-us.")
@click.option("--side", type=click.Choice(["left", "right"]), default=None, help="Side of the body.")
@click.option("--pads", type=area_mm2, default=None, metavar=PADS, help="Size of the smaller electrode in cm, as 5x9.")
@click.option("--width-us", type=click.IntRange(1), default=None, help="Pulse width of one phase.")
def thresholds(desk: Desk, patient: str, muscle: str | None, side: str | None, pads: int | None, width_us: int | None) -> None:
    """The newest thresholds of PATIENT; for one muscle and pulse what holds today, measured or estimated, and from where."""
    given = (muscle, side, pads, width_us)
    if muscle is not None and side is not None and pads is not None and width_us is not None:
        _levels(desk, patient, muscle, side, pads, width_us)
        return
    if any(value is not None for value in given):
        raise UsageError("What holds depends on the muscle, its side, the pads and the pulse.", "Give all four, or none.")
    days = desk.book.about.threshold_days
    with desk.reading("look") as (session, _, now):
        found = newest_thresholds(session, find_patient(session, patient).id)
        rows = [threshold_facts(row, is_due(row.measured_at, now, days)) for row in found]
    desk.paper.rows("thresholds", rows, _COLUMNS, f"No threshold of {patient} was measured.")


def threshold_facts(row: Threshold, due: bool) -> dict[str, Any]:
    """One threshold as it was measured; `due` when it is older than the book allows."""
    return {
        "number": row.id,
        "muscle": row.muscle,
        "side": row.side,
        "kind": row.kind,
        "amplitude_ma": row.amplitude_ua / 1000,
        "width_us": row.width_us,
        "area_cm2": row.area_mm2 / 100,
        "rate_hz": None if row.rate_mhz is None else row.rate_mhz / 1000,
        "how": row.how,
        "measured_at": row.measured_at,
        "measured_by": row.measured_by,
        "due": due,
    }


def _why_much_higher(desk: Desk, patient: str, measured: Measured) -> str:
    """Asked on a terminal, where a level is far above the last one; "" elsewhere, and the book refuses it."""
    if not on_a_terminal():
        return ""
    with desk.reading("thresholds") as (session, _, _now):
        last = last_far_below(session, find_patient(session, patient).id, measured)
    if last is None:
        return ""
    click.echo(f"{far_above_words(measured, last)} Ctrl+C keeps nothing.", err=True)
    why: str = click.prompt("If it is right, why", err=True)
    return why


def _levels(desk: Desk, patient: str, muscle: str, side: str, pads: int, width_us: int) -> None:
    days = desk.book.about.threshold_days
    with desk.reading("look") as (session, _, now):
        number = find_patient(session, patient).id
        found = {
            kind: level_for(session, number, muscle, side, kind, pads, width_us, now, days, zone=desk.zone) for kind in KINDS
        }
    facts = {
        kind: {
            "amplitude_ma": level.amplitude_ua / 1000 if isinstance(level, Level) else None,
            "estimated": isinstance(level, Level) and level.estimated,
            "stale": isinstance(level, Level) and level.stale,
            "sentence": level.sentence,
        }
        for kind, level in found.items()
    }
    desk.paper.lines([level.sentence for level in found.values()], {"patient": patient, "levels": facts})
