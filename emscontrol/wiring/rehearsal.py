"""A whole session in virtual time, in this process: as fast as the machine can."""

from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

from emscontrol.core.errors import UsageError
from emscontrol.core.events import Event
from emscontrol.record.clock import local_wall_clock
from emscontrol.record.journal import Journal
from emscontrol.session.inputs import Note
from emscontrol.session.spec import SessionSpec
from emscontrol.session.virtual import VirtualRun, rehearse
from emscontrol.wiring.assembly import Assembly, assemble
from emscontrol.wiring.bedside import bystander_of
from emscontrol.wiring.ports import simulated_link


def rehearse_session(spec: SessionSpec, listener: Callable[[Event, int], None]) -> Assembly:
    """Run the session to its end; the engine of the returned assembly has result and totals.

    Raises UsageError for a real port, and what `assemble` raises.
    """
    assembly = assemble(spec)
    if not assembly.address.simulated:
        raise UsageError("--speed is for simulators; a person gets a session at its own pace.", "Leave --speed out.")
    with ExitStack() as stack:
        link = simulated_link(
            assembly.address.model,
            stack=stack,
            scope=spec.scope,
            faults=spec.faults,
            seed=spec.seed,
            watchdog_ms=spec.watchdog_ms,
            body=spec.body or None,
        )
        journal = Journal.create(Path(spec.journal), local_wall_clock, threaded=False, sync=False)
        stack.callback(journal.close)
        run = VirtualRun(assembly.engine, link, journal, listener, bystander=bystander_of(link))
        for event in assembly.opening:
            run.give(Note(event))
        rehearse(run)
    return assembly
