"""`emscontrol electrodes`."""

import json
import os
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import click

from emscontrol.cli.keys import RawKeys
from emscontrol.cli.outcome import Outcome
from emscontrol.cli.places import journal_place
from emscontrol.cli.refusal import refusal_as_json
from emscontrol.cli.run_live import LiveRun
from emscontrol.cli.stop_signals import StopSignals
from emscontrol.core.errors import ExitCode
from emscontrol.measure.electrodes import ADVICE, Contact, contact
from emscontrol.session.handle import EngineHandle, start_engine
from emscontrol.session.spec import ProcedureSpec, SessionSpec
from emscontrol.wiring.address import DEFAULT_DEVICE

DONE = "all channels are measured"
NOT_SEEN: Final = "Good says that the pads stick. Dry skin, and gel that begins to dry, do not show here: look at them too."
_PATH = click.Path(path_type=Path, readable=False)


@click.command()
@click.option(
    "--device",
    default=DEFAULT_DEVICE,
    show_default=True,
    metavar="MODEL@PORT",
    help="Stimulator, for example p24@/dev/ttyACM0.",
)
@click.option("--channel", "channels", type=click.IntRange(1), multiple=True, help="A channel (repeatable); else all.")
@click.option("--body", default="", metavar="NAME", help="Simulators only: who has the electrodes on.")
@click.option("--fault", "faults", multiple=True, help="Simulators only: a fault, as `emssim faults` lists them.")
@click.option("--journal", type=_PATH, default=None, help="Where to keep the record: a new file.")
@click.option("--plain", is_flag=True, help="One line an event.")
@click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")
@click.pass_context
def electrodes(ctx: click.Context, /, device: str, channels: tuple[int, ...], plain: bool, as_json: bool, **asked: Any) -> None:
    """Measure the contact of the electrodes at rest, where the stimulator can, with a test pulse that nobody feels.

    It finds leads and pads that are off, pads that touch, and pads of which little sticks. A pulse as short as this one goes
    through skin that is dry, cold or hairy as through any other: the check cannot see that.

    Exit code 0 when all are good, 4 when one is not.
    """
    with refusal_as_json(as_json, lambda reasons, _: {"result": "refused", "reason": " ".join(reasons), "channels": {}}):
        spec = _session(device, channels, ctx.obj, asked)
        wanted = channels or _all_channels(device)
        found, outcome = _check(spec, wanted, plain)
    _print(found, outcome, as_json)
    good = len(found) == len(wanted) and all(contact(ohm) is Contact.GOOD for ohm in found.values())
    ctx.exit(int(ExitCode.FINE if good else ExitCode.DEVICE))


def _all_channels(device: str) -> tuple[int, ...]:
    from emscontrol.devices.registry import profile
    from emscontrol.wiring.address import parse_address

    return tuple(range(1, profile(parse_address(device).model).capabilities.channels + 1))


def _session(device: str, channels: tuple[int, ...], home: str, asked: Mapping[str, Any]) -> SessionSpec:
    """Everything that only the command line can have wrong, and a stimulator that does not measure, is refused here."""
    from emscontrol.devices.registry import profile
    from emscontrol.wiring.address import parse_address
    from emscontrol.wiring.bodies import known_body
    from emscontrol.wiring.electrode_check import KIND, require_channels, require_measuring
    from emscontrol.wiring.procedures import session_of

    capabilities = profile(parse_address(device).model).capabilities
    require_measuring(capabilities)
    require_channels(channels, capabilities)
    path = journal_place(KIND, home, asked["journal"])
    procedure = ProcedureSpec(KIND, 1, "", "", 0, 0, 0, 0, (), 0)
    session = session_of(procedure, device, str(path))
    return replace(session, home=home, faults=asked["faults"], body=known_body(asked["body"]) if asked["body"] else "")


def _check(spec: SessionSpec, channels: tuple[int, ...], plain: bool) -> tuple[dict[int, int | None], Outcome]:
    signals = StopSignals()
    with RawKeys() as keys:
        handle = start_engine(spec, f"emscontrol electrodes, process {os.getpid()}")
        run = CheckingRun(handle, spec, plain, keys, signals, channels)
        outcome = run.serve()
        return run.found, outcome


class CheckingRun(LiveRun):
    """One channel after another; the session ends with the last. `found` is the impedance in Ω, None for an open circuit."""

    def __init__(
        self,
        handle: EngineHandle,
        spec: SessionSpec,
        plain: bool,
        keys: RawKeys,
        signals: StopSignals,
        channels: tuple[int, ...],
    ) -> None:
        super().__init__(handle, spec, plain, keys, signals)
        self._left = list(channels)
        self.found: dict[int, int | None] = {}

    def _go_on(self, state: str) -> None:
        if state == "connected":
            self._next()
        else:
            super()._go_on(state)

    def _hear_event(self, message: Mapping[str, Any]) -> None:
        super()._hear_event(message)
        if message["event"] == "electrode_checked":
            self.found[message["args"]["channel"]] = message["args"]["ohm"]
            self._next()

    def _next(self) -> None:
        if self._stopping:
            return
        if self._left:
            self._handle.say("check", channel=self._left.pop(0))
        else:
            self._stop("electrode check", DONE)


def _print(found: Mapping[int, int | None], outcome: Outcome, as_json: bool) -> None:
    done = outcome.result == "stopped" and outcome.cause.endswith(DONE)
    result = "measured" if done else outcome.result
    if as_json:
        facts = {str(channel): {"ohm": ohm, "contact": contact(ohm).value} for channel, ohm in found.items()}
        told = outcome.facts()
        click.echo(json.dumps({"result": result, "reason": told["reason"], "channels": facts, "journal": told["journal"]}))
    else:
        click.echo(f"{'SIMULATION: electrodes' if outcome.simulated else 'Electrodes'} {result}.")
        for channel, ohm in found.items():
            verdict = contact(ohm)
            figure = "–" if ohm is None else f"{ohm} Ω"
            click.echo(f"  channel {channel}: {figure}, {verdict.value}. {ADVICE[verdict]}".rstrip())
        if any(contact(ohm) is Contact.GOOD for ohm in found.values()):
            click.echo(f"  {NOT_SEEN}")
        click.echo(f"  record: {outcome.journal}")
    if outcome.output_unknown:
        click.echo("*** OUTPUT UNKNOWN. Pull the leads off the stimulator now. ***", err=True)
