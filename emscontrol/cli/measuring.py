"""What the verbs that measure have in common: their options, and the session that plays the procedure."""

import re
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypedDict, TypeVar

import click

from emscontrol.cli.figures import read_area_mm2, read_ua
from emscontrol.cli.places import journal_place
from emscontrol.cli.protocols import protocol_of
from emscontrol.cli.whole import Whole
from emscontrol.core.errors import UsageError
from emscontrol.core.units import period_us_from_hz
from emscontrol.session.spec import ProcedureSpec, SessionSpec
from emscontrol.wiring.address import DEFAULT_DEVICE

if TYPE_CHECKING:
    from emscontrol.protocol.model import Protocol

MAX_SPEED = "max"
DEFAULT_BODY = "healthy"
_PATH = click.Path(path_type=Path, readable=False)
_HZ = re.compile(r"[0-9]{1,3}(\.[0-9]{1,3})?", re.ASCII)
_Command = TypeVar("_Command", bound=Callable[..., Any])


class Asked(TypedDict):
    """What the command line says of a measurement, beside its pulse widths."""

    device: str
    channel: int
    muscle: str
    side: str
    pads: str
    rate_hz: str
    up_to: str
    step: str
    fine: str
    speed: str
    body: str
    scope: Path | None
    faults: tuple[str, ...]
    seed: int
    journal: Path | None


_OPTIONS = (
    click.option(
        "--device",
        default=DEFAULT_DEVICE,
        show_default=True,
        metavar="MODEL@PORT",
        help="Stimulator, for example p24@/dev/ttyACM0.",
    ),
    click.option("--channel", type=Whole(1), default=1, show_default=True, help="The stimulator's channel."),
    click.option("--muscle", default="", metavar="ID", help="Muscle, as docs/muscles.md lists them, for example quad_rf."),
    click.option(
        "--side",
        type=click.Choice(["left", "right", ""]),
        default="",
        show_default=False,
        metavar="[left|right]",
        help="Which side.",
    ),
    click.option("--pads", default="", metavar="WxH", help="Conductive size of the smaller electrode in cm, like 5x9."),
    click.option("--up-to", required=True, metavar="MA", help="The current may not go higher than this."),
    click.option("--step", default="1", show_default=True, metavar="MA", help="One step up."),
    click.option("--fine", default="0.5", show_default=True, metavar="MA", help="How closely a threshold is wanted."),
    click.option("--speed", default="1", show_default=True, help="1, or max: a simulated body answers, in virtual time."),
    click.option("--body", default="", metavar="NAME", help="Simulators only: who has the electrodes on."),
    click.option("--scope", type=_PATH, default=None, help="Simulators only: write the oscilloscope into this new file."),
    click.option("--fault", "faults", multiple=True, help="Simulators only: a fault, as `emssim faults` lists them."),
    click.option("--seed", default=0, help="Simulators only: seed of random faults."),
    click.option("--journal", type=_PATH, default=None, help="Where to keep the record: a new file."),
    click.option("--plain", is_flag=True, help="One line an event, no picture: for screen readers, bad lines and scripts."),
    click.option("--json", "as_json", is_flag=True, help="Print the result as JSON."),
)


def measuring_options(command: _Command) -> _Command:
    """The options of every verb that measures."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command


def session_for(kind: str, widths_us: tuple[int, ...], asked: Asked, home: str, protocol: str = "") -> SessionSpec:
    """The session that measures. Everything that only the command line can have wrong is refused here, with UsageError."""
    from emscontrol.protocol.travel import to_line
    from emscontrol.wiring.procedures import session_of

    simulated = asked["device"].endswith("@sim")
    if asked["speed"] not in ("1", MAX_SPEED):
        raise UsageError(f"--speed {asked['speed']!r} is no speed here.", "A person takes the time it takes: 1, or max.")
    if not simulated and (asked["speed"] == MAX_SPEED or asked["body"]):
        raise UsageError("--body and --speed belong to simulators.", "A real stimulator is on a real person.")
    loaded = protocol_of(protocol).protocol if protocol else None
    procedure = _plain_procedure(kind, widths_us, asked) if loaded is None else _procedure_of(loaded, asked)
    line = "" if loaded is None else to_line(loaded)
    session = session_of(procedure, asked["device"], str(journal_place(kind, home, asked["journal"], asked["scope"])), line)
    return replace(
        session,
        home=home,
        scope=str(asked["scope"] or ""),
        faults=asked["faults"],
        seed=asked["seed"],
        body=_body(asked),
    )


def _plain_procedure(kind: str, widths_us: tuple[int, ...], asked: Asked) -> ProcedureSpec:
    if not asked["muscle"] or not asked["pads"]:
        raise UsageError("The muscle and the pads are not named.", "Give --muscle ID and --pads WxH.")
    return ProcedureSpec(
        kind=kind,
        channel=asked["channel"],
        muscle=asked["muscle"],
        side=asked["side"],
        area_mm2=read_area_mm2(asked["pads"], "--pads"),
        up_to_ua=read_ua(asked["up_to"], "--up-to"),
        step_ua=read_ua(asked["step"], "--step"),
        fine_ua=read_ua(asked["fine"], "--fine"),
        widths_us=widths_us,
        period_us=_period_us(asked["rate_hz"]) if asked["rate_hz"] else _single_pulses_us(asked["device"]),
    )


def _procedure_of(protocol: "Protocol", asked: Asked) -> ProcedureSpec:
    """The search for the thresholds that a protocol needs: its own muscle, pads and pulse."""
    from emscontrol.wiring.procedures import procedure_for_protocol

    if asked["muscle"] or asked["pads"] or asked["side"]:
        raise UsageError("The protocol names muscle, side and pads itself.", "Leave --muscle, --side and --pads out.")
    up_to_ua, step_ua, fine_ua = (
        read_ua(asked["up_to"], "--up-to"),
        read_ua(asked["step"], "--step"),
        read_ua(asked["fine"], "--fine"),
    )
    return procedure_for_protocol(protocol, asked["channel"], up_to_ua, step_ua, fine_ua)


def _body(asked: Asked) -> str:
    from emscontrol.wiring.bodies import known_body

    name = asked["body"] or (DEFAULT_BODY if asked["speed"] == MAX_SPEED else "")
    return known_body(name) if name else ""


def _single_pulses_us(device: str) -> int:
    from emscontrol.wiring.address import parse_address
    from emscontrol.wiring.procedures import single_pulse_period_us

    return single_pulse_period_us(parse_address(device).model)


def _period_us(text: str) -> int:
    if _HZ.fullmatch(text) is None or not Decimal(text):
        raise UsageError(f"--rate-hz {text!r} is no rate.", "Write it like 35: pulses a second.")
    return period_us_from_hz(Decimal(text))
