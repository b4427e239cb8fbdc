"""Playing a procedure from the command line: with a person at the keys, or with a simulated body that answers."""

import click

from emscontrol.cli.measuring import MAX_SPEED, Asked
from emscontrol.cli.measuring_result import print_measured
from emscontrol.cli.outcome import Outcome, refused_run
from emscontrol.cli.refusal import refusal_as_json
from emscontrol.session.spec import ProcedureSpec, SessionSpec


def measure(
    ctx: click.Context,
    kind: str,
    widths_us: tuple[int, ...],
    plain: bool,
    as_json: bool,
    asked: Asked,
    protocol: str = "",
) -> None:
    """Play it, print what was found, and leave with the exit code of the session."""
    from emscontrol.cli.measuring import session_for

    simulated = asked["device"].endswith("@sim")
    with refusal_as_json(as_json, lambda reasons, _: refused_run(reasons, simulated).facts()):
        spec = session_for(kind, widths_us, asked, ctx.obj, protocol)
        outcome = _fast(spec, plain) if asked["speed"] == MAX_SPEED else _live(spec, plain)
    place = ProcedureSpec.from_json(spec.procedure)
    print_measured(outcome, as_json, plain, place, asked["pads"] or _pads(spec, place))
    ctx.exit(outcome.exit_code)


def _pads(spec: SessionSpec, place: ProcedureSpec) -> str:
    """The size of the pads of the protocol that was measured for."""
    from emscontrol.cli.measuring_entry import pads_of
    from emscontrol.protocol.travel import from_line

    return pads_of(from_line(spec.protocol).channels[place.channel].electrode)


def _live(spec: SessionSpec, plain: bool) -> Outcome:
    from emscontrol.cli.measuring_live import measure_live

    return measure_live(spec, plain)


def _fast(spec: SessionSpec, plain: bool) -> Outcome:
    from emscontrol.cli.run_fast import Listener
    from emscontrol.wiring.practice import measure_body
    from emscontrol.wiring.station import signer_of

    listener = Listener(plain)
    engine = measure_body(spec, spec.body, listener.hear, signer_of(spec.home)).engine
    return Outcome(
        engine.result, engine.reason, listener.duration_us, listener.totals, spec.journal, engine.output_unknown, True
    )
