"""`emscontrol run`."""

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias, TypedDict, Unpack, cast

import click
from click.core import ParameterSource

from emscontrol.cli.outcome import Outcome, print_outcome, refused_run
from emscontrol.cli.places import journal_place
from emscontrol.cli.refusal import refusal_as_json
from emscontrol.cli.thresholds import check_levels, read_thresholds
from emscontrol.cli.whole import Whole
from emscontrol.core.errors import UsageError
from emscontrol.desk.wanted import Wanted
from emscontrol.session.spec import SessionSpec
from emscontrol.wiring.address import DEFAULT_DEVICE, require_simulator

if TYPE_CHECKING:
    from emscontrol.protocol.load import LoadedProtocol

Levels: TypeAlias = dict[str, int]

MAX_SPEED = "max"
SPEED_TOP = 1000.0
WATCHDOG_TOP_MS = 3_600_000
_PATH = click.Path(path_type=Path, readable=False)  # this program says itself, and better, what is wrong with a path


class Asked(TypedDict):
    """What the command line says of a session, beside its protocol."""

    device: str
    comfort: tuple[str, ...]
    motor: tuple[str, ...]
    speed: str
    scope: Path | None
    faults: tuple[str, ...]
    seed: int
    watchdog_ms: int | None
    body: str
    journal: Path | None


@click.command()
@click.argument("file", type=_PATH, required=False)
@click.option("--appointment", type=Whole(min=1), default=None, help="The session of this appointment of the book.")
@click.option("--patient", default="", help="With --appointment: the code on the patient's own card; asked for if left out.")
@click.option("--accept-estimated", is_flag=True, help="With --appointment: take levels that were carried over.")
@click.option(
    "--not-today",
    default="",
    metavar="WHY",
    help="With --appointment: why one of another day is run today; it is moved to now.",
)
@click.option(
    "--device",
    default=DEFAULT_DEVICE,
    show_default=True,
    metavar="MODEL@PORT",
    help="Stimulator, for example p24@/dev/ttyACM0. An appointment has its plan's own, where none is given.",
)
@click.option("--comfort", multiple=True, metavar="CH=MA", help="Comfort level of each channel; an appointment has its own.")
@click.option("--motor", multiple=True, metavar="CH=MA", help="Motor threshold, where the protocol asks for it.")
@click.option("--speed", default="1", show_default=True, help="Simulators only: so many times real time, or max.")
@click.option("--scope", type=_PATH, default=None, help="Simulators only: write the oscilloscope into this new file.")
@click.option("--fault", "faults", multiple=True, help="Simulators only: a fault, as `emssim faults` lists them (repeatable).")
@click.option("--seed", default=0, help="Simulators only: seed of random faults.")
@click.option("--watchdog-ms", type=Whole(1, WATCHDOG_TOP_MS), default=None, help="Simulators only: the device's own watchdog.")
@click.option(
    "--body", default="", metavar="NAME", help="Simulators only: who has the electrodes on, as `emssim bodies` lists them."
)
@click.option("--journal", type=_PATH, default=None, help="Where to keep the record: a new file.")
@click.option("--plain", is_flag=True, help="One line an event: for screen readers, bad lines and scripts.")
@click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")
@click.pass_context
def run(
    ctx: click.Context,
    file: Path | None,
    appointment: int | None,
    patient: str,
    accept_estimated: bool,
    not_today: str,
    plain: bool,
    as_json: bool,
    **asked: Unpack[Asked],
) -> None:
    """Run the session in FILE, or of an appointment, on a stimulator. Ctrl+C, Space or `emscontrol stop` stop it."""
    given = ctx.get_parameter_source("device") is ParameterSource.COMMANDLINE
    device = asked["device"] if given or appointment is None else ""
    with refusal_as_json(as_json, lambda reasons, _: refused_run(reasons, device.endswith("@sim")).facts()):
        if (file is None) == (appointment is None):
            raise UsageError("What is to be run?", "Give a protocol file, or an appointment of the book with --appointment.")
        if appointment is not None:
            wanted = Wanted(appointment, patient, device, accept_estimated, not_today)
            outcome = _booked(wanted, plain, ctx.obj, asked)
        else:
            if patient or accept_estimated or not_today:
                raise UsageError("--patient, --accept-estimated and --not-today belong to --appointment.", "Leave them out.")
            outcome = _play(_session(cast("Path", file), device, ctx.obj, asked), plain, asked["speed"])
    print_outcome(outcome, as_json)
    ctx.exit(outcome.exit_code)


def _booked(wanted: Wanted, plain: bool, home: str, asked: Asked) -> Outcome:
    from emscontrol.cli.run_booked import run_booked

    if asked["comfort"] or asked["motor"]:
        raise UsageError(
            "An appointment has the levels of the book.", "Measure anew and enter it: emscontrol patient threshold."
        )

    def make(loaded: "LoadedProtocol", chosen: str, comfort: Levels, motor: Levels, booking: str) -> SessionSpec:
        return replace(_spec(loaded, chosen, comfort, motor, home, asked), booking=booking)

    return run_booked(home, wanted, make, lambda spec: _play(spec, plain, asked["speed"]))


def _session(file: Path, device: str, home: str, asked: Asked) -> SessionSpec:
    """The session that is asked for. Everything that only the command line can have wrong is refused here."""
    from emscontrol.protocol.load import load_file

    loaded = load_file(file)
    comfort_ua, motor_ua = read_thresholds(asked["comfort"], "--comfort"), read_thresholds(asked["motor"], "--motor")
    check_levels(loaded.protocol, comfort_ua, motor_ua)
    return _spec(loaded, device, comfort_ua, motor_ua, home, asked)


def _spec(loaded: "LoadedProtocol", device: str, comfort_ua: Levels, motor_ua: Levels, home: str, asked: Asked) -> SessionSpec:
    from emscontrol.protocol.travel import to_line

    return SessionSpec(
        device=device,
        protocol=to_line(loaded.protocol),
        protocol_text=loaded.text,
        sha256=loaded.sha256,
        comfort_ua=comfort_ua,
        motor_ua=motor_ua,
        journal=str(journal_place(loaded.protocol.id, home, asked["journal"], asked["scope"])),
        home=home,
        speed=_speed(asked["speed"]),
        scope=str(asked["scope"] or ""),
        faults=asked["faults"],
        seed=asked["seed"],
        watchdog_ms=asked["watchdog_ms"],
        body=_body(device, asked["body"]),
    )


def _body(device: str, name: str) -> str:
    """The simulated body, with a file's path made whole; whether there is such a body is said before anything is made."""
    if not name:
        return ""
    from emscontrol.wiring.bodies import known_body

    require_simulator(device, "--body belongs to simulators")
    return known_body(name)


def _play(spec: SessionSpec, plain: bool, speed: str) -> Outcome:
    if speed == MAX_SPEED:
        from emscontrol.cli.run_fast import run_fast

        return run_fast(spec, plain)
    from emscontrol.cli.run_live import run_live

    return run_live(spec, plain)


def _speed(text: str) -> float:
    if text == MAX_SPEED:
        return 1.0
    try:
        speed = float(text)
    except ValueError:
        speed = 0.0
    if not 0.1 <= speed <= SPEED_TOP:
        raise UsageError(f"--speed {text!r} is no speed.", f"Give a number from 0.1 to {SPEED_TOP:g}, or max.")
    return speed
